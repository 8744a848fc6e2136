"""ML-KEM-768 from the text of FIPS 203, for machines whose Python `cryptography` has none (before 48).

TEST CODE. Not constant time, not reviewed, not for use: it only proves that docs/protocol/README.md is enough."""

from hashlib import sha3_256, sha3_512, shake_128, shake_256

N, Q, K, DU, DV = 256, 3329, 3, 10, 4


def bit_reversed(i):
    return int(f"{i:07b}"[::-1], 2)


ZETAS = [pow(17, bit_reversed(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * bit_reversed(i) + 1, Q) for i in range(128)]


def ntt(f):
    f, i, length = list(f), 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            zeta, i = ZETAS[i], i + 1
            for j in range(start, start + length):
                t = zeta * f[j + length] % Q
                f[j + length], f[j] = (f[j] - t) % Q, (f[j] + t) % Q
        length //= 2
    return f


def inverse_ntt(f):
    f, i, length = list(f), 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            zeta, i = ZETAS[i], i - 1
            for j in range(start, start + length):
                t = f[j]
                f[j], f[j + length] = (t + f[j + length]) % Q, zeta * (f[j + length] - t) % Q
        length *= 2
    return [x * 3303 % Q for x in f]


def multiply(f, g):
    h = []
    for i in range(128):
        a, b, c, d = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        h += [(a * c + b * d * GAMMAS[i]) % Q, (a * d + b * c) % Q]
    return h


def add(f, g):
    return [(a + b) % Q for a, b in zip(f, g)]


def dot(fs, gs):
    total = [0] * N
    for f, g in zip(fs, gs):
        total = add(total, multiply(f, g))
    return total


def encode(f, d):
    bits = sum(x << (d * i) for i, x in enumerate(f))
    return bits.to_bytes(32 * d, "little")


def decode(data, d):
    bits, modulus = int.from_bytes(data, "little"), Q if d == 12 else 1 << d
    return [(bits >> (d * i) & ((1 << d) - 1)) % modulus for i in range(N)]


def decode_vector(data, d):
    return [decode(data[32 * d * i : 32 * d * (i + 1)], d) for i in range(K)]


def compress(f, d):
    return [((x << d) + Q // 2) // Q % (1 << d) for x in f]


def decompress(f, d):
    return [(x * Q + (1 << (d - 1))) >> d for x in f]


def sample_ntt(seed):
    stream, f = shake_128(seed).digest(3 * 672), []
    for i in range(0, len(stream), 3):
        a, b, c = stream[i : i + 3]
        f += [x for x in (a + 256 * (b % 16), b // 16 + 16 * c) if x < Q]
        if len(f) >= N:
            return f[:N]
    raise ValueError("sampling ran dry")


def sample_cbd(seed, counter):
    bits = int.from_bytes(shake_256(seed + bytes([counter])).digest(128), "little")
    pairs = [bits >> (4 * i) & 15 for i in range(N)]
    return [((p & 1) + (p >> 1 & 1) - (p >> 2 & 1) - (p >> 3)) % Q for p in pairs]


def matrix(rho):
    return [[sample_ntt(rho + bytes([j, i])) for j in range(K)] for i in range(K)]


def generate(seed):
    """(encapsulation key, decapsulation key) of the seed d ‖ z."""
    d, z = seed[:32], seed[32:]
    expanded = sha3_512(d + bytes([K])).digest()
    rho, sigma = expanded[:32], expanded[32:]
    s = [ntt(sample_cbd(sigma, i)) for i in range(K)]
    e = [ntt(sample_cbd(sigma, K + i)) for i in range(K)]
    t = [add(dot(row, s), e[i]) for i, row in enumerate(matrix(rho))]
    ek = b"".join(encode(f, 12) for f in t) + rho
    return ek, b"".join(encode(f, 12) for f in s) + ek + sha3_256(ek).digest() + z


def encrypt(ek, message, r):
    t, a = decode_vector(ek, 12), matrix(ek[384 * K :])
    y = [ntt(sample_cbd(r, i)) for i in range(K)]
    u = [add(inverse_ntt(dot([a[j][i] for j in range(K)], y)), sample_cbd(r, K + i)) for i in range(K)]
    v = add(add(inverse_ntt(dot(t, y)), sample_cbd(r, 2 * K)), decompress(decode(message, 1), 1))
    return b"".join(encode(compress(f, DU), DU) for f in u) + encode(compress(v, DV), DV)


def encapsulate(ek, message):
    """(shared secret, ciphertext) for 32 fresh random bytes."""
    if len(ek) != 384 * K + 32 or b"".join(encode(f, 12) for f in decode_vector(ek, 12)) != ek[: 384 * K]:
        raise ValueError("encapsulation key")
    expanded = sha3_512(message + sha3_256(ek).digest()).digest()
    return expanded[:32], encrypt(ek, message, expanded[32:])


def decapsulate(dk, ciphertext):
    ek, h, z = dk[384 * K : 768 * K + 32], dk[768 * K + 32 : 768 * K + 64], dk[768 * K + 64 :]
    u = [decompress(f, DU) for f in decode_vector(ciphertext, DU)]
    v = decompress(decode(ciphertext[32 * DU * K :], DV), DV)
    masked = inverse_ntt(dot(decode_vector(dk, 12), [ntt(f) for f in u]))
    message = encode(compress([(a - b) % Q for a, b in zip(v, masked)], 1), 1)
    expanded = sha3_512(message + h).digest()
    same = encrypt(ek, message, expanded[32:]) == ciphertext
    return expanded[:32] if same else shake_256(z + ciphertext).digest(32)
