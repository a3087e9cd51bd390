"""The password of a database is printed nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy_tools.results.opening import open_results
from deploy_tools.results.place import results_place
from deploy_tools.results.secrets import hide_in_command
from edge.errors import InputError
from tests.devices_kit.ports import HeldPort
from tests.results_kit.made import made_measurement, made_run
from tests.results_kit.postgres import PASSWORD, Server

SECRETS = ("geheim", "s3cr@t", "s3cr%40t", "wörd")


def hidden(text: str) -> str:
    """The text, in which no password stands."""
    assert not any(secret in text for secret in SECRETS), text
    return text


def test_a_place_is_shown_without_its_password() -> None:
    for where, shown in (
        ("postgresql://bench:geheim@db.lab:5433/results", "postgresql://bench@db.lab:5433/results"),
        ("postgres://bench:geheim@db.lab/results", "postgresql://bench@db.lab/results"),
        ("postgresql+psycopg://bench:geh%2Feim@[::1]/r", "postgresql://bench@[::1]/r"),
        ("postgresql://db/results?password=geheim&sslmode=require", "postgresql://db/results"),
        ("postgresql:///results?host=/run/postgresql", "postgresql:///results"),
    ):
        place = results_place(where)
        assert place.shown == shown
        hidden(repr(place))
    for where in (
        "mysql://bench:geheim@db/results",
        "postgresql://bench:geheim@db:port/results",
        "postgresql://bench:geheim@db:54:33/results",
    ):
        with pytest.raises(InputError) as error:
            results_place(where)
        hidden(error.value.one_line())


def test_errors_of_the_database_do_not_show_it(postgres: Server) -> None:
    with HeldPort() as port:  # nothing answers there
        for where, found in (
            (postgres.url("postgres", "geheim"), "password authentication failed"),
            (postgres.url("nowhere"), 'database "nowhere" does not exist'),
            (f"postgresql://bench:geheim@127.0.0.1:{port}/r", "refused"),
            ("postgresql://bench:geheim@/r?host=/nowhere/geheim", "the database refused"),
            (f"postgresql://127.0.0.1:{port}/r?user=bench&password=geheim&connect_timeout=geheim", "refused"),
        ):
            with pytest.raises(InputError) as error:
                open_results(where)
            assert found in hidden(error.value.one_line())
            assert error.value.__cause__ is None


def test_a_store_does_not_show_or_keep_it(postgres: Server) -> None:
    where = postgres.create("secrets")
    assert PASSWORD not in where
    with open_results(where) as store:
        run = made_run()
        hidden(repr(store))
        object.__setattr__(run, "command", f"ppocr-edge measure latency x --results {where} --tag main")
        store.begin(run)
        kept = hidden(store.find(run.id).command)
        assert kept.endswith(f"bench:***@127.0.0.1:{postgres.port}/secrets --tag main")
        store.add(run.id, made_measurement())
        with pytest.raises(InputError) as error:
            store.add(run.id, made_measurement())
        hidden(error.value.one_line())
        with pytest.raises(InputError) as error:
            store.find("nothing")
        hidden(error.value.one_line())


@pytest.mark.parametrize("named_by", ["option", "variable"])
@pytest.mark.parametrize("debug", [False, True])
def test_the_command_line_does_not_print_it(
    postgres: Server, tmp_path: Path, named_by: str, debug: bool
) -> None:
    where = postgres.url("postgres", "geheim")
    words = [sys.executable, "-m", "deploy_tools.cli.main", "results", "list"]
    words += ["--results", where] if named_by == "option" else []
    environment = {**os.environ, "PPOCR_EDGE_RESULTS": where if named_by == "variable" else "x.db"}
    done = subprocess.run(
        words + ["--debug"] * debug, capture_output=True, text=True, env=environment, check=False, timeout=240
    )
    assert done.returncode == 2
    assert "password authentication failed" in hidden(done.stdout + done.stderr)
    assert ("Traceback" in done.stderr) == debug


def test_commands_lose_the_passwords_of_their_urls() -> None:
    for before, after in (
        ("x --results postgresql://u:a@b/c:d@host/db -v", "x --results postgresql://u:***@host/db -v"),
        (
            "x 'postgres://u:p@h/d?password=p1&sslpassword=p2'",
            "x 'postgres://u:***@h/d?password=***&sslpassword=***'",
        ),
        ("x postgresql://u@h/d --device a:b@c", "x postgresql://u@h/d --device a:b@c"),
        ("password='a b' x", "password=*** x"),
    ):
        assert hide_in_command(before) == after
