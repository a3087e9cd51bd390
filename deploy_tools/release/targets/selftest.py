"""``selftest``: a script that lets a board check its models, with a shell and the runner and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from deploy_tools.release.archive.entry import Entry
from deploy_tools.release.contents.model import PackedModel

NAME: Final = "selftest"

_SCRIPT: Final = r"""#!/bin/sh
# Whether the models of @TITLE@ compute here what they should: runs the golden input of each
# and compares the output with the golden one.
#
#   ./selftest            all models
#   ./selftest det rec    these
#
# The runner is bin/ppocr_runner, or what PPOCR_EDGE_RUNNER names: a program, or a command with its words.
# Exit code: 0 all is well, 1 something is not, 2 there is nothing to test with.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 2
case ${1-} in -*)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$here/@NAME@"
    case $1 in -h | --help) exit 0 ;; esac
    exit 2
    ;;
esac

runner=${PPOCR_EDGE_RUNNER:-$here/bin/ppocr_runner}
if [ -z "${PPOCR_EDGE_RUNNER-}" ] && [ ! -f "$runner" ]; then
    echo "selftest: no runner in this archive; set PPOCR_EDGE_RUNNER to a ppocr_runner" >&2
    exit 2
fi
LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

run() {
    # a path may have spaces in it, a command's words are apart
    # shellcheck disable=SC2086
    if [ -f "$runner" ]; then "$runner" "$@"; else $runner "$@"; fi
}

damaged() {
    cd -- "$here" && sha256sum -c - 2>/dev/null <<'SUMS' | sed -n '/: OK$/!p'
@SUMS@SUMS
}

check() { # task, tolerance, name; of files in models/TASK: model, golden input, golden output
    folder=$here/models/$1
    said=$(run --model "$folder/$4" --input "$folder/$5" --compare "$folder/$6" \
        --tolerance "$2" 2>&1 </dev/null)
    code=$?
    differs=$(printf '%s\n' "$said" | sed -n 's/.*"difference": *\([0-9][0-9.e+-]*\).*/\1/p')
    if [ "$code" = 0 ] && [ -n "$differs" ]; then
        echo "$1  ok    $3: differs by $differs, $2 is allowed"
        return
    fi
    failed=1
    why=$(printf '%s\n' "$said" | sed -n 's/^runner: //p')
    [ "$code" != 126 ] || why="the runner is no program for this $(uname -m)"
    [ -n "$why" ] || why="the runner ended with $code and said: $(printf '%s' "$said" | tail -n 1)"
    echo "$1  FAIL  $3: $why"
}

if command -v sha256sum >/dev/null 2>&1; then
    bad=$(damaged)
    if [ -n "$bad" ]; then
        echo "selftest: files are damaged or missing:" >&2
        printf '%s\n' "$bad" >&2
        exit 1
    fi
fi
failed=0
[ $# -gt 0 ] || set -- @TASKS@
for task in "$@"; do
    case $task in
@CASES@    *)
        echo "selftest: there is no model '$task' here, only @TASKS@" >&2
        exit 2
        ;;
    esac
done
[ "$failed" = 0 ] || exit 1
echo "all is well"
"""


def selftest_entry(name: str, title: str, models: Sequence[PackedModel], entries: Sequence[Entry]) -> Entry:
    """The script.

    Args:
        name: Where it goes in the archive.
        title: Of the release and the target, for people.
        models: In the archive.
        entries: Everything else in the archive; the script looks for damage in them first.
    """
    prefix = name.removesuffix(NAME)
    sums = "".join(f"{entry.listed.sha256}  {entry.name.removeprefix(prefix)}\n" for entry in entries)
    cases = "".join(_case(model) for model in models)
    text = _SCRIPT
    for mark, value in (
        ("TITLE", title),
        ("NAME", NAME),
        ("TASKS", " ".join(model.task for model in models)),
        ("CASES", cases),
        ("SUMS", sums),
    ):
        text = text.replace(f"@{mark}@", value)
    return Entry(name, text.encode(), executable=True)


def _case(model: PackedModel) -> str:
    golden = model.bundle.manifest.golden
    assert golden is not None  # noqa: S101  (gather_model asked for it)
    names = (model.name, model.bundle.manifest.model, golden.input, golden.output)
    return f"    {model.task}) check {model.task} {model.tolerance:g} {' '.join(map(_quoted, names))} ;;\n"


def _quoted(text: str) -> str:
    """A word as the shell takes it, whatever is in it."""
    return "'" + text.replace("'", "'\\''") + "'"
