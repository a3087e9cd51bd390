"""Field by field: everything in a manifest that is missing, of the wrong kind or impossible is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest

from edge.bundle.bundle import Bundle
from edge.bundle.manifest_reader import ManifestError, parse_manifest

pytestmark = pytest.mark.embedded

GOOD_SHA = "0" * 64
# field -> values that it may not have; every field that has a type gets all values of other types besides
TYPES: dict[tuple[str, ...], type] = {
    ("name",): str,
    ("task",): str,
    ("model",): str,
    ("target",): str,
    ("precision",): str,
    ("opt_version",): str,
    ("input",): dict,
    ("input", "shape"): list,
    ("input", "dtype"): str,
    ("input", "name"): str,
    ("parameters",): dict,
    ("files",): dict,
    ("files", "model.nb"): dict,
    ("files", "model.nb", "sha256"): str,
    ("files", "model.nb", "size"): int,
    ("dictionary",): str,
    ("classes",): int,
    ("golden",): dict,
    ("golden", "input"): str,
    ("golden", "output"): str,
    ("golden", "made_by"): str,
    ("golden", "tolerance"): float,
    ("golden", "of"): str,
    ("source",): dict,
    ("versions",): dict,
    ("versions", "paddlelite"): str,
    ("warnings",): list,
    ("parameters", "height"): int,
    ("parameters", "use_space"): bool,
}
OPTIONAL = {("golden",), ("source",), ("versions",), ("warnings",)}
# without these the field keeps its default, as in a manifest of an older version
DEFAULTED = {("golden", "of"), ("parameters", "height"), ("parameters", "use_space")}
SAMPLES: tuple[object, ...] = (None, True, 7, 0.5, "text", ["text"], {"a": 1})

IMPOSSIBLE: list[tuple[tuple[str, ...], object, str]] = [
    (("task",), "ocr", "has task 'ocr', known are det, cls, rec"),
    (("task",), "det", "unknown parameter"),
    (("name",), "a\nb", "printable text is expected"),
    (("name",), "\x1b[31mred", "printable text is expected"),
    (("model",), "other.nb", "names 'other.nb' but does not list it"),
    (("dictionary",), "other.txt", "names 'other.txt' but does not list it"),
    (("dictionary",), None, "is for recognition but has no 'dictionary'"),
    (("classes",), None, "is for recognition but has no 'dictionary' and 'classes'"),
    (("classes",), 0, "field 'classes' is 0"),
    (("golden", "input"), "other.npy", "names 'other.npy' but does not list it"),
    (("golden", "tolerance"), 0, "field 'golden.tolerance' is 0"),
    (("golden", "tolerance"), -1e-3, "field 'golden.tolerance' is -0.001"),
    (("golden", "tolerance"), 10**400, "field 'golden.tolerance' is 1000"),
    (("golden", "tolerance"), float("nan"), "is not JSON (NaN is no number)"),
    (("golden", "tolerance"), float("inf"), "is not JSON (Infinity is no number)"),
    (("source", "deep"), float("-inf"), "is not JSON (-Infinity is no number)"),
    (("input", "dtype"), "float64", "field 'input.dtype' is 'float64'"),
    (("input", "shape"), [-1, 3, 48], "field 'input.shape'"),
    (("input", "shape"), [-1, 3, 48, 0], "field 'input.shape'"),
    (("input", "shape"), [-2, 3, 48, -1], "field 'input.shape'"),
    (("input", "shape"), [-1, 3, 48.0, -1], "field 'input.shape'"),
    (("input", "shape"), [-1, True, 48, -1], "field 'input.shape'"),
    (("input", "shape"), [-1, 1, 48, -1], "with these parameters [-1, 3, 48, -1] is expected"),
    (("input", "shape"), [-1, 3, 32, -1], "with these parameters [-1, 3, 48, -1] is expected"),
    (("input", "multiples"), [1, 1, 1], "field 'input.multiples'"),
    (("input", "multiples"), [1, 1, 1, 0], "field 'input.multiples'"),
    (("input", "multiples"), "1111", "field 'input.multiples'"),
    (("files",), {}, "names 'model.nb' but does not list it"),
    (("files", "model.nb", "sha256"), "0" * 63, "64 hexadecimal digits"),
    (("files", "model.nb", "sha256"), "0" * 63 + "G", "64 hexadecimal digits"),
    (("files", "model.nb", "sha256"), "A" * 64, "64 hexadecimal digits"),
    (("files", "model.nb", "size"), -1, "field 'files.model.nb.size' is -1"),
    (("warnings",), ["fine", 3], "field 'warnings' must hold lines of printable text"),
    (("warnings",), ["\x1b[2J"], "field 'warnings' must hold lines of printable text"),
    (("versions", "opt"), 2, "field 'versions.opt' is 2"),
    (("parameters", "colour"), "blue", "field 'parameters': unknown parameter 'colour'"),
    (("parameters", "width_step"), 0, "field 'parameters': parameter 'width_step' is 0"),
    (("parameters", "height"), -48, "parameter 'height' is -48"),
    (("parameters", "min_width"), 5000, "parameter 'max_width' is 2560"),
    (("parameters", "max_width"), 10**9, "parameter 'max_width' is 1000000000, the most is 65536"),
    (("parameters", "height"), 10**400, "parameter 'height' is 1000"),
]
NAMES = (
    "", ".", "..", "/etc/passwd", "../model.nb", "a/../../b", "a//b", "./a", "a/", "a\\b", "a\0b", "a\nb",
    "\ud800", "\x1b[2J",
)  # fmt: skip


@pytest.fixture(scope="module")
def good(default_bundles: Mapping[str, Bundle]) -> Mapping[str, Any]:
    """A real manifest, of a recognizer, which has every field."""
    return default_bundles["rec"].manifest.to_dict()


def changed(good: Mapping[str, Any], way: tuple[str, ...], value: object, *, drop: bool = False) -> str:
    """The text of a manifest with one field changed or left out."""
    values: Any = copy.deepcopy(dict(good))
    inner = values
    for name in way[:-1]:
        inner = inner[name]
    if drop:
        del inner[way[-1]]
    else:
        inner[way[-1]] = value
    return json.dumps(values)


def refused(text: str) -> str:
    """What is said of a manifest that is refused."""
    with pytest.raises(ManifestError) as caught:
        parse_manifest(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    return str(caught.value)


def test_the_manifest_below_is_otherwise_good(good: Mapping[str, Any]) -> None:
    assert parse_manifest(json.dumps(good)).task == "rec"
    assert {way[0] for way in TYPES} | {"format"} == set(good), "every field is in the table"


@pytest.mark.parametrize("way", TYPES, ids=".".join)
def test_a_field_of_another_type(good: Mapping[str, Any], way: tuple[str, ...]) -> None:
    tried = 0
    for value in SAMPLES:
        if _suits(value, TYPES[way]) or (value is None and way in OPTIONAL | DEFAULTED):
            continue
        assert way[-1] in refused(changed(good, way, value)), value
        tried += 1
    assert tried >= 4


def _suits(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


@pytest.mark.parametrize("way", sorted(set(TYPES) - OPTIONAL - DEFAULTED), ids=".".join)
def test_a_field_that_is_missing(good: Mapping[str, Any], way: tuple[str, ...]) -> None:
    if way == ("files", "model.nb"):
        assert "does not list it" in refused(changed(good, way, None, drop=True))
    elif way == ("versions", "paddlelite"):
        parse_manifest(changed(good, way, None, drop=True))  # which versions are named is up to the writer
    else:
        assert way[-1] in refused(changed(good, way, None, drop=True))


@pytest.mark.parametrize(("way", "value", "found"), IMPOSSIBLE, ids=lambda value: str(value)[:40])
def test_a_value_that_is_impossible(
    good: Mapping[str, Any], way: tuple[str, ...], value: object, found: str
) -> None:
    assert found in refused(changed(good, way, value))


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_file_name_that_leads_elsewhere(good: Mapping[str, Any], name: str) -> None:
    entry = {"sha256": GOOD_SHA, "size": 1}
    message = refused(changed(good, ("files", name), entry))
    assert f"{name!r}, which is not a plain name inside the bundle" in message


def test_numbers_too_large_to_be_any(good: Mapping[str, Any], default_bundles: Mapping[str, Bundle]) -> None:
    text = changed(good, ("golden", "tolerance"), 0.001).replace("0.001", "1e999")
    assert "is not JSON (1e999 is no number)" in refused(text)
    detector = default_bundles["det"].manifest.to_dict()
    for name, value, found in (
        ("threshold", 10**400, "a number is too large"),
        ("mean", [0, 0, 10**400], "a number is too large"),
        ("unclip_ratio", 1e9, "the most is 100"),
        ("longest_side", 10**12, "the most is 8192"),
        ("std", [1, 0, 1], "parameter 'std'"),
        ("limit_type", "between", "parameter 'limit_type' is 'between'"),
        ("mean", [1, 2], "parameter 'mean' is [1, 2]"),
        ("dilate", 1, "parameter 'dilate' is 1"),
    ):
        assert found in refused(changed(detector, ("parameters", name), value)), name


def test_a_name_that_stands_twice_deep_inside(good: Mapping[str, Any]) -> None:
    text = json.dumps(good).replace('"made_by"', '"input": "x", "made_by"')
    assert "'input' stands twice in one object" in refused(text)
