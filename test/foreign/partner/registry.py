"""The registry as a client follows it: every entry, in order, by the rules of docs/protocol/registry.md."""

import datetime

import ed25519
import signed
import xwing
from encoding import b64u, require, text_hash, unb64u


class Registry:
    def __init__(self, network, roots):
        self.network, self.roots = network, set(roots)
        self.texts = []
        self.organisations, self.coordinators, self.services, self.epochs = {}, {}, {}, {}
        self.revoked, self.revocations = {}, {}
        self.charter_said, self.charter_signers = None, set()

    def add(self, jws):
        require(jws not in self.texts, "chain")
        typ = signed.typ_of(jws)
        rules = {"organisation+jws": self.organisation, "charter+jws": self.charter, "coordinator-key+jws": self.coordinator_key,
                 "service-key+jws": self.service_key, "revocation+jws": self.revocation}
        require(typ in rules, "typ")
        payload = signed.peek(jws)
        signed.SCHEMAS[typ](payload)
        require(payload["network"] == self.network, "network")
        rules[typ](jws, payload)
        self.texts.append(jws)

    def signer(self, typ, jws, keys):
        """One of the keys given must have signed, and none that is revoked counts."""
        ring = signed.keyring_of(*(key for key in keys if ed25519.thumbprint(key) not in self.revoked))
        require(signed.kid_of(jws) in ring, "signer")
        return signed.verify(typ, jws, ring)[0]

    def organisation(self, jws, payload):
        key = unb64u(payload["key"])
        self.signer("organisation+jws", jws, [key])
        require(payload["organisation"] not in self.organisations, "chain")
        require(self.require_new(key) in self.roots, "signer")
        self.organisations[payload["organisation"]] = payload

    def require_new(self, key):
        """No key stands in the registry a second time, in whatever part."""
        kid = ed25519.thumbprint(key)
        roots = [ed25519.thumbprint(self.root(organisation)) for organisation in self.organisations]
        require(kid not in (*roots, *self.coordinators, *self.epochs), "chain")
        return kid

    def root(self, organisation):
        require(organisation in self.organisations, "chain")
        return unb64u(self.organisations[organisation]["key"])

    def charter(self, jws, payload):
        require(payload["version"] == 1 and payload["previous"] is None, "chain")
        kid = self.signer("charter+jws", jws, [self.root(o) for o in self.organisations])
        require(kid not in self.charter_signers and self.charter_said in (None, payload), "chain")
        self.charter_said = payload
        self.charter_signers.add(kid)

    def charter_in_force(self):
        """The hash of the text that every trusted root has signed."""
        require(self.charter_signers == self.roots, "charter")
        return self.charter_said["textHash"]

    def coordinator_key(self, jws, payload):
        self.signer("coordinator-key+jws", jws, [self.root(payload["organisation"])])
        require(payload["from"] <= payload["until"], "dates")
        self.coordinators[self.require_new(unb64u(payload["key"]))] = payload

    def coordinators_of(self, organisation):
        return [unb64u(c["key"]) for c in self.coordinators.values() if c["organisation"] == organisation]

    def service_key(self, jws, payload):
        organisation, service = payload["organisation"], payload["service"]
        self.signer("service-key+jws", jws, self.coordinators_of(organisation["id"]))
        require(organisation["name"] == self.organisations[organisation["id"]]["name"], "name")
        require(b64u(xwing.key_id(unb64u(payload["box"]))) == payload["boxId"], "key-id")
        require(payload["epoch"][:7] == payload["from"][:7] and payload["from"] <= payload["until"], "dates")
        epochs = self.services.setdefault(service["id"], [])
        require(payload["previous"] == (text_hash(epochs[-1][0]) if epochs else None), "chain")
        require(not epochs or epochs[-1][1]["organisation"]["id"] == organisation["id"], "signer")
        require(payload.get("revocation", None) in (None, *self.revocations), "chain")
        self.epochs[self.require_new(unb64u(payload["key"]))] = payload
        epochs.append((jws, payload))

    def revocation(self, jws, payload):
        key = payload["key"]
        require(key in self.epochs or key in self.coordinators, "chain")
        owner = self.epochs[key]["organisation"]["id"] if key in self.epochs else self.coordinators[key]["organisation"]
        organisation = payload["organisation"]
        require(owner == organisation, "signer")
        self.signer("revocation+jws", jws, [self.root(organisation), *self.coordinators_of(organisation)])
        self.revoked[key] = payload["from"]
        self.revocations[text_hash(jws)] = payload

    def current(self, service, today):
        """The latest unrevoked epoch whose dates hold the day."""
        for _, epoch in reversed(self.services.get(service, [])):
            revoked = ed25519.thumbprint(unb64u(epoch["key"])) in self.revoked
            if epoch["from"] <= today <= epoch["until"] and not revoked:
                return epoch
        require(False, "no current key")

    def keyring(self):
        return signed.keyring_of(*(unb64u(epoch["key"]) for epoch in self.epochs.values()))

    def require_certificate(self, jws, on):
        """A device certificate by a coordinator that the registry shows, valid on that day."""
        require(signed.typ_of(jws) == "device-certificate+jws", "certificate")
        keys = self.coordinators_of(signed.peek(jws)["organisation"])
        kid, payload = signed.verify("device-certificate+jws", jws, signed.keyring_of(*keys))
        require(payload["network"] == self.network and kid not in self.revoked, "certificate")
        require(payload["from"] <= on <= payload["until"] and days(payload) <= 180, "certificate")
        return payload


def days(span):

    first, last = (datetime.date.fromisoformat(span[name]) for name in ("from", "until"))
    return (last - first).days + 1

