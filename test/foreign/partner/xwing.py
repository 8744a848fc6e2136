"""X-Wing (draft-connolly-cfrg-xwing-kem) and HPKE base mode (RFC 9180) with it: KEM 0x647a, HKDF-SHA256, ChaCha20-Poly1305."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import mlkem768
from encoding import Refused, expand, extract, require, sha256

try:  # cryptography 48 and later, where its OpenSSL has it
    from cryptography.hazmat.primitives.asymmetric import mlkem as library
except ImportError:
    library = None

LABEL = bytes.fromhex("5c2e2f2f5e5c")
SUITE = b"HPKE" + bytes.fromhex("647a00010003")


def raw(public):
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def halves(seed):
    expanded = hashlib.shake_256(seed).digest(96)
    return expanded[:64], X25519PrivateKey.from_private_bytes(expanded[64:])


def public_key(seed):
    mlkem_seed, x = halves(seed)
    if library:
        return library.MLKEM768PrivateKey.from_seed_bytes(mlkem_seed).public_key().public_bytes_raw() + raw(x.public_key())
    return mlkem768.generate(mlkem_seed)[0] + raw(x.public_key())


def key_id(public):
    require(len(public) == 1216, "schema")
    return sha256(b"relais/key-id/xwing/v1\0", public)


def encapsulate(public, randomness=None):
    """(shared secret, encapsulation[1120]); the randomness is given by test vectors only."""
    mlkem_public, x_public = public[:1184], public[1184:]
    if library and randomness is None:
        mlkem_secret, mlkem_text = library.MLKEM768PublicKey.from_public_bytes(mlkem_public).encapsulate()
    else:
        randomness = randomness or os.urandom(64)
        mlkem_secret, mlkem_text = mlkem768.encapsulate(mlkem_public, randomness[:32])
    ephemeral = X25519PrivateKey.from_private_bytes((randomness or os.urandom(64))[32:])
    x_text = raw(ephemeral.public_key())
    x_secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(x_public))
    return combine(mlkem_secret, x_secret, x_text, x_public), mlkem_text + x_text


def decapsulate(seed, encapsulation):
    mlkem_text, x_text = encapsulation[:1088], encapsulation[1088:]
    mlkem_seed, x = halves(seed)
    if library:
        mlkem_secret = library.MLKEM768PrivateKey.from_seed_bytes(mlkem_seed).decapsulate(mlkem_text)
    else:
        mlkem_secret = mlkem768.decapsulate(mlkem768.generate(mlkem_seed)[1], mlkem_text)
    x_secret = x.exchange(X25519PublicKey.from_public_bytes(x_text))
    return combine(mlkem_secret, x_secret, x_text, raw(x.public_key()))


def combine(mlkem_secret, x_secret, x_text, x_public):
    return hashlib.sha3_256(mlkem_secret + x_secret + x_text + x_public + LABEL).digest()


def labeled_extract(salt, label, secret):
    return extract(salt, b"HPKE-v1" + SUITE + label + secret)


def labeled_expand(prk, label, info, length):
    return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info, length)


def schedule(shared_secret, info):
    """RFC 9180 section 5.1, mode base: the AEAD key and the nonce of the only message."""
    context = b"\0" + labeled_extract(b"", b"psk_id_hash", b"") + labeled_extract(b"", b"info_hash", info)
    secret = labeled_extract(shared_secret, b"secret", b"")
    return ChaCha20Poly1305(labeled_expand(secret, b"key", context, 32)), labeled_expand(secret, b"base_nonce", context, 12)


def seal(public, info, plain, randomness=None):
    shared_secret, encapsulation = encapsulate(public, randomness)
    aead, nonce = schedule(shared_secret, info)
    return encapsulation + aead.encrypt(nonce, plain, b"")


def open_sealed(seed, info, sealed):
    require(len(sealed) > 1136, "hpke")
    try:
        aead, nonce = schedule(decapsulate(seed, sealed[:1120]), info)
        return aead.decrypt(nonce, sealed[1120:], b"")
    except (InvalidTag, ValueError) as error:
        raise Refused("hpke") from error
