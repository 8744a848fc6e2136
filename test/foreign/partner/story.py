"""A partner app in one file: `python3 story.py STEP`, with a JSON object on standard input and one on standard output.

Each step is what docs/protocol.md calls a step of a partner app; the state is what a device would keep."""

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
import statements
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
    device, source, target = devices.Device(given["state"]), given["from"], given["to"]
    shown = device.api.get(f"/v1/services/{target}")
    to_epoch = device.registry.current(target, device.today)
    require(shown["status"] == "open" and signed.peek(shown["serviceKey"]) == to_epoch, "the registry shows another key")
    code = new_code()
    keys, referral, consent = code_keys("receipt", code), id_text(os.urandom(16)), id_text(os.urandom(16))
    fields, record_text = write_json(sorted(given["record"])), consent_record(device, given["consent"], given["record"])
    salts, own = {name: os.urandom(32) for name in ("fields", "consentRecord")}, device.registry.current(source, device.today)
    person_box, seed, network = xwing.public_key(keys["box"]), device.signing_seed(source), device.state["network"]
    commitments = {"fields": handoff.commit(handoff.FIELDS, salts["fields"], fields),
                   "consentRecord": handoff.commit(handoff.CONSENT_RECORD, salts["consentRecord"], record_text)}
    decision = json.loads(record_text)
    said = {"from": source, "to": target, "purpose": decision["purpose"], "notice": "{family}@{version}".format(**decision["notice"]),
            "sendUntil": decision["sendUntil"], "keepUntil": decision["keepUntil"],
            "person": b64u(ed25519.public_key(keys["sign"])), "personBox": b64u(xwing.key_id(person_box)), **commitments}
    consented = statement(network, "consent.given", seed, consent, referral, None, device.today, **said)
    boxes = {unb64u(e["boxId"]): unb64u(e["box"]) for e in (to_epoch, own)} | {xwing.key_id(person_box): person_box}
    recipients = [(1, unb64u(to_epoch["boxId"])), (2, unb64u(own["boxId"])), (3, xwing.key_id(person_box))]
    ctx = envelope.write_context(1, id_bytes(referral), os.urandom(16), sha256(consented["jws"].encode()), recipients)
    inner = {"ctx": b64u(sha256(ctx)), "record": given["record"], "consentRecord": record_text, "fields": fields,
             "salts": {name: b64u(salt) for name, salt in salts.items()}, "certificate": device.state["certificate"]}
    wraps, body = envelope.seal(ctx, boxes, signed.sign("handoff+jws", device.seed("sign"), inner).encode())
    digest = envelope.digest(ctx, sha256(body), [sha256(wrap) for wrap in wraps])
    released = statement(network, "handoff.released", seed, consent, referral, text_hash(consented["jws"]), device.today,
                         toKey=to_epoch["boxId"], fields=commitments["fields"], digest=b64u(digest))
    answer = device.api.post("/v1/referrals", {
        "referral": referral, "kind": "referral", "priority": "routine", "ctx": b64u(ctx), "wraps": [b64u(wrap) for wrap in wraps],
        "body": b64u(body), "statements": [consented, released],
        "person": {"box": b64u(person_box), "read": b64u(ed25519.public_key(keys["read"])), "word": False}})
    return {"state": device.state, "referral": referral, "receiptCode": code, "status": answer["status"]}


def consent_record(device, consent, record):
    charter = json.loads(device.anybody.get("/v1/charter")["text"])
    language = consent["language"]
    version = max(int(name.split("@")[1]) for name in charter["notices"] if name.startswith("refer@"))
    notice = {"family": "refer", "version": version, "language": language, "sha256": charter["notices"][f"refer@{version}"][language]}
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
    before = proven(device, path)
    device.state = {**device.state, "consentSize": before["size"]}
    seen = before["statements"]
    chain = Chain(device.registry)
    for item in seen:
        chain.add(item["jws"])
    received = statement(device.state["network"], "handoff.received", device.signing_seed(referral["target"]), referral["consent"],
                         referral["referral"], text_hash(chain.texts[-1]), device.today)
    device.api.post(f"{path}/transitions", {"event": "acknowledge", "statements": [received]})
    sealed = device.api.get(f"{path}/handoff")
    case = {"role": sealed["role"], "given": seen[0], "released": seen[1], "later": [received["jws"]],
            "ctx": unb64u(sealed["ctx"]), "wrap": unb64u(sealed["wrap"]), "body": unb64u(sealed["body"]),
            "wrapHashes": [unb64u(h) for h in sealed["wrapHashes"]]}
    seeds = {box_id: epoch["box"] for box_id, epoch in device.epochs.items()}
    payload, certificate = handoff.open_handoff(device.registry, device.state["vkeys"]["consent"], case, seeds)
    accepted = device.api.post(f"{path}/transitions", {"event": "accept"})
    return {"state": device.state, "status": accepted["status"], "record": payload["record"], "signer": certificate["device"]}


def proven(device, path):
    """The statements with their proofs, once the log has taken them; each in the log by a checkpoint of its key."""
    for _ in range(60):
        status, answer = device.api.call("GET", f"{path}/proofs")
        if status == 200:
            break
        time.sleep(0.25)
    require(status == 200, "the log has not taken the statements")
    name, vkey = f"relais-{device.state['network']}/consent", device.state["vkeys"]["consent"]
    sizes = [log.require_statement_proof(item["proof"], item["jws"], name, vkey) for item in answer["statements"]]
    return {**answer, "size": sizes[-1][0]}


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
