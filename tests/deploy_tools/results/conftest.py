"""Stores of both kinds for tests."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy_tools.results.opening import open_results
from deploy_tools.results.store import ResultsStore
from tests.results_kit.postgres import Server, find_programs, running_server

KINDS = ("sqlite", "postgresql")
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running PostgreSQL."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="psycopg is not installed (pip install 'psycopg[binary]')")
    with running_server(programs) as server:
        yield server


@pytest.fixture
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes a place of a kind, where nothing is yet."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return str(tmp_path / f"results-{next(_NUMBERS)}.db")
        server: Server = request.getfixturevalue("postgres")
        return server.create(f"results_{next(_NUMBERS)}")

    return make


@pytest.fixture(params=KINDS)
def where(request: pytest.FixtureRequest, new_place: Callable[[str], str]) -> str:
    """A place where nothing is yet, of each kind in turn."""
    return new_place(request.param)


@pytest.fixture
def store(where: str) -> Iterator[ResultsStore]:
    """An empty store of each kind in turn."""
    with open_results(where) as opened:
        yield opened
