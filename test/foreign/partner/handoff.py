"""A handoff: what is sealed inside an envelope, and opening it with every check of docs/protocol/handoff.md, in that order."""

import envelope
import log
import signed
from encoding import Refused, b64u, id_bytes, read_json, require, sha256, unb64u, write_json

from statements import Chain

FIELDS, CONSENT_RECORD = b"relais/fields/v1\0", b"relais/consent-record/v1\0"


def commit(label, salt, text):
    return b64u(sha256(label, salt, text.encode()))


def open_handoff(registry, vkey, handoff, seeds):
    """(payload of handoff+jws, certificate). `handoff`: role, given, released {jws, proof}, later [jws], ctx, wrap,
    wrapHashes, body (bytes); `seeds` maps box key id → X-Wing seed. One error for all at the edge of an app."""
    chain = verified_chain(registry, vkey, handoff)
    given, released, ctx = chain.given, chain.released, handoff["ctx"]
    role, own = require_context(registry, chain, handoff, seeds)
    wrap_hashes = handoff["wrapHashes"]
    place = [r for r, _ in envelope.read_context(ctx)["recipients"]].index(role)
    require(len(wrap_hashes) == 3 and len(handoff["wrap"]) == 1168 and wrap_hashes[place] == sha256(handoff["wrap"]), "digest")
    require(b64u(envelope.digest(ctx, sha256(handoff["body"]), wrap_hashes)) == released["digest"], "digest")
    content = envelope.open_body(ctx, role, own, seeds[own], handoff["wrap"], handoff["body"])
    payload, certificate = require_inner(registry, given, released, content)
    require(payload["ctx"] == b64u(sha256(ctx)), "ctx-claim")
    require_commitments(given, payload)
    return payload, certificate


def verified_chain(registry, vkey, handoff):
    chain = Chain(registry)
    for statement in [handoff["given"]["jws"], handoff["released"]["jws"], *handoff["later"]]:
        chain.add(statement)
    require(chain.released and chain.closed is None, "withdrawn")
    for proven in (handoff["given"], handoff["released"]):
        log.require_statement_proof(proven["proof"], proven["jws"], f"relais-{registry.network}/consent", vkey)
    return chain


def require_context(registry, chain, handoff, seeds):
    """The context is as sent: nothing in it is believed before it equals what the statements and the registry say."""
    given, released, context = chain.given, chain.released, envelope.read_context(handoff["ctx"])
    require(context["kind"] == envelope.HANDOFF, "ctx-kind")
    require(context["referral"] == id_bytes(given["referral"]), "ctx-referral")
    require(context["consent"] == sha256(chain.texts[0].encode()), "ctx-consent")
    sender = registry.current(given["from"], released["day"])["boxId"]
    expected = [(envelope.RECEIVER, released["toKey"]), (envelope.SENDER, sender), (envelope.PERSON, given["personBox"])]
    require(context["recipients"] == [(role, unb64u(key)) for role, key in expected], "ctx-recipients")
    own = dict(context["recipients"]).get(handoff["role"])
    require(own in seeds, "ctx-recipients")
    return handoff["role"], own


def require_inner(registry, given, released, content):
    jws = content.decode("latin-1")
    try:
        certificate_text = signed.peek(jws)["certificate"]
        certificate = registry.require_certificate(certificate_text, released["day"])
        require(given["from"] in certificate["services"], "certificate")
        owner = registry.services[given["from"]][0][1]["organisation"]["id"]
        require(certificate["organisation"] == owner, "certificate")
    except (Refused, KeyError, IndexError, TypeError) as error:
        raise Refused("certificate") from error
    try:
        return signed.verify("handoff+jws", jws, signed.keyring_of(unb64u(certificate["key"])))[1], certificate
    except Refused as error:
        raise Refused("upgrade" if str(error) == "upgrade" else "inner-jws") from error


def require_commitments(given, payload):
    salts = {name: unb64u(salt) for name, salt in payload["salts"].items()}
    require(commit(FIELDS, salts["fields"], payload["fields"]) == given["fields"], "fields-commitment")
    fields = read_json(payload["fields"].encode())
    require(write_json(fields) == payload["fields"] and all(a < b for a, b in zip(fields, fields[1:])), "fields-commitment")
    require(commit(CONSENT_RECORD, salts["consentRecord"], payload["consentRecord"]) == given["consentRecord"], "consent-record-commitment")
    record = read_json(payload["consentRecord"].encode())
    notice = f"{record['notice']['family']}@{record['notice']['version']}"
    require([record[name] for name in ("purpose", "sendUntil", "keepUntil")] ==
            [given[name] for name in ("purpose", "sendUntil", "keepUntil")], "consent-record")
    require(notice == given["notice"] and record["fields"] == fields, "consent-record")
    require(set(payload["record"]) <= set(fields), "record-members")
