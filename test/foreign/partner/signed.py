"""Signed objects: the one way in, and the schemas of what they say."""

import datetime
import re

import ed25519
from encoding import Refused, b64u, read_json, require, unb64u, write_json


def text(value):
    require(isinstance(value, str) and 0 < len(value) <= 4096, "schema")


def matching(pattern):
    def check(value):
        require(isinstance(value, str) and re.fullmatch(pattern, value), "schema")
    return check


def data(length):
    def check(value):
        try:
            unb64u(value, length)
        except Refused as error:
            raise Refused("schema") from error
    return check


def day(value):
    matching(r"\d{4}-\d\d-\d\d")(value)
    try:
        datetime.date.fromisoformat(value)
    except ValueError as error:
        raise Refused("schema") from error


def key(value):
    data(32)(value)
    try:
        ed25519.require_key(unb64u(value))
    except Refused as error:
        raise Refused("schema") from error


def whole(value):
    require(type(value) is int and value >= 0, "schema")


def one_of(*values):
    def check(value):
        require(isinstance(value, str) and value in values, "schema")
    return check


def nullable(check):
    return lambda value: value is None or check(value)


def listed(check):
    def check_all(value):
        require(isinstance(value, list), "schema")
        for item in value:
            check(item)
    return check_all


def members(**schema):
    """An object of exactly these members; a name that ends in `_` may be absent."""
    def check(value):
        require(isinstance(value, dict), "schema")
        for name, rule in schema.items():
            if name.rstrip("_") in value:
                rule(value[name.rstrip("_")])
            else:
                require(name.endswith("_"), "schema")
        # what a newer version may have added, where nothing else is wrong
        require(set(value) <= {name.rstrip("_") for name in schema}, "upgrade")
    return check


ID = matching(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HASH = data(32)
CODE = matching(r"[a-z][a-z0-9-]{0,63}")
EPOCH = matching(r"\d{4}-\d\d\.[1-9]\d{0,2}")
NAMED = members(id=ID, name=text)
AUTH = lambda jwk: (members(kty=one_of("OKP"), crv=one_of("Ed25519"), x=key) if isinstance(jwk, dict) and jwk.get("kty") == "OKP"
                    else members(kty=one_of("EC"), crv=one_of("P-256"), x=HASH, y=HASH))(jwk)

SCHEMAS = {
    "organisation+jws": members(network=ID, organisation=ID, name=text, key=key),
    "coordinator-key+jws": members(network=ID, organisation=ID, key=key, **{"from": day}, until=day),
    "service-key+jws": members(network=ID, organisation=NAMED, service=NAMED, epoch=EPOCH, box=data(1216), boxId=HASH, key=key,
                               **{"from": day}, until=day, previous=nullable(HASH), revocation_=HASH),
    "revocation+jws": members(network=ID, organisation=ID, key=HASH, **{"from": day}, reason=CODE, decision_=HASH),
    "charter+jws": members(network=ID, version=whole, textHash=HASH, **{"from": day}, previous=nullable(HASH), decision_=HASH),
    "device-certificate+jws": members(network=ID, organisation=ID, device=ID, role=one_of("worker", "coordinator"),
                                      services=listed(ID), auth=AUTH, key=key, boxId=HASH, **{"from": day}, until=day),
    "key-grant+jws": members(network=ID, service=ID, epoch=EPOCH, boxId=HASH, deviceBoxId=HASH, sealed=data(1168)),
    "handoff+jws": members(ctx=HASH, record=lambda value: require(isinstance(value, dict), "schema"), consentRecord=text,
                           fields=text, salts=members(fields=HASH, consentRecord=HASH), certificate=text),
}


def sign(typ, seed, payload):
    kid = ed25519.thumbprint(ed25519.public_key(seed))
    header = '{"alg":"Ed25519","typ":"%s","kid":"%s"}' % (typ, kid)
    signed = b64u(header.encode()) + "." + b64u(write_json(payload).encode())
    return signed + "." + b64u(ed25519.sign(seed, signed.encode()))


def peek(jws):
    """The payload of an object that is not verified yet: only to learn which key must have signed it."""
    return read_json(unb64u(jws.split(".")[1]))


def header_of(jws):
    header = read_json(unb64u(jws.split(".")[0]))
    require(isinstance(header, dict), "header")
    return header


def typ_of(jws):
    return header_of(jws).get("typ")


def kid_of(jws):
    return header_of(jws).get("kid")


def verify(typ, jws, keyring, schema=None):
    """The payload, after every check in the order of docs/protocol/signing.md. `keyring` maps kid → public key."""
    parts = jws.split(".")
    require(len(parts) == 3, "form")
    header, payload, signature = (unb64u(part) for part in parts)
    require(len(signature) == 64, "signature")
    match = re.fullmatch(rb'\{"alg":"([^"\\]*)","typ":"([^"\\]*)","kid":"([^"\\]*)"\}', header)
    require(match, "header")
    require(match[1] == b"Ed25519", "alg")
    require(match[2] == typ.encode(), "typ")
    kid = match[3].decode("latin-1")
    require(kid in keyring and ed25519.thumbprint(keyring[kid]) == kid, "kid")
    ed25519.require_key(keyring[kid])
    ed25519.verify(keyring[kid], signature, f"{parts[0]}.{parts[1]}".encode())
    value = read_json(payload)
    (schema or SCHEMAS[typ])(value)
    return kid, value


def keyring_of(*keys):
    return {ed25519.thumbprint(public): public for public in keys}
