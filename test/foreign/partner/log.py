"""C2SP signed notes, checkpoints, tlog-proofs and entry bundles; Merkle proofs of RFC 6962."""

import base64
import binascii
import re

import ed25519
from encoding import Refused, hmac_sha256, require, sha256


def unb64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("proof") from error
    require(base64.b64encode(data).decode() == text, "proof")
    return data


def read_vkey(vkey):
    """(name, key id, public key) of `name+hash+base64(01 ‖ key)`."""
    name, key_hash, encoded = vkey.split("+", 2)
    data = unb64(encoded)
    require(len(data) == 33 and data[0] == 1, "vkey")
    require(sha256(name.encode(), b"\n", data)[:4].hex() == key_hash, "vkey")
    ed25519.require_key(data[1:])
    return name, bytes.fromhex(key_hash), data[1:]


def open_checkpoint(note, vkey):
    """(size, root) of a checkpoint that the log itself has signed."""
    name, key_hash, public = read_vkey(vkey)
    text, separator, signatures = note.rpartition("\n\n")
    require(separator and signatures.endswith("\n"), "proof")
    lines = text.split("\n")
    require(len(lines) >= 3 and lines[0] == name and re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]), "proof")
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 (\S+) (\S+)", line)
        require(match, "proof")
        signature = unb64(match[2])
        if match[1] == name and signature[:4] == key_hash:
            ed25519.verify(public, signature[4:], (text + "\n").encode())
            root = unb64(lines[2])
            require(len(root) == 32 and int(lines[1]) < 2**63, "proof")
            return int(lines[1]), root
    raise Refused("proof")


def leaf_hash(data):
    return sha256(b"\0", data)


def node_hash(left, right):
    return sha256(b"\1", left, right)


def root_of(leaf_hashes):
    if not leaf_hashes:
        return sha256(b"")
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    split = 1 << (len(leaf_hashes) - 1).bit_length() - 1
    return node_hash(root_of(leaf_hashes[:split]), root_of(leaf_hashes[split:]))


def require_inclusion(leaf, index, path, size, root):
    """RFC 9162 section 2.1.3.2."""
    require(index < size, "proof")
    f, s, r = index, size - 1, leaf
    for step in path:
        require(s > 0, "proof")
        if f & 1 or f == s:
            r = node_hash(step, r)
            while not f & 1 and f:
                f, s = f >> 1, s >> 1
        else:
            r = node_hash(r, step)
        f, s = f >> 1, s >> 1
    require(s == 0 and r == root, "proof")


def require_consistency(old_size, old_root, path, size, root):
    """RFC 9162 section 2.1.4.2. Nothing to prove from an empty tree, or for the same one."""
    require(old_size <= size < 2**63, "consistency")
    if old_size == 0 or old_size == size:
        require(not path and (old_size == 0 or old_root == root), "consistency")
        return
    path = path if old_size & (old_size - 1) else [old_root, *path]
    require(path, "consistency")
    f, s = old_size - 1, size - 1
    while f & 1:
        f, s = f >> 1, s >> 1
    fr = sr = path[0]
    for step in path[1:]:
        require(s > 0, "consistency")
        if f & 1 or f == s:
            fr, sr = node_hash(step, fr), node_hash(step, sr)
            while not f & 1 and f:
                f, s = f >> 1, s >> 1
        else:
            sr = node_hash(sr, step)
        f, s = f >> 1, s >> 1
    require(s == 0 and fr == old_root and sr == root, "consistency")


def require_statement_proof(proof, statement, log, vkey):
    """A statement's leaf is in the log: commitment by the opening of the `extra` line. Answers (size, root)."""
    lines, separator, note = proof.partition("\n\n")
    lines = lines.split("\n")
    require(separator and lines[0] == "c2sp.org/tlog-proof@v1" and len(lines) >= 3, "proof")
    require(lines[1].startswith("extra ") and re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines[2]), "proof")
    opening, path = unb64(lines[1][6:]), [unb64(line) for line in lines[3:]]
    require(len(opening) == 32 and all(len(step) == 32 for step in path), "proof")
    size, root = open_checkpoint(note, vkey)
    leaf = leaf_hash(b"\1" + commitment(log, opening, statement))
    require_inclusion(leaf, int(lines[2][6:]), path, size, root)
    return size, root


def commitment(log, opening, statement):
    text = statement.encode()
    return hmac_sha256(f"{log}/commitment/v1".encode(), opening, len(text).to_bytes(4, "big"), text)


def read_bundle(data):
    """Entries of a tlog-tiles entry bundle: each a uint16 length and that many bytes."""
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        require(len(data) >= 2 + length, "bundle")
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    return entries


def tile_number(index):
    """x001/x234/067 of C2SP tlog-tiles."""
    path, index = f"{index % 1000:03d}", index // 1000
    while index:
        path, index = f"x{index % 1000:03d}/{path}", index // 1000
    return path
