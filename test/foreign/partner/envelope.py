"""Envelope version 1: context, wraps, body, digest."""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import xwing
from encoding import Refused, expand, extract, require, sha256

LABEL, SUITE = b"relais/envelope/v1\0", b"\1"
HANDOFF = 1
RECEIVER, SENDER, PERSON = 1, 2, 3
BUCKETS = (4096, 8192, 16384, 65536)


def write_context(kind, referral, envelope, consent, recipients):
    """`recipients`: (role, key id) pairs; they stand in ascending order."""
    entries = sorted(bytes([role]) + key for role, key in recipients)
    return LABEL + SUITE + bytes([kind]) + referral + envelope + consent + bytes([len(entries)]) + b"".join(entries)


def read_context(ctx):
    start = len(LABEL) + 2
    require(ctx[: start - 1] == LABEL + SUITE and len(ctx) > start + 64, "ctx-form")
    fixed, count, tail = ctx[start : start + 64], ctx[start + 64], ctx[start + 65 :]
    entries = [tail[i : i + 33] for i in range(0, len(tail), 33)]
    require(1 <= count <= 16 and len(entries) == count and len(tail) == 33 * count, "ctx-form")
    require(all(a < b for a, b in zip(entries, entries[1:])) and all(1 <= e[0] <= 4 for e in entries), "ctx-form")
    return {"kind": ctx[start - 1], "referral": fixed[:16], "envelope": fixed[16:32], "consent": fixed[32:],
            "recipients": [(e[0], e[1:]) for e in entries]}


def wrap_info(ctx, role, key):
    return b"relais/wrap/v1\0" + sha256(ctx) + bytes([role]) + key


def body_keys(ctx, salt, cek):
    prk, ctx_hash = extract(salt, cek), sha256(ctx)
    return [expand(prk, b"relais/body/v1 " + what + b"\0" + ctx_hash) for what in (b"key", b"commit")]


def nonce(j, last):
    return j.to_bytes(11, "big") + bytes([last])


def pad(content):
    plain = len(content).to_bytes(4, "big") + content
    size = next((bucket for bucket in BUCKETS if bucket >= len(plain)), None)
    require(size, "too-large")
    return plain.ljust(size, b"\0")


def unpad(plain):
    require(len(plain) >= 4, "prefix")
    end = 4 + int.from_bytes(plain[:4], "big")
    require(end <= len(plain), "prefix")
    require(len(plain) == next((bucket for bucket in BUCKETS if bucket >= end), None), "bucket")
    require(not any(plain[end:]), "zeros")
    return plain[4:end]


def seal(ctx, boxes, content):
    """(wraps in the order of the context, body). `boxes` maps key id → X-Wing public key."""
    cek, salt = os.urandom(32), os.urandom(32)
    key, commit = body_keys(ctx, salt, cek)
    chunk = ChaCha20Poly1305(key).encrypt(nonce(0, True), pad(content), b"")  # one chunk: 65536 bytes at most
    wraps = [xwing.seal(boxes[key_id], wrap_info(ctx, role, key_id), cek) for role, key_id in read_context(ctx)["recipients"]]
    return wraps, salt + commit + chunk


def digest(ctx, body_hash, wrap_hashes):
    return sha256(b"relais/digest/v1\0", sha256(ctx), body_hash, *wrap_hashes)


def open_body(ctx, role, key_id, seed, wrap, body):
    cek = xwing.open_sealed(seed, wrap_info(ctx, role, key_id), wrap)
    salt, commit, chunk = body[:32], body[32:64], body[64:]
    key, expected = body_keys(ctx, salt, cek)
    require(hmac.compare_digest(commit, expected) and chunk, "commitment")
    try:
        return unpad(ChaCha20Poly1305(key).decrypt(nonce(0, True), chunk, b""))
    except (InvalidTag, ValueError) as error:
        raise Refused("chunk") from error
