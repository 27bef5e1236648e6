"""What both loops stand on: stores, keys, a server, runs of the program, and what must hold after each run."""

import collections
import hashlib
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

SECRET = b"ENDURANCE-SECRET-THAT-ONLY-ITS-OWNER-MAY-READ"
TIME_LIMIT = 60
MOST_MEMORY = 1 << 30
# The statuses that tell of something that came from outside (ExitStatus.isOfWhatCame): each refusal with one of them is a
# line in the journal.
OF_WHAT_CAME = {
    65,
    76,
    80,
    84,
    86,
    87,
    90,
    91,
    92,
    93,
    96,
    97,
    98,
    99,
    100,
    101,
    102,
    103,
    106,
    107,
    108,
    109,
    110,
    111,
}
# No character that steers a terminal, is not seen, or changes how others are seen.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


class Finding(Exception):
    """Something that must not be."""


class Unable(Exception):
    """The loop cannot run here."""


def documented_statuses(root):
    with open(os.path.join(root, "Man", "kscmirror.1"), encoding="utf-8") as file:
        section = file.read().split(".Sh EXIT STATUS")[1].split("\n.Sh ")[0]
    return {int(number) for number in re.findall(r"^\.It (\d+)$", section, re.MULTILINE)}


def described(path):
    """Names, kinds, modes, owners and contents of all below a folder, by name; nothing is opened but plain files."""
    found = {}
    for folder, folders, files in os.walk(path):
        for name in folders + files + ([""] if folder == path else []):
            place = os.path.join(folder, name) if name else folder
            status = os.lstat(place)
            facts = [stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid]
            if stat.S_ISREG(status.st_mode):
                facts += [status.st_size, status.st_mtime_ns]
                if status.st_size < 1 << 26:
                    with open(place, "rb") as file:
                        facts.append(hashlib.sha256(file.read()).hexdigest())
            elif stat.S_ISLNK(status.st_mode):
                facts.append(os.readlink(place))
            found[os.path.relpath(place, path)] = tuple(facts)
    return found


def holds_secret(path):
    """The plain files below a folder that hold the secret."""
    found = []
    for folder, _, files in os.walk(path):
        for name in files:
            place = os.path.join(folder, name)
            status = os.lstat(place)
            if stat.S_ISREG(status.st_mode) and status.st_nlink < 1000 and status.st_size < 1 << 28:
                with open(place, "rb") as file:
                    if SECRET in file.read():
                        found.append(place)
    return found


def remove(path):
    """Removes a tree whatever its modes and depth are."""
    if subprocess.run(["rm", "-rf", "--", path], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        subprocess.run(["chmod", "-R", "u+rwX", "--", path], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["rm", "-rf", "--", path], check=False)


def copy(source, target):
    subprocess.run(["cp", "-a", "--sparse=always", "--", source, target], check=True)


class Run:
    """How a run of the program ended, and what it said."""

    def __init__(self, words, status, output, errors, seconds, memory, is_late):
        self.words, self.status, self.output, self.errors = words, status, output, errors
        self.seconds, self.memory, self.is_late = seconds, memory, is_late

    @property
    def text(self):
        return self.errors.decode("utf-8", "replace").strip()


class Ground:
    """A folder with all that a loop needs, which is removed at the end, but for what was found."""

    def __init__(self, root, programs, seed):
        self.root, self.programs, self.seed = root, os.path.abspath(programs), seed
        self.program = os.path.join(self.programs, "kscmirror")
        for name in ("kscmirror", "update-server"):
            if not os.access(os.path.join(self.programs, name), os.X_OK):
                raise Unable(
                    f"{self.programs}/{name} is no program: build first (swift build), or name the folder by --programs"
                )
        self.statuses = documented_statuses(root)
        # In memory there may be files of any size, and nothing waits for a disk.
        memory = "/dev/shm"
        has_memory = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
        self.folder = tempfile.mkdtemp(prefix="kscmirror-endurance-", dir=memory if has_memory else None)
        os.chmod(self.folder, 0o755)
        self.kept = tempfile.mkdtemp(prefix="kscmirror-endurance-found-")
        self.counts, self.rounds, self.findings = collections.Counter(), 0, 0
        self.longest, self.largest = 0.0, 0
        self.server = None
        self.vendor = ""

    def __getitem__(self, path):
        return os.path.join(self.folder, path)

    # MARK: - Runs

    def run(self, *words, clean=True):
        """Runs the program and checks what holds of each run.

        clean: whether what it says has to be printable; of lists that others have written it need not.
        """
        words = [self.program, *words]
        environment = {"PATH": "/usr/bin:/bin", "TZ": "UTC", "HOME": self.folder, "LC_ALL": "C.UTF-8"}
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            begin = time.monotonic()
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=environment,
                cwd=self.folder,
                start_new_session=True,
            )
            is_late = False
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                if time.monotonic() - begin > TIME_LIMIT and not is_late:
                    is_late = True
                    os.killpg(process.pid, signal.SIGKILL)
                time.sleep(0.003)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            errors.seek(0)
            run = Run(
                words,
                process.returncode,
                output.read(1 << 24),
                errors.read(1 << 24),
                time.monotonic() - begin,
                usage.ru_maxrss << 10,
                is_late,
            )
        # The memory is at least that of this process, which is counted up to the moment when the program begins.
        self.longest, self.largest = max(self.longest, run.seconds), max(self.largest, run.memory)
        self.counts[
            f"{words[1]} {words[2] + ' ' if words[1] in ('exchange', 'trust', 'keys', 'bundle') else ''}{run.status}"
        ] += 1
        self.last = run
        self.judge(run, clean)
        return run

    def judge(self, run, clean):
        if run.is_late:
            raise Finding(f"did not end in {TIME_LIMIT} s")
        if run.status < 0:
            raise Finding(f"was ended by signal {-run.status}")
        if run.status == 70 or run.status not in self.statuses:
            raise Finding(f"ended with status {run.status}")
        if run.memory > MOST_MEMORY:
            raise Finding(f"took {run.memory >> 20} MiB of memory")
        for text in (run.output, run.errors) if clean else (run.errors,):
            shown = text.decode("utf-8", "surrogateescape")
            odd = UNPRINTABLE.search(shown)
            if odd:
                raise Finding(f"wrote a character that is not printable: {ascii(odd.group())}")
            if re.search(r"^\W*FORGED", shown, re.MULTILINE):
                raise Finding("let a text from outside begin a line")
        if run.status != 0 and not run.errors and not run.output:
            raise Finding(f"ended with status {run.status} and said nothing")

    def must(self, *words):
        """Runs what has to work for the loop to begin."""
        try:
            run = self.run(*words)
        except Finding as finding:
            raise Unable(f"{' '.join(words)}: {finding}\n{self.last.text}") from finding
        if run.status != 0:
            raise Unable(f"{' '.join(words)} ended with {run.status}:\n{run.text}")
        return run

    # MARK: - Making

    def tool(self, *words):
        made = subprocess.run([os.path.join(self.programs, "update-server"), *words], capture_output=True, check=False)
        if made.returncode != 0:
            raise Unable(made.stderr.decode("utf-8", "replace"))
        return made.stdout.decode()

    def serve(self, tree):
        """Serves an update tree until the end."""
        self.server = subprocess.Popen(
            [
                os.path.join(self.programs, "update-server"),
                "serve",
                tree,
                "--ca-out",
                self["ca.pem"],
                "--ready-file",
                self["url"],
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(1200):
            if os.path.exists(self["url"]):
                with open(self["url"], encoding="utf-8") as file:
                    return file.read().strip()
            time.sleep(0.05)
        raise Unable("the update server did not become ready in a minute")

    def make_tree(self, files=60, size=60_000):
        said = self.tool("generate", self["tree"], "--files", str(files), "--mean-size", str(size), "--seed", "7")
        keys = ", ".join(f'"{line}"' for line in said.split() if re.fullmatch(r"[0-9a-f]{128}", line))
        self.vendor = f"vendor_intermediates = [{keys}]"
        return self.serve(self["tree"])

    def write(self, name, text):
        os.makedirs(os.path.dirname(self[name]), exist_ok=True)
        with open(self[name], "w", encoding="utf-8") as file:
            file.write(text)
        return self[name]

    def configure(self, name, more=""):
        """Writes a configuration with the store of its name; returns its file."""
        return self.write(name.replace("/", "-") + ".toml", f'store = "{self[name]}"\n{self.vendor}\n{more}\n')

    def source(self, url):
        return f'[[source]]\nname = "kaspersky"\nkind = "kaspersky"\nservers = ["{url}"]\nca = "{self["ca.pem"]}"\n'

    def fingerprint(self, configuration):
        shown = self.must("keys", "show", "--json", "--config", configuration)
        results = [json.loads(line).get("result") for line in shown.output.decode().splitlines()]
        return " ".join(next(result["fingerprint"] for result in results if result))

    def make_canary(self):
        """A folder that nobody may touch, with names such as those that are tried."""
        remove(self["canary"])
        for name in (
            "secret",
            "LABEL.txt",
            "a",
            "d/secret",
            "d/e/secret",
            "data/volumes/precious",
            "data/metadata/timestamp.json",
            "plant/a",
        ):
            path = os.path.join(self["canary"], name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(SECRET + b" " + name.encode() + b"\n")
        os.chmod(self["canary"], 0o700)
        self.canary = described(self["canary"])

    def expect_canary(self):
        now = described(self["canary"])
        if now != self.canary:
            changed = sorted(name for name in now.keys() | self.canary.keys() if now.get(name) != self.canary.get(name))
            raise Finding(f"changed something outside: {changed[:5]}")

    # MARK: - Checks

    @staticmethod
    def journal(store):
        try:
            with open(os.path.join(store, "journal"), "rb") as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def published(self, store):
        """What is published, as one digest; None before the first time."""
        try:
            release = os.readlink(os.path.join(store, "current"))
        except FileNotFoundError:
            return None
        top = os.path.join(store, release)
        digest = hashlib.sha256()
        for folder, folders, files in os.walk(top):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(folder, name)
                digest.update(os.fsencode(os.path.relpath(path, top)) + b"\0")
                if not stat.S_ISREG(os.lstat(path).st_mode):
                    raise Finding(f"{path} is published and is no plain file")
                with open(path, "rb") as file:
                    digest.update(hashlib.sha256(file.read()).digest())
        return digest.hexdigest()

    @staticmethod
    def leftovers(*folders):
        """Names of drafts."""
        found = []
        for top in folders:
            for folder, names, files in os.walk(top):
                found += [os.path.join(folder, name) for name in names + files if name.startswith(".kscmirror")]
        return found

    @staticmethod
    def store_leftovers(store):
        found = [os.path.join(store, "partial", name) for name in os.listdir(os.path.join(store, "partial"))]
        releases = os.path.join(store, "releases")
        if os.path.isdir(releases):
            found += [os.path.join(releases, name) for name in os.listdir(releases) if not name.isdigit()]
        return found

    # MARK: - Rounds

    def rounds_until(self, end, first, only, play):
        """Plays rounds until the time is over; play gets the chance of the round and a list for what it does."""
        number = only if only is not None else first
        told = time.monotonic()
        while time.monotonic() < end and (only is None or number == only):
            chance, steps = random.Random(f"{self.seed}:{number}"), []
            self.last = None
            try:
                play(chance, steps)
            except Finding as finding:
                self.keep(number, finding, steps)
            self.rounds += 1
            number += 1
            if time.monotonic() - told > 300:
                told = time.monotonic()
                print(f"{self.rounds} rounds, {self.findings} findings", flush=True)

    def keep(self, number, finding, steps):
        """Keeps all of the round as it is."""
        self.findings += 1
        place = os.path.join(self.kept, f"round-{number}")
        lines = [f"seed {self.seed}, round {number}", f"finding: {finding}"]
        if self.last:
            lines += [
                f"command: {' '.join(self.last.words)}",
                f"status: {self.last.status}, {self.last.seconds:.1f} s, {self.last.memory >> 20} MiB",
            ]
        lines += ["steps:"] + [f"  {step}" for step in steps]
        print(ascii_lines(lines[:3]), flush=True)
        if self.findings > 50:
            return
        os.makedirs(place)
        with open(os.path.join(place, "finding.txt"), "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("\n".join(lines) + "\n")
            if self.last:
                file.write(
                    "\nstandard error:\n"
                    + self.last.text
                    + "\n\nstandard output:\n"
                    + self.last.output.decode("utf-8", "replace")
                )
        subprocess.run(
            ["cp", "-a", "--sparse=always", "--", self["round"], place], stderr=subprocess.DEVNULL, check=False
        )

    def report(self, what, seconds):
        counts = ", ".join(f"{key}: {count}" for key, count in sorted(self.counts.items()))
        print(f"{what}: {self.rounds} rounds in {seconds:.0f} s, seed {self.seed}, {self.findings} findings")
        print(f"runs and how they ended: {counts}")
        print(f"the longest took {self.longest:.1f} s, the largest {self.largest >> 20} MiB")
        if self.findings:
            print(f"what was found is kept in {self.kept}")
        sys.stdout.flush()

    def close(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
        remove(self.folder)
        if not self.findings:
            remove(self.kept)


def ascii_lines(lines):
    return "\n".join(ascii(line)[1:-1] for line in lines)
