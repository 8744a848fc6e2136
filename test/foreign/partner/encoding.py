"""Bytes, text and hashes: what every other file writes and reads."""

import base64
import hashlib
import hmac
import json
import re


class Refused(Exception):
    """Something that must not be accepted; the word names the first check that failed."""


def require(condition, check):
    if not condition:
        raise Refused(check)


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text, length=None):
    require(isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, "base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(b64u(data) == text, "base64url")
    require(length in (None, len(data)), "length")
    return data


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def text_hash(text):
    """What `prev`, `previous`, `own` and the like carry: the SHA-256 of a text, base64url."""
    return b64u(sha256(text.encode()))


def hmac_sha256(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def extract(salt, secret):
    return hmac_sha256(salt or bytes(32), secret)


def expand(prk, info, length=32):
    block, output = b"", b""
    while len(output) < length:
        block = hmac_sha256(prk, block, info, bytes([len(output) // 32 + 1]))
        output += block
    return output[:length]


def write_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_json(data):
    """Strict: UTF-8 without BOM, no duplicate member, whole plain numbers, no lone surrogate."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_members, parse_int=_whole, parse_float=_no, parse_constant=_no)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        return value
    except ValueError as error:
        raise Refused("json") from error


def _members(pairs):
    require(len({name for name, _ in pairs}) == len(pairs), "duplicate-member")
    return dict(pairs)


def _whole(text):
    require(text != "-0" and abs(int(text)) < 2**53, "schema")
    return int(text)


def _no(_text):
    raise Refused("schema")


def id_bytes(id_text):
    return bytes.fromhex(id_text.replace("-", ""))


def id_text(data):
    h = data.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))
