"""What is done before the first request."""

from __future__ import annotations

from pathlib import Path

import fastapi.routing
import pytest
from catalogue_api.app import create_app
from fastapi.testclient import TestClient

from catalogue.service import open_catalogue
from catalogue.settings import Settings

BUILDS = "get_dependant"  # FastAPI reads with it what a route takes


def test_no_request_builds_routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built within a request they slow the first one, and share filters of warnings with other threads."""
    built: list[str] = []
    read = getattr(fastapi.routing, BUILDS)
    monkeypatch.setattr(
        fastapi.routing,
        BUILDS,
        lambda **asked: built.append(asked["path"]) or read(**asked),  # type: ignore[func-returns-value]
    )
    app = create_app(open_catalogue(Settings(data=tmp_path)))
    assert "/oai" in built
    built.clear()
    with TestClient(app) as client:
        assert client.get("/oai?verb=Identify").status_code == 200
    assert not built
