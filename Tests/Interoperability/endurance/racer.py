"""A local user who changes what lies in folders while a command works there."""

import ctypes
import os
import random
import signal
import socket
import stat
import time

NOBODY = 65534
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def exchange(one, other):
    """Has two names change places, at once."""
    if ctypes.CDLL(None).renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) != 0:
        raise OSError("renameat2")


class Racer:
    """The other user, in a process of its own while the block runs.

    gentle: whether plain files are changed and replaced only, so that nothing may be left.
    """

    def __init__(self, seed, folders, canary, gentle=False):
        self.seed, self.folders, self.canary, self.is_gentle, self.pid = seed, folders, canary, gentle, 0

    def __enter__(self):
        self.pid = os.fork()
        if self.pid == 0:
            try:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                if os.getuid() == 0:
                    os.setgroups([])
                    os.setgid(NOBODY)
                    os.setuid(NOBODY)
                self.race()
            finally:
                os._exit(0)
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    # MARK: - In the other process

    def race(self):
        self.chance = chance = random.Random(self.seed)
        os.umask(0)
        gentle = [self.flip_link, self.rewrite, self.append, self.cut, self.replace_by_pipe, self.hard_link, self.add]
        rough = gentle + [
            self.flip_folder,
            self.flip_folder,
            self.take_draft,
            self.take_draft,
            self.move,
            self.remove_one,
            self.mode,
            self.replace_by_folder,
            self.replace_by_socket,
        ]
        while True:
            try:
                chance.choice(gentle if self.is_gentle else rough)()
            except OSError:
                pass
            if chance.random() < 0.2:
                time.sleep(chance.random() * 0.002)

    def names(self, kind=None, limit=200):
        found = []
        for top in self.folders:
            for folder, folders, files in os.walk(top):
                for name in folders + files:
                    path = os.path.join(folder, name)
                    if kind is None or kind(os.lstat(path).st_mode):
                        found.append(path)
                if len(found) > limit:
                    break
        return found

    def one(self, kind=None):
        found = [path for path in self.names(kind) if not os.path.basename(path).startswith(".kscmirror")]
        if not found:
            raise OSError("nothing there")
        return self.chance.choice(found)

    def spare(self):
        """A hidden name that is free."""
        return os.path.join(self.chance.choice(self.folders), f".spare-{self.chance.getrandbits(48):x}")

    def target(self):
        canary = self.canary
        return self.chance.choice(
            (
                canary,
                canary + "/d",
                canary + "/d",
                canary + "/secret",
                canary + "/plant",
                canary + "/new",
                canary + "/d/new",
                "/",
                "..",
                "nowhere",
                "/dev/zero",
            )
        )

    def flip(self, path, other):
        """Lays something else in the place of a name, and what was there back again, a few times."""
        for _ in range(self.chance.choice((1, 3, 20))):
            exchange(path, other)
            if self.chance.random() < 0.5:
                time.sleep(self.chance.random() * 0.001)
            exchange(path, other)
        os.unlink(other)

    def flip_link(self):
        other = self.spare()
        os.symlink(self.target() if self.chance.random() < 0.6 else self.canary + "/secret", other)
        self.flip(self.one(stat.S_ISREG), other)

    def flip_folder(self):
        other = self.spare()
        os.symlink(self.chance.choice((self.canary, self.canary + "/d", self.canary + "/d/e", self.target())), other)
        self.flip(self.one(stat.S_ISDIR), other)

    def take_draft(self):
        """What the command is just making is moved away, and a link laid in its place."""
        drafts = [
            path
            for path in self.names()
            if os.path.basename(path).startswith((".kscmirror", ".LABEL")) or path.endswith(".part")
        ]
        if not drafts:
            raise OSError("nothing there")
        path = self.chance.choice(drafts)
        if self.chance.random() < 0.5:
            other = self.spare()
            os.symlink(self.target(), other)
            self.flip(path, other)
        else:
            os.rename(path, self.spare())
            if self.chance.random() < 0.7:
                os.symlink(self.target(), path)

    def rewrite(self):
        with open(self.one(stat.S_ISREG), "r+b", buffering=0) as file:
            file.write(self.chance.randbytes(self.chance.choice((1, 100, 5000))))

    def append(self):
        path = self.one(stat.S_ISREG)
        if os.path.getsize(path) < 1 << 23:
            with open(path, "ab") as file:
                file.write(b"x" * self.chance.choice((1, 4096)))

    def cut(self):
        path = self.one(stat.S_ISREG)
        os.truncate(path, self.chance.choice((0, 1, 100, os.path.getsize(path) // 2)))

    def replace_by_pipe(self):
        other = self.spare()
        os.mkfifo(other)
        self.flip(self.one(stat.S_ISREG), other)

    def replace_by_folder(self):
        other = self.spare()
        os.mkdir(other)
        path = self.one()
        exchange(path, other)
        exchange(path, other)
        os.rmdir(other)

    def replace_by_socket(self):
        other = self.spare()
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(other)
        self.flip(self.one(stat.S_ISREG), other)

    def hard_link(self):
        other = self.spare()
        os.link(self.one(stat.S_ISREG), other)
        os.rename(other, self.one(stat.S_ISREG))

    def add(self):
        if len(self.names()) > 60:
            raise OSError("enough")
        names = ("x", "secret", "new", ".hidden", "y\nFORGED", "cafe\u0301", "caf\u00e9", "\u202ex", "plant", "e\u0301")
        with open(os.path.join(self.chance.choice(self.folders), self.chance.choice(names)), "ab") as file:
            file.write(b"new")

    def move(self):
        path = self.one()
        os.rename(path, os.path.join(os.path.dirname(path), f"moved-{self.chance.randrange(20)}"))

    def remove_one(self):
        path = self.one()
        if stat.S_ISDIR(os.lstat(path).st_mode):
            os.rmdir(path)
        elif self.chance.random() < 0.3:
            os.unlink(path)

    def mode(self):
        os.chmod(self.one(lambda mode: not stat.S_ISLNK(mode)), self.chance.choice((0, 0o777, 0o755, 0o4777)))
