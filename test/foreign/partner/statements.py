"""Consent statements and their chain, as far as a first handoff and its withdrawal need them."""

import ed25519
import signed
from encoding import require, text_hash, unb64u
from signed import CODE, HASH, ID, day, key, matching, members, nullable, one_of

TYP = "consent-statement+jws"
COMMON = {"log": matching(r"relais-[0-9a-f-]{36}/consent"), "consent": ID, "referral": ID, "prev": nullable(HASH), "day": day}
KINDS = {
    "consent.given": dict(**{"from": nullable(ID)}, to=ID, purpose=CODE, notice=matching(r"[a-z][a-z0-9-]*@[1-9]\d*"), sendUntil=day,
                          keepUntil=day, person=key, personBox=HASH, fields=HASH, consentRecord=HASH, own_=HASH),
    "handoff.released": dict(toKey=HASH, fields=HASH, digest=HASH),
    "handoff.received": {},
    "consent.renewed": dict(keepUntil=day),
    "consent.withdrawn": dict(means=one_of("own-code", "on-word"), by=one_of("person", "source", "target")),
    "consent.invalidated": dict(reason=one_of("wrong-service", "wrong-person", "test-entry", "sent-twice"), decision_=HASH),
}


def schema(value):
    require(isinstance(value, dict) and isinstance(value.get("kind"), str) and value["kind"] in KINDS, "schema")
    members(kind=one_of(value["kind"]), **COMMON, **KINDS[value["kind"]])(value)


class Chain:
    """The statements of one consent, each held to the registry and to those before it."""

    def __init__(self, registry):
        self.registry, self.texts, self.given, self.released = registry, [], None, None
        self.last_day, self.closed, self.received = "", None, False

    def add(self, jws):
        given = self.given
        person = (given or signed.peek(jws)).get("person")
        ring = self.registry.keyring() | (signed.keyring_of(unb64u(person)) if person else {})
        kid, statement = signed.verify(TYP, jws, ring, schema)
        require(statement["log"] == f"relais-{self.registry.network}/consent", "log")
        require(statement["day"] >= self.last_day, "dates")
        require(self.closed is None or (self.closed == "consent.invalidated" and statement["kind"] == "consent.withdrawn"), "chain")
        if given:
            same = ("consent", "referral")
            require([statement[name] for name in same] == [given[name] for name in same], "chain")
            previous = self.texts[0] if statement["kind"] == "consent.withdrawn" else self.texts[-1]
            require(statement["prev"] == text_hash(previous), "chain")
        getattr(self, statement["kind"].replace(".", "_"))(statement, kid)
        self.texts.append(jws)
        self.last_day = statement["day"]

    def signed_by(self, kid, service, given=None):
        """By an epoch of the service; in a self-referral, whose `from` is null, by the person's code."""
        if service is None:
            require(kid == self.person_kid(given or self.given), "signer")
        else:
            epoch = self.registry.epochs.get(kid)
            require(epoch and epoch["service"]["id"] == service, "signer")

    def person_kid(self, given):
        return ed25519.thumbprint(unb64u(given["person"]))

    def consent_given(self, statement, kid):
        require(self.given is None and statement["prev"] is None, "chain")
        self.signed_by(kid, statement["from"], statement)
        require(statement["day"] <= statement["sendUntil"] <= statement["keepUntil"], "dates")
        self.given, self.keep_until = statement, statement["keepUntil"]

    def handoff_released(self, statement, kid):
        require(self.given and self.released is None, "chain")
        self.signed_by(kid, self.given["from"])
        require(statement["fields"] == self.given["fields"], "fields")
        require(statement["day"] <= self.given["sendUntil"], "dates")
        boxes = [epoch["boxId"] for _, epoch in self.registry.services.get(self.given["to"], [])]
        require(statement["toKey"] in boxes, "to-key")
        self.released = statement

    def handoff_received(self, statement, kid):
        require(self.released and not self.received, "chain")
        self.signed_by(kid, self.given["to"])
        require(statement["day"] <= self.given["sendUntil"], "dates")
        self.received = True

    def consent_renewed(self, statement, kid):
        require(self.given, "chain")
        if kid != self.person_kid(self.given):
            self.signed_by(kid, self.given["from"])
        require(statement["keepUntil"] > self.keep_until, "dates")
        self.keep_until = statement["keepUntil"]

    def consent_invalidated(self, statement, kid):
        require(self.given, "chain")
        self.signed_by(kid, self.given["from"])
        self.closed = "consent.invalidated"

    def consent_withdrawn(self, statement, kid):
        require(self.given, "chain")
        way = (statement["means"], statement["by"])
        require(way in (("own-code", "person"), ("on-word", "source"), ("on-word", "target")), "signer")
        if way[1] == "person":
            require(kid == self.person_kid(self.given), "signer")
        else:
            self.signed_by(kid, self.given["from" if way[1] == "source" else "to"])
        self.closed = "consent.withdrawn"
