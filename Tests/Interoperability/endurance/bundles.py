"""Whole bundles on a stick, changed as a hostile stick would be, and given to inspect, import and collect."""

import json
import os
import stat

import archive
from changes import StickChanges
from ground import Finding, OF_WHAT_CAME, copy, described, holds_secret, remove
from signing import Signer, read


class Sticks(StickChanges):
    """The loop over bundles."""

    def __init__(self, ground):
        self.ground = ground
        self.goods = {}
        self.make()

    # MARK: - Good bundles

    def make(self):
        g = self.ground
        url = g.make_tree()
        self.connected = g.configure("connected", g.source(url))
        stranger = g.configure("stranger", g.source(url))
        for configuration in (self.connected, stranger):
            g.must("sync", "--config", configuration)
            g.must("keys", "init", "--no-passphrase", "--config", configuration)
        self.pack("full-1", self.connected, "--full")
        self.pack("stranger", stranger, "--full")
        self.isolated = g.configure("round/store", 'site = "plant"')
        self.trust_and_import()
        for _ in range(2):
            g.tool("age", g["tree"])
        g.must("sync", "--config", self.connected)
        self.pack("full-2", self.connected, "--full", "--volume-size", "1MiB")
        self.pack("next", self.connected, "--base", "1")
        self.pack("parity", self.connected, "--full", "--volume-size", "1MiB", "--parity", "2")
        self.collect_site()
        self.pack("other-site", self.connected, "--full", "--site", "plant")
        self.pack_programs()
        self.spread()
        self.signer = Signer(g["connected"])
        self.roots = [read(g["connected/metadata/1.root.json"])]
        self.digits = g.fingerprint(self.connected)
        self.releases = {0: None, 1: self.first, 2: self.newest()}
        if self.releases[1] == self.releases[2]:
            raise Finding("two snapshots have the same files")
        self.check_signer()

    def pack(self, name, configuration, *words):
        g = self.ground
        os.makedirs(g[f"goods/{name}"])
        g.must("pack", "--config", configuration, "--output", g[f"goods/{name}"], *words)
        folder = next(entry for entry in os.listdir(g[f"goods/{name}"]) if entry.startswith("kscmirror-0"))
        self.goods[name] = os.path.join(g[f"goods/{name}"], folder)

    def pack_programs(self):
        """A bundle that brings a newer version of the program."""
        g = self.ground
        os.makedirs(g["programs"])
        for name in ("kscmirror_99.1.0-1_amd64.deb", "kscmirror-99.1.0-linux-x86_64.tar.gz"):
            with open(g[f"programs/{name}"], "wb") as file:
                file.write(name.encode() * 5000)
        self.pack("program", self.connected, "--full", "--with-program", g["programs"])
        self.programs = {name: read(g[f"programs/{name}"]) for name in os.listdir(g["programs"])}

    def trust_and_import(self):
        """Two stores: one that has nothing but trust, and one that has the first snapshot."""
        g = self.ground
        os.makedirs(g["round"], exist_ok=True)
        g.must(
            "trust",
            "add",
            g["connected/metadata/1.root.json"],
            "--fingerprint",
            g.fingerprint(self.connected),
            "--config",
            self.isolated,
        )
        copy(g["round/store"], g["store-0"])
        g.must("import", g["goods/full-1"], "--config", self.isolated)
        self.first = g.published(g["round/store"])
        copy(g["round/store"], g["store-1"])

    def collect_site(self):
        """Makes the site known, and has it make a receipt and a parcel."""
        g = self.ground
        receipt = next(name for name in os.listdir(g["goods/full-1"]) if name.startswith("kscmirror-receipt"))
        os.makedirs(g["goods/site"])
        os.rename(os.path.join(g["goods/full-1"], receipt), os.path.join(g["goods/site"], receipt))
        shown = g.must("trust", "show", "--json", "--config", self.isolated).output.decode()
        results = [json.loads(line).get("result") for line in shown.splitlines()]
        digits = "".join(next(result["siteFingerprint"] for result in results if result))
        g.must("collect", g["goods/site"], "--fingerprint", digits, "--config", self.connected)
        os.makedirs(g["lists"])
        with open(g["lists/a"], "w", encoding="utf-8") as file:
            file.write("a list\n" * 200)
        table = f'[[exchange]]\nname = "lists"\ndirection = "out"\nfolder = "{g["lists"]}"\n'
        sending = g.write("sending.toml", f'store = "{g["round/store"]}"\nsite = "plant"\n{g.vendor}\n{table}')
        g.must("exchange", "send", "--config", sending, "--output", g["goods/site"])
        copy(g["connected"], g["collecting"])

    def spread(self):
        """A bundle on several sticks."""
        g = self.ground
        os.makedirs(g["spread/1"])
        run = g.run(
            "pack",
            "--config",
            self.connected,
            "--full",
            "--volume-size",
            "1MiB",
            "--spread",
            "--stick-size",
            "2MiB",
            "--output",
            g["spread/1"],
        )
        number = 1
        while run.status == 91 and number < 9:
            number += 1
            os.makedirs(g[f"spread/{number}"])
            run = g.run(
                "pack",
                "--config",
                self.connected,
                "--continue",
                "--stick-size",
                "2MiB",
                "--output",
                g[f"spread/{number}"],
            )
        self.spread_sticks = [g[f"spread/{n}"] for n in range(1, number + 1)]
        if run.status != 0:
            self.ground.run("pack", "--config", self.connected, "--abandon")
            self.spread_sticks = []
        for place, stick in enumerate(self.spread_sticks):
            folders = [
                name
                for name in os.listdir(stick)
                if name.startswith("kscmirror-0") and os.path.isdir(os.path.join(stick, name))
            ]
            if folders:
                self.goods[f"spread-{place}"] = os.path.join(stick, folders[0])

    def newest(self):
        g = self.ground
        os.makedirs(g["round/stick"], exist_ok=True)
        g.must("import", g["goods/full-2"], "--config", self.isolated, "--no-receipt")
        return g.published(g["round/store"])

    def check_signer(self):
        """A bundle that was signed anew and not changed has to be taken, or no change of a signed one shows anything."""
        g = self.ground
        self.fresh(0)
        target = os.path.join(g["round/stick"], os.path.basename(self.goods["full-1"]))
        copy(self.goods["full-1"], target)
        self.signer.seal(target)
        g.must("import", g["round/stick"], "--config", self.isolated)

    # MARK: - A round

    def fresh(self, snapshot):
        """An empty stick, and a store that has this snapshot."""
        g = self.ground
        remove(g["round"])
        os.makedirs(g["round/stick"])
        copy(g[f"store-{snapshot}"], g["round/store"])

    def play(self, chance, steps):
        g = self.ground
        have = chance.choice((0, 1, 1))
        steps.append(f"the store has snapshot {have}")
        self.fresh(have)
        stick = g["round/stick"]
        self.chance, self.steps, self.stick, self.is_resigned = chance, steps, stick, False
        bases = chance.sample(sorted(self.goods), chance.choice((1, 1, 1, 2, 3)))
        for base in bases:
            target = os.path.join(stick, os.path.basename(self.goods[base]))
            if not os.path.exists(target):
                copy(self.goods[base], target)
                steps.append(f"{base} as {os.path.basename(target)}")
        if chance.random() < 0.3:
            for name in os.listdir(g["goods/site"]):
                copy(os.path.join(g["goods/site"], name), os.path.join(stick, name))
            steps.append("receipt and parcel of the site")
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 5))):
            self.change()
        if chance.random() < 0.15:
            self.try_stream()
        else:
            self.try_stick()

    def try_stick(self):
        g, chance = self.ground, self.chance
        before = self.stick_facts()
        words = [
            [],
            [],
            [],
            ["--strict"],
            ["--no-receipt"],
            ["--dry-run"],
            ["--allow-older"],
            ["--snapshot", "2"],
            ["--forget-incoming"],
        ]
        places = [self.stick] + [os.path.join(self.stick, name) for name in sorted(os.listdir(self.stick))]
        place = self.stick if chance.random() < 0.8 else chance.choice(places)
        self.attempt(["inspect", place], g["round/store"], self.isolated)
        self.attempt(["import", place, *chance.choice(words)], g["round/store"], self.isolated)
        now = self.stick_facts()
        if before != now:
            changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
            raise Finding(f"changed the stick: {ascii(changed[:5])}")
        if chance.random() < 0.5:
            self.collect(place)
        if chance.random() < 0.3:
            self.trust_anew(place)
        if chance.random() < 0.3:
            self.resplit(place)
        if chance.random() < 0.2:
            self.write_there()
        if chance.random() < 0.2:
            # Once more, after what the first time has left.
            self.attempt(["import", self.stick], g["round/store"], self.isolated)
        if chance.random() < 0.1:
            self.recover()

    def stick_facts(self):
        """What lies on the stick, but for the site's receipt, which import may write."""
        facts = {}
        pending = [b""]
        top = os.fsencode(self.stick)
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(os.path.join(top, folder)))
            except OSError:
                continue
            for entry in entries[:20000]:
                name = os.path.join(folder, entry.name)
                status = entry.stat(follow_symlinks=False)
                if len(name) > 3000 or name.startswith(b"kscmirror-receipt-plant"):
                    continue
                facts[name] = (
                    status.st_ino,
                    status.st_mode,
                    status.st_size,
                    None if stat.S_ISDIR(status.st_mode) else status.st_mtime_ns,
                )
                if stat.S_ISDIR(status.st_mode):
                    pending.append(name)
        return facts

    def collect(self, place):
        g = self.ground
        copy(g["collecting"], g["round/collecting"])
        configuration = g.configure("round/collecting")
        self.attempt(["collect", place], g["round/collecting"], configuration)

    def trust_anew(self, place):
        """A store that trusts nobody yet takes the root with the fingerprint that was read out, or none."""
        g = self.ground
        configuration = g.configure("round/untrusting")
        words = ["--fingerprint", self.digits] if self.chance.random() < 0.8 else []
        self.attempt(["trust", "add", place, *words], g["round/untrusting"], configuration)
        root = g["round/untrusting/trust/root.json"]
        if os.path.exists(root) and (not words or read(root) not in self.roots):
            raise Finding("trusts a root that has another fingerprint")

    def resplit(self, place):
        """Cuts the bundle anew, without keys, beside the stick."""
        g = self.ground
        os.makedirs(g["round/other"], exist_ok=True)
        words = ["bundle", "resplit", place, "--size", self.chance.choice(("1MiB", "2MiB", "1GiB"))]
        run = g.run(*words, "--output", g["round/other"], "--config", self.isolated)
        g.expect_canary()
        left = os.listdir(g["round/other"])
        if run.status != 0 and left:
            raise Finding(f"left something of a bundle that was refused: {left[:5]}")
        if holds_secret(g["round/other"]):
            raise Finding("read something outside")

    def write_there(self):
        """The connected side writes its next bundle to such a stick. What is no bundle or receipt of its own stays."""
        g = self.ground
        if not os.path.isdir(g["round/collecting"]):
            copy(g["collecting"], g["round/collecting"])
        configuration = g.configure("round/collecting")
        mine = os.path.join(self.stick, self.chance.choice(("kscmirror-000003.part", "kscmirror-000003.old", "mine")))
        if os.path.lexists(mine):
            return
        os.makedirs(mine)
        with open(os.path.join(mine, "thesis.odt"), "wb") as file:
            file.write(b"mine")
        words = self.chance.choice(([], ["--full"], ["--replace"], ["--site", "plant"], ["--overwrite"]))
        self.attempt(["pack", *words, "--output", self.stick], g["round/collecting"], configuration)
        if read(os.path.join(mine, "thesis.odt")) != b"mine":
            raise Finding("changed a file of somebody else's on the stick")

    def try_stream(self):
        """Makes a stream of the stick's first bundle, with what a hostile writer would put into it."""
        g, chance = self.ground, self.chance
        names = sorted(name for name in os.listdir(self.stick) if os.path.isdir(os.path.join(self.stick, name)))
        if not names:
            return
        folder = os.path.join(self.stick, names[0])
        parts = []
        order = ["LABEL.txt", "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
        for kind in ("metadata", "volumes"):
            try:
                order += [f"data/{kind}/{name}" for name in sorted(os.listdir(os.path.join(folder, "data", kind)))]
            except OSError:
                continue
        if chance.random() < 0.3:
            chance.shuffle(order)
        for name in order:
            path = os.path.join(folder, name)
            try:
                data = read(path)
            except (OSError, ValueError):
                continue
            parts.append(archive.entry(os.fsencode(os.path.join(names[0], name))[-100:], data))
        for _ in range(chance.choice((0, 1, 1, 2))):
            name = os.fsencode(chance.choice(order))
            odd = archive.odd_entry(chance, name, b"x" * 1000, g["canary/secret"])
            parts.insert(chance.randint(0, len(parts)), odd)
            self.steps.append("an odd entry in the stream")
        data = b"".join(parts) + bytes(1024)
        if chance.random() < 0.3:
            data = data[: chance.randint(0, len(data))]
        with open(g["round/stream.tar"], "wb") as file:
            file.write(data)
        self.attempt(["import", g["round/stream.tar"]], g["round/store"], self.isolated)

    def attempt(self, words, store, configuration):
        """Runs a command, and checks all that has to hold after it."""
        g = self.ground
        before, lines = g.published(store), len(g.journal(store))
        facts = described(os.path.join(store, "trust")) if words[0] == "inspect" else None
        run = g.run(*words, "--config", configuration)
        journal = g.journal(store)
        g.expect_canary()
        now = g.published(store)
        if now != before and (words[0] != "import" or "--dry-run" in words):
            raise Finding("changed what is published")
        if now != before and now not in (self.releases[1], self.releases[2]):
            self.expect_vendor(configuration, "another release than any that was sealed is published")
        left = g.leftovers(store) + (g.store_leftovers(store) if run.status == 0 else [])
        if left:
            raise Finding(f"left something: {left[:5]}")
        names = set(os.listdir(g["round"])) - {"store", "stick", "collecting", "stream.tar", "untrusting", "other"}
        if names:
            raise Finding(f"made something beside store and stick: {sorted(names)[:5]}")
        if holds_secret(store):
            raise Finding(f"read something outside: {holds_secret(store)[:3]}")
        shelf = os.path.join(store, "program")
        for name in os.listdir(shelf) if words[0] == "import" and os.path.isdir(shelf) else ():
            if self.programs.get(name) != read(os.path.join(shelf, name)) and not self.is_resigned:
                raise Finding(f"keeps a program that nobody has signed: {name!r}")
        if facts is not None and facts != described(os.path.join(store, "trust")):
            raise Finding("changed what is trusted")
        if words[0] in ("import", "collect") and "--dry-run" not in words and run.status in OF_WHAT_CAME:
            new = journal[lines:]
            if not any(line["event"] == "refusal" or line.get("outcome") != "ok" for line in new):
                raise Finding(f"refused with status {run.status}, and no line of the journal says so")

    def expect_vendor(self, configuration, otherwise):
        """What whoever holds our keys has signed may be another release; it has to be the vendor's all the same."""
        if not self.is_resigned or self.ground.run("verify", "--vendor", "--config", configuration).status != 0:
            raise Finding(otherwise)

    def recover(self):
        """After whatever came, a good bundle is taken."""
        g = self.ground
        run = g.run("import", g["goods/full-2"], "--config", self.isolated, "--no-receipt")
        allowed = (0, 93) if not self.is_resigned else (0, 93, 96, 97, 98, 100, 101, 103)
        if run.status not in allowed:
            raise Finding(f"afterwards a good bundle is refused with status {run.status}")
        if run.status == 0 and not self.is_resigned and g.published(g["round/store"]) != self.releases[2]:
            raise Finding("afterwards a good bundle is not published")
        if g.run("verify", "--config", self.isolated).status != 0:
            raise Finding("afterwards the store is damaged")
