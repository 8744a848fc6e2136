"""A partner app in one file: `python3 story.py STEP`, with a JSON object on standard input and one on standard output.

Each step is what docs/protocol/partner-app.md calls a step of a partner app; the state is what a device would keep."""

import json
import os
import sys
import time

import device as devices
import ed25519
import envelope
import handoff
import log
import signed
import xwing
from api import Caller
from codes import code_keys, new_code
from encoding import b64u, id_bytes, id_text, require, sha256, text_hash, unb64u, write_json
from statements import TYP, Chain


def statement(network, kind, seed, consent, referral, prev, day, **members):
    payload = {"log": f"relais-{network}/consent", "kind": kind, "consent": consent, "referral": referral, "prev": prev, "day": day}
    return {"jws": signed.sign(TYP, seed, {**payload, **members}), "opening": b64u(os.urandom(32))}


def ask(given):
    return {"state": devices.ask(given["issuer"], given["code"])}


def join(given):
    return {"state": devices.join(given["state"], given["code"])}


def send(given):
    """Finds the service, records the consent, seals for three, sends."""
    device, code = devices.Device(given["state"]), new_code()
    keys = code_keys("receipt", code)
    to_epoch, own = find_service(device, given["to"]), device.registry.current(given["from"], device.today)
    record, consent_text = given["record"], consent_record(device, given["consent"], given["record"])
    case = {"from": given["from"], "to": given["to"], "ids": (id_text(os.urandom(16)), id_text(os.urandom(16))),
            "fields": write_json(sorted(record)), "consentRecord": consent_text, "record": record,
            "salts": {name: os.urandom(32) for name in ("fields", "consentRecord")}}
    consented = give(device, case, keys)
    ctx, wraps, body = seal(device, case, consented, [to_epoch, own], keys)
    released = release(device, case, consented, to_epoch, envelope.digest(ctx, sha256(body), [sha256(wrap) for wrap in wraps]))
    person = {"box": b64u(xwing.public_key(keys["box"])), "read": b64u(ed25519.public_key(keys["read"])), "word": False}
    answer = device.api.post("/v1/referrals", {
        "referral": case["ids"][1], "kind": "referral", "priority": "routine", "ctx": b64u(ctx), "body": b64u(body),
        "wraps": [b64u(wrap) for wrap in wraps], "statements": [consented, released], "person": person})
    return {"state": device.state, "referral": case["ids"][1], "receiptCode": code, "status": answer["status"]}


def find_service(device, service):
    """The epoch to seal to: the registry's current one, which the server must show too."""
    shown, epoch = device.api.get(f"/v1/services/{service}"), device.registry.current(service, device.today)
    require(shown["status"] == "open" and signed.peek(shown["serviceKey"]) == epoch, "the registry shows another key")
    return epoch


def give(device, case, keys):
    decision = json.loads(case["consentRecord"])
    said = {"from": case["from"], "to": case["to"], "purpose": decision["purpose"], "notice": "{family}@{version}".format(**decision["notice"]),
            "sendUntil": decision["sendUntil"], "keepUntil": decision["keepUntil"], "person": b64u(ed25519.public_key(keys["sign"])),
            "personBox": b64u(xwing.key_id(xwing.public_key(keys["box"]))), "fields": fields_commitment(case),
            "consentRecord": handoff.commit(handoff.CONSENT_RECORD, case["salts"]["consentRecord"], case["consentRecord"])}
    return statement(device.state["network"], "consent.given", device.signing_seed(case["from"]), *case["ids"], None, device.today, **said)


def fields_commitment(case):
    return handoff.commit(handoff.FIELDS, case["salts"]["fields"], case["fields"])


def seal(device, case, consented, epochs, keys):
    """(context, wraps, body) for the receiving service, the own one and the person."""
    person = xwing.public_key(keys["box"])
    boxes = {unb64u(epoch["boxId"]): unb64u(epoch["box"]) for epoch in epochs} | {xwing.key_id(person): person}
    recipients = zip((envelope.RECEIVER, envelope.SENDER, envelope.PERSON), boxes)
    ctx = envelope.write_context(envelope.HANDOFF, id_bytes(case["ids"][1]), os.urandom(16), sha256(consented["jws"].encode()), recipients)
    inner = {"ctx": b64u(sha256(ctx)), **{name: case[name] for name in ("record", "consentRecord", "fields")},
             "salts": {name: b64u(salt) for name, salt in case["salts"].items()}, "certificate": device.state["certificate"]}
    return ctx, *envelope.seal(ctx, boxes, signed.sign("handoff+jws", device.seed("sign"), inner).encode())


def release(device, case, consented, to_epoch, digest):
    return statement(device.state["network"], "handoff.released", device.signing_seed(case["from"]), *case["ids"],
                     text_hash(consented["jws"]), device.today, toKey=to_epoch["boxId"], fields=fields_commitment(case), digest=b64u(digest))


def consent_record(device, consent, record):
    language, notices = consent["language"], device.charter()["notices"]
    version = max(int(name.split("@")[1]) for name, texts in notices.items() if language in texts)
    notice = {"family": "refer", "version": version, "language": language, "sha256": notices[f"refer@{version}"][language]}
    return write_json({"purpose": consent["purpose"], "fields": sorted(record), "notice": notice, "language": language,
                       "modality": "spoken", "representation": "none", "teachBack": True,
                       "helpDependsOnConsent": False, "alternativesOffered": ["come-back-later"], "day": device.today,
                       "sendUntil": consent["sendUntil"], "keepUntil": consent["keepUntil"]})


def status(given):
    device = devices.Device(given["state"])
    answer = device.api.get(f"/v1/referrals/{given['referral']}")
    return {"state": device.state, "status": answer["status"], "statusReason": answer["statusReason"]}


def receive(given):
    """Lists the inbox, checks the proofs, acknowledges, opens with every check, accepts."""
    device = devices.Device(given["state"])
    listed = device.api.get("/v1/referrals?box=inbox")["items"]
    referral = next(item for item in listed if item["referral"] == given["referral"])
    path = f"/v1/referrals/{referral['referral']}"
    seen = proven(device, path)
    received = acknowledge(device, path, referral, [item["jws"] for item in seen])
    sealed = device.api.get(f"{path}/handoff")
    case = {"role": sealed["role"], "given": seen[0], "released": seen[1], "later": [received],
            **{name: unb64u(sealed[name]) for name in ("ctx", "wrap", "body")}, "wrapHashes": [unb64u(h) for h in sealed["wrapHashes"]]}
    seeds = {box_id: epoch["box"] for box_id, epoch in device.epochs.items()}
    payload, certificate = handoff.open_handoff(device.registry, device.state["vkeys"]["consent"], case, seeds)
    accepted = device.api.post(f"{path}/transitions", {"event": "accept"})
    return {"state": device.state, "status": accepted["status"], "record": payload["record"], "signer": certificate["device"]}


def acknowledge(device, path, referral, texts):
    chain = Chain(device.registry)
    for text in texts:
        chain.add(text)
    received = statement(device.state["network"], "handoff.received", device.signing_seed(referral["target"]), referral["consent"],
                         referral["referral"], text_hash(texts[-1]), device.today)
    device.api.post(f"{path}/transitions", {"event": "acknowledge", "statements": [received]})
    return received["jws"]


def proven(device, path):
    """The statements with their proofs, once the log has taken them; each in the log by a checkpoint of its key."""
    for _ in range(60):
        status, answer = device.api.call("GET", f"{path}/proofs")
        if status == 200:
            break
        time.sleep(0.25)
    require(status == 200, "the log has not taken the statements")
    name, vkey = f"relais-{device.state['network']}/consent", device.state["vkeys"]["consent"]
    for item in answer["statements"]:
        log.require_statement_proof(item["proof"], item["jws"], name, vkey)
    return answer["statements"]


def withdraw(given):
    """By the person's code alone, whatever the state."""
    keys = code_keys("receipt", given["code"])
    paper = Caller(given["issuer"], keys["sign"]).get("/v1/receipt")
    network = paper["log"].removeprefix("relais-").removesuffix("/consent")
    taken_back = statement(network, "consent.withdrawn", keys["sign"], paper["consent"], paper["referral"], paper["prev"],
                           paper["today"], means="own-code", by="person")
    answer = Caller(given["issuer"]).post("/v1/receipts/withdrawals", {"statement": taken_back})
    return {"before": paper["status"], "status": answer["status"], "statusReason": answer["statusReason"]}


STEPS = {step.__name__: step for step in (ask, join, send, status, receive, withdraw)}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](json.load(sys.stdin))))
