"""Holds each answer of the server to what its OpenAPI document says of it."""

import re

from encoding import require


def require_described(document, method, path, status, answer):
    """Every member of the answer is described, and every member that is required is there."""
    route = next(route for route in document["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), path.split("?")[0]))
    described = document["paths"][route][method.lower()]["responses"][str(status)]
    if "content" in described:
        compare(document, described["content"]["application/json"]["schema"], answer, f"{method} {route}")


def compare(document, schema, value, where):
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].split("/")[-1]]
    if isinstance(value, list):
        for item in value:
            compare(document, schema["items"], item, where)
    elif isinstance(value, dict):
        described = schema.get("properties", {})
        missing = (set(value) - set(described)) | (set(schema.get("required", [])) - set(value))
        require(not missing, f"the OpenAPI document and the answer of {where} differ in {sorted(missing)}")
        for name, member in value.items():
            compare(document, described[name], member, f"{where} {name}")
