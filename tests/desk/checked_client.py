"""A client that checks every response against the OpenAPI document: its status, media type and every field."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator
from starlette.routing import compile_path

from entrepot.desk.routes.responses import ROOT

PROBLEM = "application/problem+json"
#: Documents by the routes that they describe; making one takes half a second.
DOCUMENTS: dict[Any, dict[str, Any]] = {}


class CheckedClient(TestClient):
    """A TestClient that checks every response."""

    def __init__(self, api: Any, **options: Any) -> None:
        super().__init__(api, **{"base_url": f"http://localhost{ROOT}", "raise_server_exceptions": False, **options})
        routes = tuple(
            (route.path, tuple(sorted(route.methods or ()))) for route in api.routes if hasattr(route, "methods")
        )
        if routes not in DOCUMENTS:
            DOCUMENTS[routes] = api.openapi()
        self.document = DOCUMENTS[routes]
        self._paths = [(compile_path(path)[0], path) for path in self.document["paths"]]

    def request(self, method: str, url: Any, **options: Any) -> Any:  # type: ignore[override]
        response = super().request(method, url, **options)
        self.check(method.lower(), urlsplit(str(response.request.url)).path, response)
        return response

    def check(self, method: str, path: str, response: Any) -> None:
        """Check that a response is as the document describes its operation, or a problem where it has none."""
        known = next((name for pattern, name in self._paths if pattern.match(path)), None)
        operation = self.document["paths"].get(known, {}).get("get" if method == "head" else method)
        status, media = response.status_code, response.headers.get("content-type")
        media = media.removesuffix("; charset=utf-8") if media is not None else None
        if operation is None:
            if path.startswith(ROOT) and media == PROBLEM and method != "head":
                self.valid({"$ref": "#/components/schemas/ProblemReply"}, response.json())
            return
        described = operation["responses"]
        assert str(status) in described, f"{method} {known} sent {status}, which is not described"
        content = described[str(status)].get("content")
        if content is None:
            assert not response.content
            return
        assert media in content, f"{method} {known} sent {status} as {media}"
        if method != "head" and media.endswith("json"):
            self.valid(content[media]["schema"], response.json())
        if media == PROBLEM and method != "head":
            assert response.json()["status"] == status
        for header in described[str(status)].get("headers", {}):
            assert header in response.headers, f"{method} {known} sent {status} without {header}"

    def valid(self, schema: dict[str, Any], sent: Any) -> None:
        whole = {**schema, "components": self.document["components"]}
        faults = list(Draft202012Validator(whole).iter_errors(sent))
        assert not faults, [(list(fault.absolute_path), fault.message[:300]) for fault in faults[:3]]
