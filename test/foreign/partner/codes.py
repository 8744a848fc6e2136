"""Codes of 25 symbols, and the keys that come out of them."""

import hashlib
import re
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from encoding import Refused, expand, extract, require

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
QUOTES = re.compile("[\"'`\u00ab\u00b4\u00bb\u02b9-\u02bf\u055a\u05f3\u05f4\u2018-\u201f\u2032-\u2036\u2039\u203a]+")
DASHES = re.compile("[" + "".join(c for c in map(chr, range(0x110000)) if unicodedata.category(c) == "Pd").replace("-", "\\-") + "\u2212]+")
YEH_AND_KAF = {0x6CC: "\u064a", 0x649: "\u064a", 0x6A9: "\u0643", 0x640: ""}
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
    kept = "".join(c for c in plain(text) if unicodedata.category(c)[0] in "LNM")
    raised = re.sub("\u0130|i\u0307", "I", kept).upper().translate(ALIASES)
    require(len(raised) == 25 and all(c in ALPHABET for c in raised), "code")
    require(checks([ALPHABET.index(c) for c in raised]) == (0, 0), "code")
    return raised[:23]


def is_hidden(c):
    """Controls, formats, and what else Unicode calls Default_Ignorable_Code_Point."""
    return unicodedata.category(c) in ("Cc", "Cf") or IGNORABLE.match(c) is not None


def plain(text):
    """NFKC, white space as spaces, nothing hidden, digits as 0-9."""
    spaced = re.sub("[\t-\r\u0085]", " ", unicodedata.normalize("NFKC", text))
    shown = (c for c in spaced if not is_hidden(c))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in shown)


def normalise_word(word):
    text = plain(QUOTES.sub("'", word)).lower().upper().lower()
    text = unicodedata.normalize("NFKC", text).replace("\u0307", "").replace("ς", "σ")
    text = DASHES.sub("-", QUOTES.sub("'", text)).translate(YEH_AND_KAF)
    text = re.sub(" +", " ", "".join(" " if unicodedata.category(c)[0] == "Z" else c for c in text)).strip()
    first = next((i for i, c in enumerate(text) if not is_around(c)), None)
    last = next((i for i, c in enumerate(reversed(text)) if not is_around(c)), 0)
    return (text if first is None else text[first : len(text) - last]).encode()


def is_around(c):
    return unicodedata.category(c)[0] in "PZ"


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
