"""Writes tar archives and zstd frames byte by byte, right ones and wrong ones."""

import random

BLOCK = 512


def octal(value, width):
    return b"%0*o\0" % (width - 1, value & (8 ** (width - 1) - 1))


def header(name, size, kind=b"0", link=b"", raw_size=None, raw_sum=None, mode=0o644, magic=b"ustar\x0000"):
    """A header block of a tar archive; raw_size and raw_sum stand in the place of the right fields."""
    block = bytearray(BLOCK)
    block[0 : min(len(name), 100)] = name[:100]
    block[100:108], block[108:116], block[116:124] = octal(mode, 8), octal(0, 8), octal(0, 8)
    block[124:136] = raw_size if raw_size is not None else octal(size, 12)
    block[136:148] = octal(0, 12)
    block[156:157] = kind
    block[157 : 157 + min(len(link), 100)] = link[:100]
    block[257:265] = magic
    block[148:156] = b" " * 8
    block[148:156] = raw_sum if raw_sum is not None else b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def entry(name, data, **fields):
    return header(name, len(data), **fields) + padded(data)


def pax(records, kind=b"x"):
    """A pax header with these records; a record of one element is written as it stands."""
    text = b""
    for record in records:
        if len(record) == 1:
            text += record[0]
            continue
        line = b" " + record[0] + b"=" + record[1] + b"\n"
        length = len(line) + 1
        while len(str(length)) + len(line) != length:
            length += 1
        text += str(length).encode() + line
    return entry(b"PaxHeaders/x", text, kind=kind)


def skippable(length):
    """A frame that readers of zstd pass over, of this length in all, at least 8."""
    return (0x184D2A50).to_bytes(4, "little") + (length - 8).to_bytes(4, "little") + bytes(length - 8)


def frame(data, window=0x58, told=None, block=1 << 17, runs=()):
    """A zstd frame of blocks that are not compressed.

    window: the byte that says how much memory a reader needs; told: the size of the content that the header claims;
    runs: further blocks, each one byte repeated so many times.
    """
    if told is None:
        out = bytes.fromhex("28b52ffd") + b"\x00" + bytes([window])
    else:
        out = bytes.fromhex("28b52ffd") + b"\xc0" + bytes([window]) + told.to_bytes(8, "little")
    pieces = [data[at : at + block] for at in range(0, len(data), block)]
    blocks = [((0, len(piece)), piece) for piece in pieces] + [((1, count), b"\0") for count in runs]
    blocks = blocks or [((0, 0), b"")]
    for number, ((kind, size), content) in enumerate(blocks):
        last = number == len(blocks) - 1
        out += (last | kind << 1 | (size & 0x1FFFFF) << 3).to_bytes(3, "little") + content
    return out


SIZES = (2**63 - 2, 2**63 - 1, 2**63, 2**64 - 1, 2**62, 2**53, 2**53 + 1, 2**46 + 1, 10**30, -1, 1, 0)


def odd_entry(chance: random.Random, name, data, secret):
    """An entry that no volume has."""
    target = secret.encode("utf-8", "surrogateescape")
    size = str(chance.choice(SIZES)).encode()
    forms = (
        lambda: pax([(b"size", size)]) + header(name, 0),
        lambda: pax([(b"size", size), (b"size", b"1")]) + entry(name, data),
        lambda: pax(
            [
                (
                    b"path",
                    chance.choice(
                        (
                            b"../" * 9 + target[1:],
                            target,
                            b"objects/ab/" + b"c" * 5000,
                            name + b"\nFORGED",
                            b"",
                            b"\xff\xfe",
                        )
                    ),
                )
            ]
        )
        + entry(name, data),
        lambda: pax([(b"%d path=x\n" % chance.choice((0, 1, 3, 99, 10**18)),)]) + entry(name, data),
        lambda: pax(
            [
                (b"GNU.sparse.major", b"1"),
                (b"GNU.sparse.minor", b"0"),
                (b"GNU.sparse.realsize", size),
                (b"GNU.sparse.name", name),
            ]
        )
        + entry(name, b"1\n0\n" + size + b"\n" + bytes(BLOCK)),
        lambda: pax([(b"GNU.sparse.map", b"0," + size + b"," + size), (b"GNU.sparse.size", size)]) + entry(name, data),
        lambda: pax([(b"linkpath", target), (b"path", name)], kind=b"g") + entry(name, data),
        lambda: pax([(b"hdrcharset", b"BINARY"), (b"path", b"objects/" + b"\xcc\x81" + name[8:])]) + entry(name, data),
        lambda: pax([(b"SCHILY.xattr.user.x", b"v" * chance.choice((10, 70000, 2000000)))]) + entry(name, data),
        lambda: entry(name, b"", kind=chance.choice((b"1", b"2")), link=target),
        lambda: entry(
            name, b"", kind=chance.choice((b"3", b"4", b"5", b"6", b"7", b"S", b"V", b"M", b"D", b"N", b"\0", b"Z"))
        ),
        lambda: entry(b"././@LongLink", target * chance.choice((1, 5000)), kind=chance.choice((b"L", b"K")))
        + entry(name, data),
        lambda: header(name, 0, raw_size=b"\x80" + bytes(3) + (2**63 - chance.choice((1, 2, 512))).to_bytes(8, "big")),
        lambda: header(name, 0, raw_size=b"\xff" * 12),
        lambda: header(
            name,
            0,
            raw_size=chance.choice((b"77777777777\0", b"            ", b"-1         \0", b"0x10       \0", b"\0" * 12)),
        ),
        lambda: header(name, len(data), raw_sum=b"000000\0 ") + padded(data),
        lambda: header(name, len(data), magic=chance.choice((b"ustar  \0", b"\0" * 8, b"USTAR\x0000"))) + padded(data),
        lambda: entry(name, data) + entry(name, data),
        lambda: entry(name + b".part1", data)
        + entry(
            name + chance.choice((b".part1", b".part3", b".part0", b".part99999999999999999999", b".part-1")), data
        ),
        lambda: entry(b"patches/000001.files", b"file " + target + b"\npart 0 " + size + b" updates/x\n")
        + entry(b"patches/000001.zst", frame(data)),
        lambda: entry(
            b"patches/%s.zst" % chance.choice((b"000001", b"999999999999999999999", b"-00001", b"../../x")),
            frame(b"", told=2**63 - 1),
        ),
        lambda: entry(
            chance.choice(
                (
                    target,
                    b"../" * 8 + target[1:],
                    b"objects//" + name[8:],
                    b"./" + name,
                    b"OBJECTS/" + name[8:],
                    name + b"/",
                    b"",
                    b"objects/ab/" + b"0" * 61,
                )
            ),
            data,
        ),
        lambda: b"".join(header(b"objects/%02x/%062x" % (n % 256, n), 0) for n in range(chance.choice((10, 3000)))),
        lambda: bytes(BLOCK) + entry(name, data),
        lambda: bytes(BLOCK * 2) + entry(name, data),
        lambda: header(name, len(data) + chance.choice((1, 511, 512, 10**9))) + padded(data),
        lambda: chance.randbytes(BLOCK * chance.randint(1, 4)),
    )
    return chance.choice(forms)()


def odd_frame(chance: random.Random, archive):
    """A stream that holds the archive, in one frame or several, right or wrong ones."""
    forms = (
        lambda: frame(archive),
        lambda: frame(archive, block=chance.choice((1, 7, 512, 4096))) if len(archive) < 1 << 16 else frame(archive),
        lambda: frame(archive, window=chance.choice((0x00, 0x70, 0xA8, 0xF8, 0xFF))),
        lambda: frame(archive, told=chance.choice((0, 1, len(archive) + 1, 2**40, 2**63 - 1, 2**64 - 1))),
        lambda: frame(archive, runs=[1 << 17] * chance.choice((8, 2000, 20000))),
        lambda: frame(archive, runs=[0x1FFFFF]),
        lambda: frame(archive[: len(archive) // 2])
        + skippable(chance.choice((8, 4096)))
        + frame(archive[len(archive) // 2 :]),
        lambda: frame(b"") * chance.choice((1, 5000)) + frame(archive),
        lambda: frame(archive) + chance.randbytes(chance.choice((1, 4, 100))),
        lambda: frame(archive)[: -chance.choice((1, 4, 600))],
        lambda: (0x184D2A5F).to_bytes(4, "little") + b"\xff\xff\xff\xff" + frame(archive),
        lambda: b"",
    )
    return chance.choice(forms)()


def volume(chance: random.Random, objects, secret, length=None):
    """A volume with entries as they should be and odd ones; filled up to length, if that is given and it fits."""
    parts, room = [], (length - 4096) if length else 1 << 20
    for name, data in objects:
        if len(data) + 2048 < room and chance.random() < 0.7:
            parts.append(entry(name, data))
            room -= len(data) + 2048
    for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
        name, data = chance.choice(objects)
        if len(data) > 20000 or len(data) + 4096 > room:
            data = data[: max(0, min(20000, room - 4096))]
        odd = odd_entry(chance, name, data, secret)
        if len(odd) < room:
            parts.insert(chance.randint(0, len(parts)), odd)
            room -= len(odd)
    archive = b"".join(parts) + bytes(chance.choice((0, BLOCK, 2 * BLOCK, 2 * BLOCK, 2 * BLOCK)))
    packed = frame(archive) if chance.random() < 0.6 else odd_frame(chance, archive)
    if length is None:
        return packed
    missing = length - len(packed)
    if missing >= 8:
        return packed + skippable(missing)
    return packed[:length] if missing < 0 else packed + bytes(missing)
