"""Signs bundles anew with the keys of the connected side, as whoever has taken them would."""

import hashlib
import json
import os
import re

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def recover_x(y):
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * I % P
    return P - x if x % 2 else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiplied(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def encoded(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def signature(seed, message):
    """An Ed25519 signature (RFC 8032)."""
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    nonce = int.from_bytes(hashlib.sha512(digest[32:] + message).digest(), "little") % ORDER
    public, commitment = encoded(multiplied(secret, BASE)), encoded(multiplied(nonce, BASE))
    challenge = int.from_bytes(hashlib.sha512(commitment + public + message).digest(), "little") % ORDER
    return commitment + ((nonce + challenge * secret) % ORDER).to_bytes(32, "little")


def canonical(value):
    """The form that is signed: of texts only quotation marks and backslashes are escaped."""
    if isinstance(value, dict):
        members = [canonical(key) + b":" + canonical(value[key]) for key in sorted(value, key=str)]
        return b"{" + b",".join(members) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(canonical(element) for element in value) + b"]"
    if isinstance(value, str):
        return ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"').encode("utf-8", "surrogatepass")
    return json.dumps(value).encode()


def read(path, most=1 << 26):
    """The bytes of a plain file that is not a giant."""
    if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > most:
        raise ValueError(f"{path} is not read")
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    """Writes a plain file, or one in the place of what is none."""
    if os.path.lexists(path) and (os.path.islink(path) or not os.path.isfile(path)):
        raise ValueError(f"{path} is not written")
    with open(path, "wb") as file:
        file.write(data)


class Signer:
    """The private keys of a store, which have no pass phrase."""

    def __init__(self, store):
        self.seeds = {}
        for role in ("root", "targets", "snapshot", "timestamp", "volumes"):
            with open(os.path.join(store, "keys", role + ".key"), encoding="utf-8") as file:
                key = json.load(file)
            self.seeds[role] = (key["keyid"], bytes.fromhex(key["seed"]))

    def write(self, path, role, signed):
        """Writes signed metadata; returns what metadata above it says of the file."""
        keyid, seed = self.seeds[role]
        text = canonical(signed)
        document = {"signatures": [{"keyid": keyid, "sig": signature(seed, text).hex()}], "signed": signed}
        # A control character of a text stands in the file as an escape, and is signed as itself.
        data = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
        write(path, data)
        return {"length": len(data), "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}

    def seal(self, bundle, change=None):
        """Signs all of a bundle's folder as it is now: volumes, lists, manifests, label.

        change is called with the name of each role and its signed part before that is signed.
        """
        change = change or (lambda role, signed: None)
        metadata = os.path.join(bundle, "data", "metadata")
        for folder in (bundle, os.path.dirname(metadata), metadata, os.path.join(bundle, "data", "volumes")):
            # What a link leads to is another bundle, which has to stay as it is.
            if os.path.islink(folder):
                raise ValueError(f"{folder} is not written to")
        names = os.listdir(metadata)

        def find(role):
            name = next(n for n in names if re.fullmatch(r"(\d+\.)?" + role + r"\.json", n))
            return os.path.join(metadata, name), json.loads(read(os.path.join(metadata, name)))["signed"]

        told = {}
        for role in ("volumes", "targets"):
            try:
                path, signed = find(role)
            except StopIteration:
                continue
            if role == "volumes":
                self.take_volumes(bundle, signed)
            change(role, signed)
            told[role + ".json"] = self.write(path, role, signed)
        path, signed = find("snapshot")
        for name, facts in told.items():
            signed["meta"][name].update(facts)
        change("snapshot", signed)
        told = self.write(path, "snapshot", signed)
        path, signed = find("timestamp")
        signed["meta"]["snapshot.json"].update(told)
        change("timestamp", signed)
        self.write(path, "timestamp", signed)
        self.seal_label(bundle)

    @staticmethod
    def take_volumes(bundle, signed):
        """Has the list of volumes say what their files hold now, and gives these the names that belong to that."""
        folder = os.path.join(bundle, "data", "volumes")
        for path, facts in signed["targets"].items():
            name = os.path.basename(path)
            for file in sorted(os.listdir(folder)):
                if re.sub(r"^[0-9a-f]{64}\.", "", file) != name:
                    continue
                place = os.path.join(folder, file)
                data = read(place)
                digest = hashlib.sha256(data).hexdigest()
                facts["length"], facts["hashes"] = len(data), {"sha256": digest}
                os.rename(place, os.path.join(folder, digest + "." + name))

    def seal_label(self, bundle):
        """Writes both manifests, and the label over them."""
        manifest = ""
        for folder, _, files in sorted(os.walk(os.path.join(bundle, "data"))):
            for name in sorted(files):
                path = os.path.join(folder, name)
                digest = hashlib.sha256(read(path)).hexdigest()
                manifest += f"{digest}  {os.path.relpath(path, bundle)}\n"
        data = manifest.encode("utf-8", "surrogateescape")
        write(os.path.join(bundle, "manifest-sha256.txt"), data)
        text = read(os.path.join(bundle, "LABEL.txt"))
        text = text[: text.index(b"\nSignature") + 1]
        text = re.sub(
            rb"(manifest-sha256\.txt:\n\s+)[0-9a-f]{64}", rb"\g<1>" + hashlib.sha256(data).hexdigest().encode(), text
        )
        text += b"Signature  " + signature(self.seeds["timestamp"][1], text).hex().encode() + b"\n"
        write(os.path.join(bundle, "LABEL.txt"), text)
