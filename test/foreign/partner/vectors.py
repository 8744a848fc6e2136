"""Holds every file here to the published vectors: `python3 vectors.py ../../vectors`."""

import json
import pathlib
import sys

import codes
import ed25519
import handoff
import log
import signed
import statements
import xwing
from encoding import Refused
from registry import Registry
from statements import Chain

VECTORS = pathlib.Path(sys.argv[1])
unhex = bytes.fromhex


def vectors(name):
    return json.loads((VECTORS / name).read_text())


def check_codes():
    v = vectors("codes.json")
    for x in v["same"]:
        assert codes.read_code(x["input"]) == x["canonical"], x
    for x in v["refused"] + v["oneWrong"] + v["twoWrong"]:
        refuses("code", lambda: codes.read_code(x["input"]), x)
    for x in v["wordNormalisation"]:
        assert codes.normalise_word(x["word"]).hex() == x["utf8"], x
    for x in v["derived"]:
        keys = codes.code_keys(x["use"], x["code"], x.get("word") or "")
        for part in ("sign", "box", "read"):
            assert part not in x or keys[part].hex() == x[part]["seed"], x
        assert ed25519.thumbprint(ed25519.public_key(keys["sign"])) == x["sign"]["kid"]
        assert xwing.public_key(keys["box"]).hex() == x["box"]["publicKey"]
    assert codes.read_code(codes.new_code())
    welcome, keys = v["invitation"]["welcome"], codes.code_keys("invitation", v["invitation"]["code"])
    assert codes.open_welcome(keys["welcome"], unhex(welcome["sealed"])).decode() == welcome["text"]


def refuses(check, act, case):
    try:
        act()
    except Refused as refused:
        assert check in ("", str(refused)), (case["name"], check, str(refused))
        return
    raise AssertionError(("accepted", case))


def check_boxes():
    for r in vectors("handoff.json")["handoff"]["recipients"]:
        public, info = unhex(r["publicKey"]), unhex(r["info"])
        assert xwing.public_key(unhex(r["seed"])) == public and xwing.key_id(public).hex() == r["keyId"]
        cek = unhex(vectors("handoff.json")["handoff"]["cek"])
        assert xwing.seal(public, info, cek, unhex(r["encapsulationSeed"])).hex() == r["wrap"]
        assert xwing.open_sealed(unhex(r["seed"]), info, unhex(r["wrap"])) == cek
        assert xwing.open_sealed(unhex(r["seed"]), info, xwing.seal(public, info, cek)) == cek


def registry_of(entries):
    v = vectors("registry.json")
    registry = Registry(v["trust"]["network"], v["trust"]["roots"])
    for entry in entries:
        registry.add(entry)
    return registry


def check_registry():
    v = vectors("registry.json")
    entries = [entry["jws"] for entry in v["entries"]]
    assert len(registry_of(entries).texts) == 11
    for x in v["refused"]:
        before = registry_of(entries[: x["index"]] + x.get("before", []))
        refuses("", lambda: before.add(x["jws"]), x)
    for x in vectors("statements.json")["refusedKeys"]:
        refuses("", lambda: signed.verify("consent-statement+jws", x["jws"], {x["kid"]: unhex(x["publicKey"])}, lambda _: None), x)


def whole_registry():
    return registry_of([entry["jws"] for entry in vectors("registry.json")["entries"]])


def check_statements():
    v, registry = vectors("statements.json"), whole_registry()
    for consent in v["consents"]:
        chain = Chain(registry)
        for x in consent["statements"]:
            if x["kind"] == "erasure.done":
                continue
            assert log.commitment(v["log"], unhex(x["opening"]), x["jws"]).hex() == x["commitment"]
            chain.add(x["jws"])
    for x in v["refused"]:
        ring = signed.keyring_of(*(unhex(key["publicKey"]) for key in v["keys"]))
        refuses("", lambda: signed.verify(statements.TYP, x["jws"], ring, statements.schema), x)
    for x in v["refusedChains"]:
        refuses("", lambda: [chain.add(jws) for chain in [Chain(registry)] for jws in x["statements"]], x)


def check_log():
    v = vectors("log.json")
    vkeys, name = {kind: x["vkey"] for kind, x in v["logs"].items()}, v["logs"]["consent"]["log"]
    for x in v["checkpoints"]:
        assert str(log.open_checkpoint(x["note"], vkeys[x["log"]])[0]) == x["size"]
    jws = {s["name"]: s["jws"] for c in vectors("statements.json")["consents"] for s in c["statements"]}
    for x in v["proofs"]:
        if x["log"] == "consent" and x["statement"] in jws:
            log.require_statement_proof(x["text"], jws[x["statement"]], name, vkeys["consent"])
    unwitnessed = (x for x in v["refused"]["proofs"] if not x["name"].startswith("quorum"))  # this network has no witness
    for x in unwitnessed:
        refuses("", lambda: log.require_statement_proof(x["text"], x.get("jws", jws[x["statement"]]), name, vkeys["consent"]), x)
    for x in v["consistency"]:
        log.require_consistency(*consistency(x))
    for x in v["refused"]["consistency"]:
        refuses("", lambda: log.require_consistency(*consistency(x)), x)


def consistency(x):
    path = [log.unb64(step) for step in x["proof"]]
    return int(x["from"]), log.unb64(x["fromRoot"]), path, int(x["to"]), log.unb64(x["toRoot"])


def check_handoff():
    v, registry = vectors("handoff.json"), whole_registry()
    vkey = vectors("log.json")["logs"]["consent"]["vkey"]
    base, seeds = v["handoff"], [{unhex(r["keyId"]): unhex(r["seed"])} for r in v["handoff"]["recipients"]]
    hashes = [r["wrapHash"] for r in base["recipients"]]
    for r in base["recipients"]:
        case = {**base, "role": r["role"], "wrap": r["wrap"], "later": [], "wrapHashes": hashes}
        assert handoff.open_handoff(registry, vkey, received(case), seeds[r["role"] - 1])[0]["record"] == base["record"]
    first = {**base, "role": 1, "wrap": base["recipients"][0]["wrap"], "later": [], "wrapHashes": hashes}
    for x in v["refused"]:
        refuses(x["check"], lambda: handoff.open_handoff(registry, vkey, received({**first, **x["set"]}), seeds[0]), x)


def received(case):
    return {**case, **{name: unhex(case[name]) for name in ("ctx", "wrap", "body")}, "wrapHashes": [unhex(h) for h in case["wrapHashes"]]}


def check_all():
    check_codes()
    check_boxes()
    check_registry()
    check_statements()
    check_log()
    check_handoff()


if __name__ == "__main__":
    check_all()
    if xwing.library:
        xwing.library = None
        check_all()
    print("held to the vectors")
