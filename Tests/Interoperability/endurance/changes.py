"""What a hostile stick does to the bundles on it."""

import json
import os
import re
import shutil
import socket
import stat
import unicodedata

import archive
from ground import copy, remove
from signing import read, write

ODD_NAMES = (
    b"x\nFORGED line",
    b"\x1b[2JFORGED",
    b"x\xe2\x80\xaegnp.exe",
    b"\xff\xfe",
    b"\xcc\x81x",
    b"x\xc2\x85FORGED",
    b"A" * 255,
    b"..x",
    b". ",
    b"CON",
    b"x\\y",
    b"cafe\xcc\x81",
    b"caf\xc3\xa9",
    b"\xe2\x84\xaa",
    b"-o",
    b"--help",
    b"%s%n",
    b"x\rFORGED",
    b"'; FORGED",
    b"\xe2\x80\xa8FORGED",
    b"\xf0\x9f\x92\xa9",
    b"\xed\xa0\x80",
    b"*",
    b"autorun.inf",
)
ODD_NUMBERS = (
    0,
    -1,
    1,
    2,
    3,
    2**31 - 1,
    2**31,
    2**46,
    2**46 + 1,
    2**53,
    2**53 + 1,
    2**62,
    2**63 - 1,
    2**63,
    2**64,
    10**400,
    1.5,
    "1",
    None,
    True,
)
ODD_TEXTS = (
    "",
    "x" * 100_000,
    "x\nFORGED: all is well",
    "\u202eFORGED",
    "\x1b[2J",
    "../" * 20 + "etc/passwd",
    "/etc/passwd",
    "\u0301x",
    "plant\u200b",
    "a/\u0301b",
    "\ud800",
    "objects/ab",
    "9" * 400,
    "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "0" * 64,
    "caf\u00e9",
    "cafe\u0301",
)
SPARSE = (2**31, 2**40, 2**46, 2**46 + 1, 2**53 + 1, 2**62, 2**63 - 1 - 4096, 2**63 - 1)


class StickChanges:
    """Changes of a stick, by chance. Needs ground, goods, signer, and of the round: stick, chance, steps, is_resigned."""

    def change(self):
        chance = self.chance
        kinds = (
            (self.change_bytes, 4),
            (self.replace_by_other, 6),
            (self.rename_something, 3),
            (self.swap, 3),
            (self.duplicate, 3),
            (self.change_metadata, 6),
            (self.change_signed, 5),
            (self.change_volume, 6),
            (self.add_things, 3),
            (self.change_folder, 3),
            (self.change_mode, 1),
            (self.cut_into_pieces, 2),
        )
        kind = chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        try:
            kind()
        except (OSError, ValueError, LookupError, StopIteration, TypeError, AttributeError, RecursionError) as error:
            # A change that cannot be made after another one is left out.
            self.steps.append(f"left out {kind.__name__}: {type(error).__name__}")

    # MARK: - Choosing

    def paths(self, want=lambda path: True):
        """What lies on the stick, in an order that digests in names do not change; large heaps are cut."""
        found = []
        for folder, folders, files in os.walk(self.stick):
            if folder.count("/") - self.stick.count("/") > 8:
                folders.clear()
            for name in (folders + files)[:200]:
                path = os.path.join(folder, name)
                if want(path):
                    found.append(path)
        return sorted(found, key=lambda path: re.sub(r"[0-9a-f]{64}\.", "", path))

    def a_file(self):
        return self.chance.choice(self.paths(lambda path: os.path.isfile(path) and not os.path.islink(path)))

    def a_bundle(self):
        return self.chance.choice(
            sorted(
                path
                for path in self.paths(os.path.isdir)
                if os.path.dirname(path) == self.stick and "kscmirror-0" in path
            )
        )

    def a_volume(self):
        return self.chance.choice(
            self.paths(lambda path: "/volumes/" in path and os.path.isfile(path) and not os.path.islink(path))
        )

    def name(self, path):
        return re.sub(r"[0-9a-f]{64}\.", "SHA256.", os.path.relpath(path, self.stick))

    def told(self, text):
        self.steps.append(text)

    # MARK: - Changes

    def change_bytes(self):
        chance, path = self.chance, self.a_file()
        data = bytearray(read(path))
        how = chance.choice(("flip", "cut", "longer", "empty", "middle", "zeros", "insert"))
        if how == "flip":
            for _ in range(chance.choice((1, 1, 10))):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        elif how == "cut":
            del data[chance.randrange(len(data)) :]
        elif how == "longer":
            data += chance.choice((b"\0", b"\n", b" " * 4096, chance.randbytes(100)))
        elif how == "empty":
            data.clear()
        elif how == "insert":
            at = chance.randrange(len(data))
            data[at:at] = chance.choice((b"\0", b"\n", b'"', b"{", b"[" * 5000, b"\xff", b"9" * 400, b"\r\n"))
        else:
            at = chance.randrange(len(data))
            length = chance.choice((1, 16, 512))
            data[at : at + length] = bytes(min(length, len(data) - at)) if how == "zeros" else b""
        write(path, data)
        self.told(f"bytes of {self.name(path)}: {how}")

    def replace_by_other(self):
        """Something else in the place of a file or folder."""
        chance = self.chance
        path = self.a_file() if chance.random() < 0.75 else chance.choice(self.paths(os.path.isdir))
        how = self.lay(path)
        self.told(f"in the place of {self.name(path)}: {how}")

    def lay(self, path):
        chance, canary = self.chance, self.ground["canary"]
        how = chance.choice(
            (
                "link",
                "link",
                "link",
                "pipe",
                "socket",
                "folder",
                "device",
                "hard link",
                "sparse",
                "sparse",
                "sparse",
                "nothing",
                "loop",
            )
        )
        saved = path + ".saved" if chance.random() < 0.1 else None
        if saved and os.path.lexists(path):
            os.rename(path, saved)
        elif os.path.lexists(path) and how != "sparse":
            remove(path)
        if how == "link":
            target = chance.choice(
                (
                    canary + "/secret",
                    canary,
                    canary + "/d",
                    "/etc/passwd",
                    "/dev/zero",
                    "/dev/stdin",
                    "/proc/self/mem",
                    "..",
                    ".",
                    "/",
                    "nowhere",
                    saved or "x",
                )
            )
            os.symlink(target, path)
            how = f"link to {target}"
        elif how == "loop":
            os.symlink(os.path.basename(path), path)
        elif how == "pipe":
            os.mkfifo(path)
        elif how == "socket":
            with socket.socket(socket.AF_UNIX) as opened:
                here = os.open(os.path.dirname(path), os.O_PATH)
                opened.bind(f"/proc/self/fd/{here}/{os.path.basename(path)[:60]}")
                os.close(here)
        elif how == "folder":
            os.mkdir(path)
            if chance.random() < 0.5:
                with open(os.path.join(path, "x"), "wb") as file:
                    file.write(b"x")
        elif how == "device":
            os.mknod(path, 0o600 | chance.choice((stat.S_IFCHR, stat.S_IFBLK)), os.makedev(1, chance.choice((3, 5, 7))))
        elif how == "hard link":
            other = self.a_file()
            os.link(other, path)
            how = f"hard link to {self.name(other)}"
        elif how == "sparse":
            if not os.path.lexists(path):
                open(path, "wb").close()
            size = chance.choice(SPARSE)
            os.truncate(path, size)
            how = f"sparse file of {size} bytes"
        return how + (", the old one saved" if saved else "")

    def other_name(self, name):
        """Another name for something that is there."""
        chance = self.chance
        text = os.fsdecode(name)
        digits = "".join(chance.choice("0123456789") for _ in range(chance.choice((6, 7, 18, 19, 40))))
        return os.fsencode(
            chance.choice(
                (
                    text.upper(),
                    text.swapcase(),
                    text + ".",
                    text + " ",
                    " " + text,
                    text + ".part",
                    text + ".old",
                    text + ".part01",
                    text + ".part001",
                    text + ".part00",
                    text + ".part99",
                    "." + text,
                    unicodedata.normalize("NFD", text + "é"),
                    unicodedata.normalize("NFC", text + "é"),
                    text.replace("o", "о"),
                    re.sub(r"\d{6,}", digits, text, count=1),
                    re.sub(r"\d{6,}", "0", text),
                    re.sub(r"^\d+", digits, text),
                    re.sub(r"^[0-9a-f]{64}", "0" * 64, text),
                    re.sub(r"^[0-9a-f]{64}\.", "", text),
                    re.sub(r"-from-\d+", "", text),
                    text + "-from-000001",
                    "kscmirror-999999",
                    "kscmirror-9223372036854775807",
                    "kscmirror-000002-from-000001",
                    "kscmirror-000003-from-000002",
                    "kscmirror-000001-from-000001",
                    "kscmirror-999999999999999999999",
                    "kscmirror--00001",
                )
            )
        )

    def rename_something(self):
        chance = self.chance
        path = os.fsencode(chance.choice(self.paths()))
        name = chance.choice(ODD_NAMES) if chance.random() < 0.3 else self.other_name(os.path.basename(path))
        target = os.path.join(os.path.dirname(path), name)
        if os.path.lexists(target):
            return
        os.rename(path, target)
        self.told(f"{self.name(os.fsdecode(path))} is called {ascii(name)}")

    def duplicate(self):
        chance = self.chance
        path = os.fsencode(chance.choice(self.paths()))
        name = chance.choice(ODD_NAMES) if chance.random() < 0.2 else self.other_name(os.path.basename(path))
        target = os.path.join(os.path.dirname(path), name)
        if os.path.lexists(target):
            return
        copy(path, target)
        self.told(f"a copy of {self.name(os.fsdecode(path))} is called {ascii(name)}")

    def swap(self):
        """Files of two bundles, or of one, change places."""
        chance = self.chance
        mine = self.a_file()
        if chance.random() < 0.7:
            base = self.goods[chance.choice(sorted(self.goods))]
            folder = os.path.dirname(os.path.relpath(mine, self.stick)).split("/", 1)
            place = os.path.join(base, folder[1]) if len(folder) > 1 else base
            names = sorted(os.listdir(place), key=lambda name: re.sub(r"[0-9a-f]{64}\.", "", name))
            same = [
                name
                for name in names
                if re.sub(r"^[\d.a-f]+\.", "", name) == re.sub(r"^[\d.a-f]+\.", "", os.path.basename(mine))
            ]
            other = os.path.join(place, chance.choice(same or names))
            if os.path.isdir(other):
                return
            target = mine if chance.random() < 0.7 else os.path.join(os.path.dirname(mine), os.path.basename(other))
            if target == mine:
                os.remove(mine)
            shutil.copyfile(other, target)
            self.told(f"{self.name(target)} from {os.path.relpath(other, self.ground.folder)}")
        else:
            other = self.a_file()
            if other != mine:
                os.rename(mine, mine + ".x")
                os.rename(other, mine)
                os.rename(mine + ".x", other)
                self.told(f"{self.name(mine)} and {self.name(other)} change places")

    def change_mode(self):
        path = self.chance.choice(self.paths(lambda path: not os.path.islink(path)))
        mode = self.chance.choice((0, 0o4777, 0o2777, 0o1000, 0o400, 0o111))
        os.chmod(path, mode)
        self.told(f"mode {mode:o} of {self.name(path)}")

    def add_things(self):
        """Heaps, and things that nobody has asked for."""
        chance = self.chance
        how = chance.choice(
            ("empty bundles", "files", "deep", "receipts", "parcels", "pieces", "odd names", "something")
        )
        if how == "empty bundles":
            for number in range(chance.choice((10, 990, 1001, 3000))):
                os.makedirs(
                    os.path.join(self.stick, f"kscmirror-{number + 5:06}-from-{number + chance.randint(0, 4):06}"),
                    exist_ok=True,
                )
        elif how == "files":
            folder = chance.choice(self.paths(os.path.isdir))
            for number in range(chance.choice((100, 3000))):
                write(os.path.join(folder, f"x{number}"), b"")
        elif how == "deep":
            here = os.open(chance.choice(self.paths(os.path.isdir) + [self.stick]), os.O_RDONLY)
            for _ in range(chance.choice((30, 3000))):
                os.mkdir("d" * 50, dir_fd=here)
                below = os.open("d" * 50, os.O_RDONLY, dir_fd=here)
                os.close(here)
                here = below
            os.close(here)
        elif how in ("receipts", "parcels"):
            for number in range(chance.choice((1, 50, 1001))):
                if how == "receipts":
                    receipt = os.path.join(self.stick, f"kscmirror-receipt-s{number}.json")
                    write(receipt, chance.choice((b"", b"{}", b'{"signed":{},"signatures":[]}')))
                else:
                    os.makedirs(os.path.join(self.stick, f"kscmirror-parcel-plant-{number + 1:06}"), exist_ok=True)
        elif how == "pieces":
            volume = self.a_volume()
            for number in range(chance.choice((2, 99, 1001))):
                write(f"{volume}.part{number:02}", b"")
                os.truncate(f"{volume}.part{number:02}", chance.choice((0, 1, 2**40, 2**62)))
        elif how == "odd names":
            folder = os.fsencode(chance.choice(self.paths(os.path.isdir) + [self.stick]))
            for name in chance.sample(ODD_NAMES, 6):
                self.lay(os.fsdecode(os.path.join(folder, name)))
        else:
            folder = chance.choice(self.paths(os.path.isdir) + [self.stick])
            name = chance.choice(
                (
                    ".kscmirror-x",
                    "kscmirror-000009.part",
                    "kscmirror-receipt-plant.json",
                    "VOLUMES.txt",
                    "LABEL.txt",
                    "lost+found",
                    ".LABEL.txt.1.tmp",
                )
            )
            if name.startswith(".kscmirror"):
                return
            self.lay(os.path.join(folder, name))
            how += f" called {name}"
        self.told(f"added: {how}")

    def change_folder(self):
        """A folder that is a link to another one, or to the same folder of another bundle."""
        chance = self.chance
        path = chance.choice(self.paths(lambda path: os.path.isdir(path) and not os.path.islink(path)))
        base = self.goods[chance.choice(sorted(self.goods))]
        part = os.path.relpath(path, self.stick).split("/")[1:]
        target = os.path.join(base, *part) if chance.random() < 0.6 else path + "x"
        if target == path + "x":
            os.rename(path, target)
        else:
            remove(path)
        os.symlink(target, path)
        self.told(f"{self.name(path)} is a link to {os.path.relpath(target, self.ground.folder)}")

    def cut_into_pieces(self):
        """A volume in pieces, right or wrong ones."""
        chance, volume = self.chance, self.a_volume()
        data = read(volume)
        count = chance.choice((1, 2, 3, 9))
        cuts = sorted(chance.randrange(len(data) + 1) for _ in range(count - 1))
        pieces = [data[a:b] for a, b in zip([0] + cuts, cuts + [len(data)])]
        how = chance.choice(("right", "right", "one missing", "one twice", "other digits", "swapped", "whole stays"))
        if how == "one missing":
            pieces.pop(chance.randrange(len(pieces)))
        elif how == "one twice":
            pieces.insert(0, chance.choice(pieces))
        elif how == "swapped":
            pieces.reverse()
        for number, piece in enumerate(pieces, 1):
            digits = chance.choice((2, 3)) if how == "other digits" else 2
            write(f"{volume}.part{number:0{digits}}", piece)
        if how != "whole stays":
            os.remove(volume)
        self.told(f"{self.name(volume)} in {len(pieces)} pieces: {how}")

    # MARK: - Metadata

    def change_metadata(self):
        """Something of a JSON file is another value, and nobody has signed it."""
        chance = self.chance
        path = chance.choice(
            self.paths(lambda path: path.endswith(".json") and os.path.isfile(path) and not os.path.islink(path))
        )
        document = json.loads(read(path))
        said = [self.change_value(document) for _ in range(chance.choice((1, 1, 3)))]
        text = json.dumps(
            document, sort_keys=chance.random() < 0.8, separators=(",", ":"), ensure_ascii=chance.random() < 0.5
        )
        how = chance.choice(("", "", "", "twice", "deep", "bom", "utf-16"))
        if how == "twice":
            text = text[:-1] + "," + text[1:]
        elif how == "deep":
            text = text[:-1] + ',"x":' + "[" * 20000 + "]" * 20000 + "}"
        elif how == "bom":
            text = "\ufeff" + text
        write(path, text.encode("utf-16" if how == "utf-16" else "utf-8", "surrogatepass"))
        self.told(f"{self.name(path)}: {'; '.join(said)} {how}")

    def change_value(self, document):
        """Changes one place of a JSON value; returns what was done."""
        chance, places = self.chance, []

        def walk(value, path):
            members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            for key, below in members:
                places.append((value, key, path + [str(key)[:30]]))
                walk(below, path + [str(key)[:30]])

        walk(document, [])
        # Shallow places first: there are few of them, and much hangs on them.
        places.sort(key=lambda place: len(place[2]))
        holder, key, path = places[chance.randrange(chance.choice((1, min(40, len(places)), len(places))))]
        old = holder[key]
        if isinstance(old, (int, float)) and not isinstance(old, bool):
            new = chance.choice(ODD_NUMBERS)
        elif isinstance(old, str):
            new = chance.choice(ODD_TEXTS) if chance.random() < 0.7 else chance.choice(ODD_NUMBERS)
        elif isinstance(old, list):
            new = chance.choice(([], old * 2, old * 2000 if len(old) < 10 else old, None, {}, old[:-1]))
        else:
            new = chance.choice(
                (
                    {},
                    None,
                    [],
                    "x",
                    (
                        {**old, chance.choice(ODD_TEXTS)[:1000]: chance.choice(ODD_NUMBERS)}
                        if isinstance(old, dict)
                        else 0
                    ),
                )
            )
        if isinstance(holder, dict) and chance.random() < 0.15:
            del holder[key]
            return f"without {'/'.join(path)}"
        if isinstance(holder, dict) and chance.random() < 0.15:
            holder[chance.choice(ODD_TEXTS)[:2000]] = holder.pop(key)
            return f"{'/'.join(path)} under another name"
        holder[key] = new
        return f"{'/'.join(path)} = {ascii(new)[:60]}"

    def change_signed(self):
        """The same, signed anew by the keys of the connected side."""
        chance, bundle = self.chance, self.a_bundle()
        roles = chance.choice((("volumes",), ("targets",), ("snapshot",), ("timestamp",), ("volumes", "targets")))
        said = []

        def change(role, signed):
            if role in roles:
                said.append(f"{role}: {self.change_value(signed)}")

        self.is_resigned = True
        self.told(f"{self.name(bundle)} is signed anew")
        self.signer.seal(bundle, change)
        self.told("; ".join(said))

    # MARK: - Volumes

    def objects(self):
        """Objects of the connected store, by their names in a volume."""
        found = []
        top = os.path.join(self.ground["connected"], "objects")
        for folder in sorted(os.listdir(top)):
            for name in sorted(os.listdir(os.path.join(top, folder))):
                path = os.path.join(top, folder, name)
                if os.path.getsize(path) < 1 << 20:
                    found.append((f"objects/{folder}/{name}".encode(), path))
        chosen = self.chance.sample(found, min(len(found), 30))
        result = []
        for name, path in chosen:
            result.append((name, read(path)))
        return result

    def change_volume(self):
        """A volume of other entries: of the signed length, or signed anew, or neither."""
        chance, path = self.chance, self.a_volume()
        length = len(read(path))
        how = chance.choice(("signed length", "signed length", "signed anew", "signed anew", "any length"))
        data = archive.volume(
            chance, self.objects(), self.ground["canary/secret"], length if how == "signed length" else None
        )
        write(path, data)
        self.told(f"{self.name(path)} has odd entries, {how}")
        if how == "signed anew":
            bundle = os.path.dirname(os.path.dirname(os.path.dirname(path)))
            self.is_resigned = True

            def change(role, signed):
                if role == "volumes" and chance.random() < 0.8:
                    for facts in signed["targets"].values():
                        facts["custom"] = {
                            **facts.get("custom", {}),
                            "entries": chance.choice((1, 100, 10**6)),
                            "content": chance.choice((1, 10**6, 2**46)),
                        }

            self.signer.seal(bundle, change)
