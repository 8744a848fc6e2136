"""A partner app in another language, on authlib (assertion, metadata) and jwcrypto (DPoP); HTTP by the standard library.

Reads {issuer, client, alg, jwk, calls} on stdin, prints the answers. Written from docs/protocol/http.md and the RFCs alone.
"""

import base64
import hashlib
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from authlib.jose import JsonWebKey
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from jwcrypto import jwk, jwt

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Client:
    def __init__(self, issuer, client, alg, key):
        self.issuer, self.client, self.alg = issuer, client, alg
        self.assertion_key = JsonWebKey.import_key(key)
        self.proof_key = jwk.JWK.from_json(json.dumps(key))
        self.nonce = self.token = None
        self.metadata = self.discover()

    def discover(self):
        url = get_well_known_url(self.issuer, external=True)
        metadata = AuthorizationServerMetadata(json.load(urllib.request.urlopen(url)))
        if metadata["issuer"] != self.issuer:
            raise ValueError("another issuer")
        for name in ("token_endpoint_auth_methods_supported", "token_endpoint_auth_signing_alg_values_supported"):
            getattr(metadata, "validate_" + name)()
        if self.alg not in metadata["dpop_signing_alg_values_supported"]:
            raise ValueError("another algorithm")
        return metadata

    def authenticate(self):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": private_key_jwt_sign(
                self.assertion_key, self.client, self.issuer, alg=self.alg, expires_in=60
            ).decode(),
        }
        status, answer = self.send("POST", self.metadata["token_endpoint"], urllib.parse.urlencode(form), {})
        if status == 400 and answer["error"] == "use_dpop_nonce":
            return self.authenticate()
        if status != 200 or answer["token_type"] != "DPoP":
            raise ValueError(f"no token: {status}")
        self.token = answer["access_token"]

    def call(self, method, path, body=None):
        headers = {"authorization": f"DPoP {self.token}"}
        if body is not None:
            headers |= {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
            body = json.dumps(body)
        return self.send(method, self.issuer + path, body, headers)

    def send(self, method, url, body, headers):
        headers = headers | {"dpop": self.proof(method, url)}
        request = urllib.request.Request(url, body and body.encode(), headers, method=method)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            answer = error
        self.nonce = answer.headers.get("dpop-nonce", self.nonce)
        return answer.status, json.load(answer)

    def proof(self, method, url):
        claims = {"htm": method, "htu": url, "jti": str(uuid.uuid4()), "iat": int(time.time())}
        if self.nonce is not None:
            claims["nonce"] = self.nonce
        if self.token is not None:
            claims["ath"] = base64url(hashlib.sha256(self.token.encode()).digest())
        header = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.proof_key.export_public(as_dict=True)}
        proof = jwt.JWT(header=header, claims=claims)
        proof.make_signed_token(self.proof_key)
        return proof.serialize()


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def main():
    asked = json.load(sys.stdin)
    client = Client(asked["issuer"], asked["client"], asked["alg"], asked["jwk"])
    client.authenticate()
    answers = [client.call(*call) for call in asked["calls"]]
    json.dump([{"status": status, "body": body} for status, body in answers], sys.stdout)


main()
