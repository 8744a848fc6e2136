"""A partner's device: joining by an invitation code, following the registry, holding epochs' seeds."""

import os

import ed25519
import log
import signed
import xwing
from api import Caller
from codes import code_keys, open_welcome
from encoding import Refused, b64u, expand, id_bytes, read_json, require, sha256, unb64u
from registry import Registry


def ask(issuer, code):
    """Opens the welcome, makes the device's keys and asks for a certificate: the state to keep."""
    keys, seeds = code_keys("invitation", code), {name: os.urandom(32) for name in ("auth", "sign", "box")}
    caller = Caller(issuer, keys["sign"])
    welcome = read_json(open_welcome(keys["welcome"], unb64u(caller.get("/v1/invitation")["welcome"])))
    require(welcome["issuer"] == issuer, "another server")
    vkeys = {name.split("/")[1]: vkey for name, vkey in log_keys(welcome["policy"])}
    state = {"issuer": issuer, "network": welcome["network"], "vkeys": vkeys, "organisation": welcome["organisation"],
             "checkpoint": welcome["checkpoint"], "roots": charter_roots(caller, welcome),
             "seeds": {name: b64u(seed) for name, seed in seeds.items()}}
    box, auth = xwing.public_key(seeds["box"]), b64u(ed25519.public_key(seeds["auth"]))
    request = {"network": welcome["network"], "auth": {"kty": "OKP", "crv": "Ed25519", "x": auth},
               "key": b64u(ed25519.public_key(seeds["sign"])), "box": b64u(box), "boxId": b64u(xwing.key_id(box))}
    caller.post("/v1/invitation/request", {"request": signed.sign("device-request+jws", keys["sign"], request)})
    return state


def log_keys(policy):
    for line in policy.splitlines():
        if line.startswith("log "):
            vkey = line.split()[1]
            yield log.read_vkey(vkey)[0], vkey


def charter_roots(caller, welcome):
    """The roots that charter version 1 names, believed because the organisation of the welcome signed it."""
    charter = caller.get("/v1/charter/versions/1")
    require(b64u(sha256(charter["text"].encode())) == charter["textHash"], "charter")
    root = signed.keyring_of(unb64u(welcome["organisation"]["key"]))
    mine = [jws for jws in charter["signatures"] if signed.header_of(jws)["kid"] in root]
    require(any(signed.verify("charter+jws", jws, root)[1]["textHash"] == charter["textHash"] for jws in mine), "charter")
    return [member["root"] for member in read_json(charter["text"].encode())["members"]]


def join(state, code):
    """The certificate, once the coordinator has made it; None before."""
    answer = Caller(state["issuer"], code_keys("invitation", code)["sign"]).get("/v1/invitation")
    if answer["state"] != "certified":
        return None
    state = {**state, "device": answer["device"], "certificate": answer["certificate"]}
    device = Device(state)
    payload = device.registry.require_certificate(state["certificate"], device.today)
    require(payload["key"] == b64u(ed25519.public_key(device.seed("sign"))), "certificate")
    require(payload["organisation"] == state["organisation"]["id"], "certificate")
    require(payload["auth"]["x"] == b64u(ed25519.public_key(device.seed("auth"))), "certificate")
    require(payload["boxId"] == b64u(xwing.key_id(xwing.public_key(device.seed("box")))), "certificate")
    return state


class Device:
    def __init__(self, state):
        self.state = state
        self.anybody = Caller(state["issuer"])
        self.api = Caller(state["issuer"], self.seed("auth"), state["device"])
        self.today = self.anybody.get("/v1/network")["today"]
        self.registry = self.follow()
        self.certificate = signed.peek(state["certificate"])
        self.epochs = self.granted()

    def seed(self, name):
        return unb64u(self.state["seeds"][name])

    def follow(self):
        """The whole registry, held to its checkpoint and to the one seen before."""
        vkey, known = self.state["vkeys"]["registry"], self.state["checkpoint"]
        at = "/log/registry/" + log.read_vkey(vkey)[0].rsplit("/", 1)[1]
        note = self.anybody.download(f"{at}/checkpoint").decode()
        (size, root), (old_size, old_root) = log.open_checkpoint(note, vkey), log.open_checkpoint(known, vkey)
        entries = self.entries(at, size)
        leaves = [log.leaf_hash(entry) for entry in entries]
        require(len(leaves) == size >= old_size and log.root_of(leaves) == root, "registry")
        require(log.root_of(leaves[:old_size]) == old_root, "the registry went back")
        registry = Registry(self.state["network"], self.state["roots"])
        for entry in entries:
            registry.add(entry.decode())
        self.state = {**self.state, "checkpoint": note}
        return registry

    def entries(self, at, size):
        entries = []
        for first in range(0, size, 256):
            width = min(256, size - first)
            part = "" if width == 256 else f".p/{width}"
            entries += log.read_bundle(self.anybody.download(f"{at}/tile/entries/{log.tile_number(first // 256)}{part}"))
        return entries

    def granted(self):
        """box key id → {service, key, sign seed, box seed}; a grant that does not hold is passed over."""
        epochs = {}
        for jws in self.api.get("/v1/grants")["items"]:
            try:
                epoch = self.epoch_of(signed.peek(jws))
                epochs[epoch["boxId"]] = epoch
            except Refused:
                continue
        return epochs

    def epoch_of(self, grant):
        """Opens a grant; its seed must yield the keys that the registry shows for that epoch."""
        signed.SCHEMAS["key-grant+jws"](grant)
        parts = (id_bytes(grant["service"]), grant["epoch"].encode() + b"\0", unb64u(grant["boxId"]), unb64u(grant["deviceBoxId"]))
        seed = xwing.open_sealed(self.seed("box"), b"relais/grant/v1\0" + b"".join(parts), unb64u(grant["sealed"]))
        sign, box = expand(seed, b"relais/service/v1 sign"), expand(seed, b"relais/service/v1 box")
        key, box_id = b64u(ed25519.public_key(sign)), xwing.key_id(xwing.public_key(box))
        shown = [e for _, e in self.registry.services.get(grant["service"], []) if e["epoch"] == grant["epoch"]]
        require(any((e["key"], e["boxId"]) == (key, b64u(box_id)) for e in shown), "grant")
        return {"service": grant["service"], "key": key, "boxId": box_id, "sign": sign, "box": box}

    def charter(self):
        """The charter in force, held to the hash that the registry shows."""
        text = self.anybody.get("/v1/charter")["text"].encode()
        require(b64u(sha256(text)) == self.registry.charter_in_force(), "charter")
        return read_json(text)

    def signing_seed(self, service):
        current = self.registry.current(service, self.today)
        return next(epoch["sign"] for epoch in self.epochs.values() if epoch["key"] == current["key"])
