"""Exchange folders and sticks, with somebody else who changes them while they are sent and received."""

import json
import os
import stat

from ground import Finding, OF_WHAT_CAME, copy, holds_secret, remove
from racer import NOBODY, Racer

# How a command may end while nobody changes anything: well, or refusing a folder of more bytes than are sent.
QUIET = (0, 64)
# Likewise, where a file was sent first and then a folder of its name, or the other way round.
QUIET_AFTER_CHANGES = (0, 73)


class Exchanges:
    """The loop over exchange folders."""

    def __init__(self, ground):
        self.ground = ground
        self.make()

    def make(self):
        g = self.ground
        url = g.make_tree(files=24, size=400)
        tables = {
            side: "".join(
                f'[[exchange]]\nname = "{name}"\ndirection = "{way}"\nfolder = "{g[f"round/{side}/{name}"]}"\nclear = true\n'
                for name, way in (("lists", "out"), ("patches", "in"))
            )
            for side in ("office", "plant")
        }
        os.makedirs(g["round/stick"])
        self.office = g.configure("round/connected", g.source(url) + tables["office"])
        self.plant = g.configure("round/isolated", 'site = "plant"\n' + tables["plant"])
        self.make_folders()
        g.must("sync", "--config", self.office)
        g.must("keys", "init", "--no-passphrase", "--config", self.office)
        g.must("pack", "--full", "--config", self.office, "--output", g["round/stick"])
        root = g["round/connected/metadata/1.root.json"]
        g.must("trust", "add", root, "--fingerprint", g.fingerprint(self.office), "--config", self.plant)
        g.must("import", g["round/stick"], "--config", self.plant)
        shown = g.must("trust", "show", "--json", "--config", self.plant).output.decode()
        results = [json.loads(line).get("result") for line in shown.splitlines()]
        digits = "".join(next(result["siteFingerprint"] for result in results if result))
        g.must("collect", g["round/stick"], "--fingerprint", digits, "--config", self.office)
        for store in ("connected", "isolated"):
            copy(g[f"round/{store}"], g[store])
        remove(g["round"])

    def make_folders(self):
        for side in ("office", "plant"):
            for name in ("lists", "patches"):
                self.empty(f"{side}/{name}")

    def empty(self, name):
        """An empty folder of the other user's."""
        path = self.ground[f"round/{name}"]
        remove(path)
        os.makedirs(path)
        os.chmod(path, 0o777)
        if os.getuid() == 0:
            os.chown(path, NOBODY, NOBODY)

    def fill(self, name):
        """Files as an administrator would lay them there, with names that the canary has too."""
        top = self.ground[f"round/{name}"]
        wanted = ["a", "secret", "d/secret", "d/e/secret", "plant/a", "data/volumes/precious", "b", "c/c/c/c"]
        for path in self.chance.sample(wanted, self.chance.randint(2, len(wanted))):
            path = os.path.join(top, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(self.chance.randbytes(self.chance.choice((0, 10, 5000, 300_000, 3_000_000))))
        if os.getuid() == 0:
            for folder, folders, files in os.walk(top):
                for entry in folders + files:
                    os.chown(os.path.join(folder, entry), NOBODY, NOBODY)
        self.steps.append(f"files in {name}")

    # MARK: - A round

    def play(self, chance, steps):
        g = self.ground
        self.chance, self.steps = chance, steps
        remove(g["round"])
        os.makedirs(g["round"])
        for store in ("connected", "isolated"):
            copy(g[store], g[f"round/{store}"])
        self.make_folders()
        self.empty("stick")
        self.is_gentle = chance.random() < 0.3
        chance.choice((self.sending, self.sending, self.receiving, self.receiving, self.carrying, self.clearing))()

    def ways(self):
        """Both directions: who sends what, and who receives it."""
        one = (self.plant, "plant/lists", self.office, "office/lists", "round/isolated", "round/connected")
        other = (self.office, "office/patches", self.plant, "plant/patches", "round/connected", "round/isolated")
        return self.chance.choice((one, other))

    def racing(self, *names):
        self.steps.append(f"somebody changes {', '.join(names)}{' gently' if self.is_gentle else ''}")
        return Racer(
            self.chance.getrandbits(64),
            [self.ground[f"round/{name}"] for name in names],
            self.ground["canary"],
            self.is_gentle,
        )

    def attempt(self, *words, by, allowed=None):
        """Runs a command, and checks what has to hold after it."""
        g = self.ground
        store = g["round/connected" if by == self.office else "round/isolated"]
        lines = len(g.journal(store))
        self.steps.append(" ".join(words))
        run = g.run(*words, "--config", by)
        g.expect_canary()
        if allowed and run.status not in allowed:
            raise Finding(f"ended with status {run.status} while nobody changed anything")
        left = g.leftovers(store) + g.store_leftovers(store)
        if left:
            raise Finding(f"left something in the store: {left[:5]}")
        new = g.journal(store)[lines:]
        if run.status in OF_WHAT_CAME and not any(
            line["event"] == "refusal" or line.get("outcome") != "ok" for line in new
        ):
            raise Finding(f"refused with status {run.status}, and no line of the journal says so")
        names = set(os.listdir(g["round"])) - {"connected", "isolated", "office", "plant", "stick"}
        if names:
            raise Finding(f"made something elsewhere: {sorted(names)[:5]}")
        return run

    def expect_no_draft(self, *names):
        left = self.ground.leftovers(*[self.ground[f"round/{name}"] for name in names])
        if left:
            raise Finding(f"left something: {left[:5]}")

    def expect_untold(self, name):
        told = holds_secret(self.ground[f"round/{name}"])
        if told:
            raise Finding(f"a file that only its owner may read has left: {told[:3]}")
        for folder, folders, files in os.walk(self.ground[f"round/{name}"]):
            for entry in folders + files:
                mode = os.lstat(os.path.join(folder, entry)).st_mode
                if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                    raise Finding(f"received what is no file: {entry!r}")

    def sending(self):
        """What leaves is never what the sender's own folders do not hold."""
        sender, source, receiver, target, _, _ = self.ways()
        self.fill(source)
        with self.racing(source):
            for _ in range(self.chance.choice((1, 1, 3))):
                self.attempt("exchange", "send", "--output", self.ground["round/stick"], by=sender)
        self.expect_no_draft(source)
        is_empty = not os.listdir(self.ground["round/stick"])
        allowed = (66,) if is_empty else QUIET
        self.attempt("collect", self.ground["round/stick"], by=receiver, allowed=allowed)
        self.attempt("exchange", "receive", by=receiver, allowed=QUIET_AFTER_CHANGES)
        self.expect_untold(target)
        self.attempt("exchange", "send", by=sender, allowed=QUIET)

    def receiving(self):
        """What comes is written nowhere else, and is not lost."""
        sender, source, receiver, target, _, _ = self.ways()
        self.fill(source)
        self.attempt("exchange", "send", "--output", self.ground["round/stick"], by=sender, allowed=QUIET)
        self.attempt("collect", self.ground["round/stick"], by=receiver, allowed=QUIET)
        if self.chance.random() < 0.5:
            self.fill(target)
            if receiver == self.office:
                os.makedirs(self.ground[f"round/{target}/plant"], exist_ok=True)
        with self.racing(target):
            runs = [self.attempt("exchange", "receive", by=receiver) for _ in range(self.chance.choice((1, 1, 2)))]
        if self.is_gentle:
            self.expect_no_draft(target)
        self.expect_no_secret(target)
        # What was not put into place comes later, to a folder that is left in peace.
        self.empty(target)
        self.attempt("exchange", "receive", by=receiver, allowed=QUIET)
        if not any(run.status == 0 for run in runs):
            self.expect_same(source, target if receiver == self.plant else target + "/plant")
        self.expect_untold(target)

    def expect_no_secret(self, name):
        """Nothing was copied from the canary to where the other user reads."""
        if os.getuid() == 0 and holds_secret(self.ground[f"round/{name}"]):
            raise Finding("a file that only its owner may read was copied")

    def expect_same(self, source, target):
        source, target = self.ground[f"round/{source}"], self.ground[f"round/{target}"]
        for folder, _, files in os.walk(source):
            for name in files:
                path = os.path.join(folder, name)
                other = os.path.join(target, os.path.relpath(path, source))
                with open(path, "rb") as file:
                    wanted = file.read()
                try:
                    with open(other, "rb") as file:
                        if file.read() == wanted:
                            continue
                except OSError:
                    pass
                raise Finding(f"{os.path.relpath(path, source)} was sent, and did not come whole")

    def carrying(self):
        """A stick that somebody else may write to."""
        sender, source, receiver, target, _, _ = self.ways()
        stick = self.ground["round/stick"]
        self.fill(source)
        with self.racing("stick"):
            self.attempt("exchange", "send", "--output", stick, by=sender)
            if self.chance.random() < 0.5:
                words = ("parcel", "send", "--output", stick) + (("--to", "plant") if sender == self.office else ())
                self.attempt(*words, by=sender)
            if sender == self.plant and self.chance.random() < 0.5:
                self.attempt("receipt", "--output", stick, by=sender)
            if sender == self.office and self.chance.random() < 0.5:
                self.attempt("pack", "--full", "--output", stick, by=sender)
                self.attempt("import", stick, by=receiver)
            self.attempt("collect", stick, by=receiver)
        self.expect_no_secret("stick")
        self.attempt("exchange", "receive", by=receiver, allowed=QUIET)
        self.expect_untold(target)
        if holds_secret(self.ground["round/connected"]) or holds_secret(self.ground["round/isolated"]):
            raise Finding("read something outside into a store")
        # To a stick that is left in peace, all of it goes.
        self.empty("stick")
        words = ("parcel", "send", "--output", stick) + (("--to", "plant") if sender == self.office else ())
        self.attempt(*words, by=sender, allowed=QUIET)
        self.expect_no_draft("stick")

    def clearing(self):
        """What has arrived is removed where it came from, and nothing else."""
        stick = self.ground["round/stick"]
        self.fill("plant/lists")
        self.attempt("exchange", "send", "--output", stick, by=self.plant, allowed=QUIET)
        self.attempt("collect", stick, by=self.office, allowed=QUIET)
        self.attempt("pack", "--full", "--site", "plant", "--output", stick, by=self.office, allowed=QUIET)
        self.attempt("import", stick, by=self.plant, allowed=QUIET)
        with self.racing("plant/lists"):
            self.attempt("exchange", "send", by=self.plant)
        self.expect_no_draft("plant/lists")
        self.attempt("exchange", "send", by=self.plant, allowed=QUIET)
