"""Reading a file of results of whatever kind."""

from __future__ import annotations

import json
from pathlib import Path

from deploy_tools.results.imports.benchmark_bin import is_benchmark_bin, runs_of_benchmark_bin
from deploy_tools.results.imports.benchmark_script import is_benchmark_script, runs_of_benchmark_script
from deploy_tools.results.imports.content import Content, read_content
from deploy_tools.results.imports.exported import is_export, runs_of_export
from deploy_tools.results.imports.light_demo import is_light_demo, runs_of_light_demo
from deploy_tools.results.imports.naming import Naming
from deploy_tools.results.imports.quick_bench import is_quick_bench, runs_of_quick_bench
from deploy_tools.results.record import RunRecord

_KNOWN = (
    "give an export, what 'bench --json' printed, or the output of Paddle-Lite's benchmark_bin, "
    "benchmark.sh or C++ demos"
)


def read_results(path: Path, naming: Naming | None = None) -> list[RunRecord]:
    """The runs in a file.

    Args:
        path: The file, which may be compressed with gzip; ``-`` is standard input.
        naming: What the results do not say themselves.

    Raises:
        InputError: It cannot be read, is of no known kind, damaged, or says too little.
    """
    content = read_content(path)
    naming = naming or Naming()
    for is_it, runs_of in (
        (is_benchmark_bin, runs_of_benchmark_bin),
        (is_light_demo, runs_of_light_demo),
        (is_benchmark_script, runs_of_benchmark_script),
    ):
        if is_it(content.text):
            return runs_of(content, naming)
    if content.text.lstrip()[:1] in ("{", "["):
        return _of_json(content, naming)
    raise content.refusal("holds no results that are known here", _KNOWN)


def _of_json(content: Content, naming: Naming) -> list[RunRecord]:
    try:
        values = json.loads(content.text)
    except (ValueError, RecursionError) as error:
        raise content.refusal(f"is no JSON ({error!s:.100})", "give the whole of it, unchanged") from None
    if is_export(values):
        return runs_of_export(content, values, naming)
    if is_quick_bench(values):
        return runs_of_quick_bench(content, values, naming)
    raise content.refusal("is JSON, but holds no results", _KNOWN)
