from __future__ import annotations

import json

from made_measurements import made, steady

from deploy_tools.comparison.json_form import comparison_to_json
from deploy_tools.comparison.markdown import comparison_markdown
from deploy_tools.comparison.runs import RunComparison, compare_runs
from deploy_tools.comparison.words import interval, milliseconds, summary, verdict


def _comparison() -> RunComparison:
    before = [
        made(steady(10, seed=1)),
        made(steady(10, 5), "few"),
        made(steady(10, 20, noise=0.2, seed=3), "noisy"),
        made(steady(10), "a|b`<i>"),
    ]
    after = [
        made(steady(12, seed=2), governor="ondemand", later=60),
        made(steady(10, 5), "few", later=60),
        made(steady(10.5, 20, noise=0.2, seed=4), "noisy", later=60),
        made(steady(10, seed=9), "x*y_z<b>", device="pi|4"),
    ]
    before[0] = made(steady(10, seed=1), governor="performance")
    return compare_runs(before, after, names=("main", "my_branch"))


def test_json_is_json() -> None:
    values = json.loads(json.dumps(comparison_to_json(_comparison()), allow_nan=False))
    assert (values["before"], values["after"], values["regressions"]) == ("main", "my_branch", 1)
    first, few, noisy = values["cases"]
    assert first["verdict"] == "slower"
    assert first["low"] < first["ratio"] < first["high"]
    assert first["differs"] == ["governor performance → ondemand"]
    assert (few["low"], few["high"], few["samples"]) == (None, None, [5, 5])
    assert noisy["samples_needed"] > 20
    assert len(values["alone"]) == 2


def test_markdown_is_a_table_that_names_cannot_break() -> None:
    text = comparison_markdown(_comparison())
    lines = text.splitlines()
    assert lines[0] == "### `main` → `my_branch`: 1 slower (1 by more than 3 %), 2 unsure"
    table = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert len(table) == 2 + 3
    assert {line.count("|") for line in table} == {10}
    assert "**slower**" in table[2]
    assert "governor performance → ondemand" in text
    assert "`latency / a\\|b'<i> / fp32 / 1x3x640x640 / 1 thread`" in text
    assert "pi\\|4" in text
    assert text.count("<details>") == text.count("</details>") == 1


def test_words() -> None:
    first, few, noisy = _comparison().cases
    assert interval(few) == "–"
    assert verdict(first) == "slower"
    assert verdict(noisy).startswith("unsure: take about ")
    assert summary(compare_runs([], [])) == "nothing compared"
    assert [milliseconds(value) for value in (123.45, 12.345, 1.2345, 0.12345)] == [
        "123.5 ms",
        "12.3 ms",
        "1.23 ms",
        "0.123 ms",
    ]
