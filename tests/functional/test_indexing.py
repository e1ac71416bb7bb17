"""A real index on disk follows a real store: built, brought up to date, lost, and built again by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalogue.indexing import Documents, Indexer
from catalogue.search import analysis
from catalogue.search.port import Everything, Facet, Having, Health
from catalogue.store import open_repository
from tests.conftest import ROOT
from tests.unit.indexing.stores import take_in

whoosh = pytest.importorskip("catalogue.search.whoosh")


def test_a_whoosh_index_follows_is_lost_and_comes_back(tmp_path: Path) -> None:
    index = whoosh.WhooshIndex(tmp_path / "index")
    with open_repository(f"sqlite:///{tmp_path / 'store'}") as repository:
        indexer = Indexer(repository, index)
        for name in ("common.xml", "mitomics.xml"):
            take_in(repository, (ROOT / "examples" / name).read_bytes(), name)
            assert indexer.catch_up() > 300
        found = set(index.keys(analysis.term("fatigue", "fr"), {}))
        assert found
        every = set(index.keys(Everything(), {}))
        assert {document.key for document in Documents(repository).of(sorted(every))} == every
        samples = set(index.keys(Having(Facet.HAS_BIOSAMPLE, ("yes",)), {}))
        assert 10 < len(samples) < len(every) / 4
        index.close()
        shutil.rmtree(tmp_path / "index")
        again = whoosh.WhooshIndex(tmp_path / "index")
        assert Indexer(repository, again).catch_up() == len(every)
        assert again.state().health is Health.READY
        assert set(again.keys(analysis.term("fatigue", "fr"), {})) == found
        again.close()
