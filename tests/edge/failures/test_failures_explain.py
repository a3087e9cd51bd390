"""The search: every row of the table, long and decorated logs, several deaths, time."""

from __future__ import annotations

import dataclasses
import json
import re
import string
import time
from pathlib import Path

import pytest

from edge.failures.explain import MAX_EVIDENCE, explain, findings
from edge.failures.log_text import plain
from edge.failures.row import Row
from edge.failures.table import TABLE

KERNEL = "Error: This model is not supported, because kernel for '{}' is not supported by Paddle-Lite."
FATAL = "[F 11/22 10:52:47.528 .../lite/core/program.cc RuntimeProgram:316] Check failed: "

# key and line, as libraries and systems print it: from provoked deaths, Paddle-Lite's sources, public issues
SAMPLES = [
    tuple(line.replace("\\n", "\n").split("\t"))
    for line in Path(__file__).with_name("samples.tsv").read_text().splitlines()
]


@pytest.mark.parametrize(("key", "log"), SAMPLES)
def test_a_known_line(key: str, log: str) -> None:
    failure = explain(log)
    assert failure is not None
    assert failure.key == key
    assert failure.evidence in " ".join(log.split())


def test_every_row_with_text_has_a_sample() -> None:
    for row in TABLE:
        if row.needles:
            assert any(key == row.key and row.expression().search(log) for key, log in SAMPLES), row


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.key)
def test_a_row_is_sound(row: Row) -> None:
    groups = set(row.expression().groupindex) if row.needles else set()
    for text in (row.cause, row.remedy):
        fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert fields <= groups
        assert text
        assert text[0].islower() or text[0] in "/{'" or text.startswith(("Paddle", "OpenCL"))
        assert not text.endswith(".")
    assert row.needles or row.signals or row.exits
    if row.pattern:
        # the needle is a promise that the pattern keeps: it must not hide a match
        for key, log in SAMPLES:
            if key == row.key and row.expression().search(log):
                assert any(needle in log for needle in row.needles)


NOISE = "\n".join(f"frame {number}: 12 boxes, 34.5 ms, nothing of interest" for number in range(50_000))
DEATH = f"{FATAL}op: \n{KERNEL.format('conv2d')}"


def logcat(form: str) -> str:
    lines = DEATH.split("\n")
    return "\n".join(form.format(line) for line in lines)


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(f"{NOISE}\n{DEATH}\n{NOISE}", id="long"),
        pytest.param(DEATH.replace("\n", "\r\n"), id="crlf"),
        pytest.param(DEATH.replace("kernel for", "\x1b[1;31mkernel\x1b[0m for"), id="colours"),
        pytest.param(logcat("11-22 10:52:47.528  1234  1240 F Paddle-Lite: {}"), id="logcat threadtime"),
        pytest.param(logcat("F/Paddle-Lite( 1234): {}"), id="logcat brief"),
        pytest.param(logcat("11-22 10:52:47.528 F/Paddle-Lite( 1234): {}"), id="logcat time"),
        pytest.param(
            logcat("2024-11-22 10:52:47.528 1234-1240/org.app E/Paddle-Lite: {}"), id="android studio"
        ),
        pytest.param("\x00\xff" * 500 + DEATH + "\x00", id="binary"),
        pytest.param(f"{DEATH}\nAborted (core dumped)", id="shell's word after it"),
    ],
)
def test_the_telling_line_is_found_in_any_log(log: str) -> None:
    failure = explain(log, 134)
    assert failure is not None
    assert failure.key == "wrong-target"
    assert failure.evidence == KERNEL.format("conv2d")


def test_versions_are_read_through_logcat_prefixes() -> None:
    lines = (
        "warning: the version of opt that transformed this model is not consistent "
        "with current Paddle-Lite version.",
        "      version of opt:v2.10-rc",
        "      version of current Paddle-Lite:6010b5f",
    )
    log = "".join(f"11-22 10:52:47.528  1234  1240 W Paddle-Lite: {line}\r\n" for line in lines)
    failure = explain(log)
    assert failure is not None
    assert "opt v2.10-rc wrote the model, but the library is 6010b5f" in failure.cause


def test_the_last_death_counts_and_warnings_come_after() -> None:
    log = "\n".join(
        [
            "Unable to open file: BinaryFileReader] Unable to open file: first.nb",
            "Some cores are offline, switch to NO BIND MODE",
            DEATH,
            "Request thread num: 6, exceed the big cores size: 2, truncate thread num to 2",
        ]
    )
    assert [failure.key for failure in findings(log, -6)] == [
        "wrong-target",
        "missing-file",
        "cores-offline",
        "threads-cut",
    ]


def test_an_unknown_check_is_quoted_where_nothing_is_known_of_it() -> None:
    unknown = FATAL + "something that no table has"
    failure = explain(unknown, -6)
    assert failure is not None
    assert failure.severity == "unknown"
    assert failure.evidence == unknown
    # the header line of a known death is not listed beside it
    assert [found.key for found in findings(DEATH, -6)] == ["wrong-target"]


def test_the_exit_speaks_where_the_log_is_silent() -> None:
    warning = "Some cores are offline, switch to NO BIND MODE"
    assert [failure.key for failure in findings(warning, -11)] == ["segfault", "cores-offline"]
    assert [failure.key for failure in findings(DEATH, -11)] == ["wrong-target"]
    assert [failure.key for failure in findings("", 126)] == ["not-executable"]
    assert [failure.key for failure in findings("", 127)] == ["not-found"]


def test_a_failed_login_is_no_missing_right() -> None:
    assert explain("root@192.168.1.5: Permission denied (publickey,password).", 255) is None


def test_texts_are_short_and_on_one_line() -> None:
    log = "Wrong target '" + "x" * 3000 + "' found, please check"
    failure = explain(log)
    assert failure is not None
    assert len(failure.evidence) <= MAX_EVIDENCE
    assert len(failure.cause) < 200
    assert json.loads(json.dumps(dataclasses.asdict(failure)))["key"] == "wrong-target-name"


def test_an_ordinary_log_explains_nothing() -> None:
    log = """Loading topology data from inference.pdmodel
Loading params data from inference.pdiparams
1. Model is successfully loaded!
2. Model is optimized and saved into model.nb successfully
[I 11/22 10:52:47.528 .../lite/core/device_info.cc:238 get_cpu_arch] Unknow cpu arch: 3079
"""
    assert findings(log, 0) == ()


def test_ten_megabytes_are_searched_quickly() -> None:
    needles = " ".join(needle for row in TABLE for needle in row.needles if row.key != "unknown-check")
    for line in ("an ordinary line of a log\n", f"{needles}\n", "1" * 500_000 + "\n"):
        log = line * (10_000_000 // len(line))
        start = time.process_time()
        explain(log, -6)
        assert time.process_time() - start < 10


def test_plain_keeps_what_is_no_decoration() -> None:
    assert plain("a: b\n  c\td") == "a: b\n  c\td"
    assert re.fullmatch(r"x{4000}", plain("x" * 10_000))
