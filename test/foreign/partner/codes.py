"""Codes of 25 symbols, and the keys that come out of them."""

import hashlib
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from encoding import Refused, expand, extract, require

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIASES = str.maketrans("OILU", "011V")
POWERS = [1]
for _ in range(30):
    doubled = POWERS[-1] << 1
    POWERS.append(doubled ^ 0b100101 if doubled & 32 else doubled)


def times(a, b):
    return POWERS[(POWERS.index(a) + POWERS.index(b)) % 31] if a and b else 0


def checks(symbols):
    """(sum of c_i, sum of c_i·alpha^i), i from 0 at the left."""
    total = weighted = 0
    for i, symbol in enumerate(symbols):
        total, weighted = total ^ symbol, weighted ^ times(symbol, POWERS[i % 31])
    return total, weighted


def new_code():
    data = [secrets.randbelow(32) for _ in range(23)]
    pairs = ((a, b) for a in range(32) for b in range(32))
    code = data + list(next(p for p in pairs if checks(data + list(p)) == (0, 0)))
    text = "".join(ALPHABET[symbol] for symbol in code)
    return "-".join(text[i : i + 5] for i in range(0, 25, 5))


def read_code(text):
    """The 23 symbols, checked."""
    kept = (c for c in text if not c.isspace() and unicodedata.category(c) != "Pd" and c != "\u2212")
    raised = "".join(c.upper() if "a" <= c <= "z" else c for c in kept).translate(ALIASES)
    require(len(raised) == 25 and all(c in ALPHABET for c in raised), "code")
    require(checks([ALPHABET.index(c) for c in raised]) == (0, 0), "code")
    return raised[:23]


def normalise_word(word):
    return unicodedata.normalize("NFKC", word).strip().lower().encode()


def code_keys(use, code, word=""):
    """Seeds of a code: `sign`, `box`, for a receipt `read`, for an invitation `welcome`."""
    label = f"relais/{use}/v1".encode()
    prk = inner = extract(label, read_code(code).encode())
    if normalise_word(word):
        inner = hashlib.pbkdf2_hmac("sha256", normalise_word(word), prk, 600_000, 32)
    return {"sign": expand(prk, label + b" sign"), "box": expand(inner, label + b" box"),
            "read": expand(inner, label + b" read"), "welcome": expand(prk, label + b" welcome")}


def open_welcome(key, sealed):
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:12], sealed[12:], b"")
    except (InvalidTag, ValueError) as error:
        raise Refused("welcome") from error
