"""The HTTP API with DPoP (RFC 9449), by the standard library alone."""

import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request

import ed25519
from encoding import b64u, sha256, write_json
from openapi import require_described


class Problem(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body.decode(errors='replace')[:300]}")
        self.status = status


def jwt(seed, header, claims):
    text = ".".join(b64u(write_json(part).encode()) for part in (header, claims))
    return text + "." + b64u(ed25519.sign(seed, text.encode()))


class Caller:
    """Calls one server as a code (a bare proof), as a device (`client_id` given) or, without a seed, as anybody."""

    described = None

    def __init__(self, issuer, seed=None, client_id=None):
        self.issuer, self.seed, self.client_id = issuer, seed, client_id
        self.nonce = self.token = None

    def get(self, path):
        return self.call("GET", path)[1]

    def post(self, path, body):
        return self.call("POST", path, write_json(body).encode())[1]

    def call(self, method, path, body=None):
        """(status, JSON). Asks again once when the server wants its nonce, with a new proof."""
        if self.client_id and not self.token:
            self.token = self.fetch_token()
        headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)} if body else {}
        if self.token:
            headers["Authorization"] = "DPoP " + self.token
        status, data = self.answered(lambda: (method, path, body, {**headers, **self.proof(method, path, self.token)}))
        answer = json.loads(data) if data else None
        require_described(self.document(), method, path, status, answer)
        return status, answer

    def document(self):
        if not Caller.described:
            Caller.described = json.loads(self.download("/v1/openapi.json"))
        return Caller.described

    def fetch_token(self):
        def form():
            now = int(time.time())
            claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.issuer, "iat": now, "exp": now + 120,
                      "jti": secrets.token_hex(16)}
            fields = {"grant_type": "client_credentials", "client_id": self.client_id,
                      "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                      "client_assertion": jwt(self.seed, {"alg": "Ed25519"}, claims)}
            headers = {"Content-Type": "application/x-www-form-urlencoded", **self.proof("POST", "/v1/token")}
            return "POST", "/v1/token", urllib.parse.urlencode(fields).encode(), headers
        return json.loads(self.answered(form)[1])["access_token"]

    def proof(self, method, path, token=None):
        if not self.seed:
            return {}
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64u(ed25519.public_key(self.seed))}
        claims = {"jti": secrets.token_hex(16), "htm": method, "htu": self.issuer + path.split("?")[0], "iat": int(time.time())}
        if self.nonce:
            claims["nonce"] = self.nonce
        if token:
            claims["ath"] = b64u(sha256(token.encode()))
        return {"DPoP": jwt(self.seed, {"typ": "dpop+jwt", "alg": "Ed25519", "jwk": jwk}, claims)}

    def answered(self, request):
        try:
            return self.once(*request())
        except urllib.error.HTTPError as error:
            body = error.read()
            if not self.seed or b"use_dpop_nonce" not in body + error.headers.get("WWW-Authenticate", "").encode():
                raise Problem(error.code, body) from error
        try:
            return self.once(*request())
        except urllib.error.HTTPError as error:
            raise Problem(error.code, error.read()) from error

    def once(self, method, path, body, headers):
        request = urllib.request.Request(self.issuer + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                self.nonce = answer.headers.get("DPoP-Nonce") or self.nonce
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            self.nonce = error.headers.get("DPoP-Nonce") or self.nonce
            raise

    def download(self, path):
        return self.answered(lambda: ("GET", path, None, {}))[1]
