"""Ed25519 keys: which ones may be used at all, thumbprints, and signing."""

import functools

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from encoding import Refused, b64u, require, sha256
from xwing import raw

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


@functools.cache
def require_key(public):
    """A canonical point of the prime-order subgroup, and not the identity: what libsodium's
    crypto_sign_ed25519_pk_to_curve25519 takes. Libraries accept small-order keys, and then forgeries verify."""
    require(len(public) == 32, "key")
    point = decompress(public)
    identity = (0, 1, 1, 0)
    require(not same(point, identity) and same(multiply(point, L), identity), "key")


def decompress(public):
    number = int.from_bytes(public, "little")
    y, sign = number & (2**255 - 1), number >> 255
    require(y < P, "key")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    require(x * x % P == square and not (x == 0 and sign), "key")
    x = P - x if x % 2 != sign else x
    return (x, y, 1, x * y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(point, scalar):
    result = (0, 1, 1, 0)
    while scalar:
        result = add(result, point) if scalar & 1 else result
        point, scalar = add(point, point), scalar >> 1
    return result


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def public_key(seed):
    return raw(Ed25519PrivateKey.from_private_bytes(seed).public_key())


def thumbprint(public):
    """RFC 7638 of the key as an OKP JWK, base64url: the `kid`."""
    return b64u(sha256(('{"crv":"Ed25519","kty":"OKP","x":"%s"}' % b64u(public)).encode()))


def sign(seed, message):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verify(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Refused("signature") from error
