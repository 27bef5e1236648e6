#!/usr/bin/env python3
"""Downloads targets from a TUF repository with python-tuf's client, which shares no code with kscmirror.

    ngclient.py [--ca FILE] [--metadata-dir DIR] METADATA_URL TARGETS_URL ROOT_JSON DOWNLOAD_DIR [TARGET...]
    ngclient.py --serve DIR [--defaults] METADATA_PATH TARGETS_PATH ROOT_JSON DOWNLOAD_DIR [TARGET...]

Trusts ROOT_JSON and nothing else to begin with, brings the metadata up to date, then writes each target to
DOWNLOAD_DIR/TARGET and prints its length, its SHA-256 and its path. With --serve it takes them from a folder, by an
HTTP server of its own on the loopback interface; with --defaults none of python-tuf's settings is changed. Exits 1 with a message as soon as anything does
not verify, cannot be had or is not there. Needs python-tuf 7 (6 would do): `Mirror/conformance --python` names a
Python that has it.
"""

import argparse
import contextlib
import functools
import hashlib
import http.server
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import urllib3
from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater, UpdaterConfig

MIB = 1024 * 1024
FAILURES = (DownloadError, RepositoryError, urllib3.exceptions.HTTPError, OSError, ValueError)

# The metadata of a whole update tree is larger than python-tuf's defaults (targets 5 MB, snapshot 2 MB).
CONFIG = UpdaterConfig(
    root_max_length=1 * MIB,
    timestamp_max_length=1 * MIB,
    snapshot_max_length=64 * MIB,
    targets_max_length=256 * MIB,
    prefix_targets_with_hash=True,
    app_user_agent="kscmirror-interoperability",
)


def destination(directory: Path, target: str) -> Path:
    parts = target.split("/")
    if target != str(PurePosixPath(target)) or target.startswith("/") or ".." in parts or "\0" in target:
        raise ValueError("not a plain relative path")
    return directory / target


def reasons(error: BaseException) -> str:
    texts = []
    while error is not None:
        # This is how python-tuf 7 ends if no connection comes about: https to a server with an unknown CA, for one.
        unbound = isinstance(error, UnboundLocalError)
        texts.append("no connection" if unbound else " ".join([f"{type(error).__name__}: {error}", *notes(error)]))
        error = error.__cause__
    return ", because of ".join(texts)


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serves a folder on the loopback interface: the address of its top."""
    handler = functools.partial(QuietHandler, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def download(options: argparse.Namespace, metadata_dir: str) -> None:
    updater = Updater(
        metadata_dir=metadata_dir,
        metadata_base_url=options.metadata_url,
        target_base_url=options.targets_url,
        config=UpdaterConfig() if options.defaults else CONFIG,
        bootstrap=options.root_json.read_bytes(),
    )
    updater.refresh()
    for target in options.targets:
        try:
            download_target(updater, target, destination(options.download_dir, target))
        except FAILURES as error:
            error.add_note(f"(target {target!r})")
            raise


def download_target(updater: Updater, target: str, path: Path) -> None:
    info = updater.get_targetinfo(target)
    if info is None:
        raise RepositoryError("no role vouches for it")
    if updater.find_cached_target(info, str(path)) is None:
        updater.download_target(info, str(path))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    print(info.length, digest, target)


def main() -> int:
    parser = argparse.ArgumentParser(description="Downloads targets from a TUF repository with python-tuf's client.")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="trust these CAs for https, and no others")
    parser.add_argument("--serve", type=Path, metavar="DIR", help="serve this folder; the URLs are paths below it")
    parser.add_argument("--defaults", action="store_true", help="change none of python-tuf's settings")
    parser.add_argument("--metadata-dir", metavar="DIR", help="keep the verified metadata here from run to run")
    parser.add_argument("metadata_url")
    parser.add_argument("targets_url")
    parser.add_argument("root_json", type=Path)
    parser.add_argument("download_dir", type=Path)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    options = parser.parse_args()
    try:
        if options.ca is not None:
            # python-tuf's fetcher takes OpenSSL's default places, which these two name.
            os.environ["SSL_CERT_FILE"] = str(options.ca.resolve(strict=True))
            os.environ["SSL_CERT_DIR"] = os.devnull
        options.download_dir.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            if options.serve is not None:
                base = stack.enter_context(served(options.serve.resolve(strict=True)))
                options.metadata_url, options.targets_url = base + options.metadata_url, base + options.targets_url
            directory = options.metadata_dir or stack.enter_context(tempfile.TemporaryDirectory())
            Path(directory).mkdir(parents=True, exist_ok=True)
            download(options, directory)
    except FAILURES as error:
        print(f"ngclient.py: {reasons(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
