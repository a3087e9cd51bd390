"""Parameters travel through JSON unchanged, and nothing else gets in."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from edge.ocr.parameters import (
    ClassificationParameters,
    DetectionParameters,
    RecognitionParameters,
    parameters_from_json,
    parameters_to_json,
)

KINDS = (DetectionParameters, ClassificationParameters, RecognitionParameters)
CHANGED = (
    DetectionParameters(736, "min", 1280, (0.5, 0.5, 0.5), (0.25, 0.5, 1.0), 0.2, 0.5, 1.6, True, 50, 5.0),
    ClassificationParameters(32, 100, 0.8),
    RecognitionParameters(48, 64, 320, 640, False, 0.2),
)


@pytest.mark.parametrize("parameters", [*(kind() for kind in KINDS), *CHANGED], ids=repr)
def test_there_and_back(parameters: Any) -> None:
    values = json.loads(json.dumps(parameters_to_json(parameters)))
    assert set(values) == {field.name for field in dataclasses.fields(parameters)}
    assert parameters_from_json(type(parameters), values) == parameters


@pytest.mark.parametrize("kind", KINDS)
def test_missing_values_keep_their_default(kind: Any) -> None:
    assert parameters_from_json(kind, {}) == kind()


def test_whole_numbers_will_do_for_floats_and_lists_for_tuples() -> None:
    parameters = parameters_from_json(DetectionParameters, {"min_size": 4, "mean": [0, 1, 0.5]})
    assert (parameters.min_size, parameters.mean) == (4.0, (0.0, 1.0, 0.5))
    assert isinstance(parameters.min_size, float)


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_names_are_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown parameter 'treshold' \(known: "):
        parameters_from_json(kind, {"treshold": 0.5})


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (DetectionParameters, "limit_side", 960.0),
        (DetectionParameters, "limit_side", "960"),
        (DetectionParameters, "limit_side", True),
        (DetectionParameters, "limit_type", 1),
        (DetectionParameters, "mean", 0.5),
        (DetectionParameters, "mean", [0.5, 0.5]),
        (DetectionParameters, "mean", [0.5, 0.5, "0.5"]),
        (DetectionParameters, "mean", [0.5, 0.5, True]),
        (DetectionParameters, "threshold", None),
        (DetectionParameters, "threshold", "0.3"),
        (DetectionParameters, "dilate", 1),
        (DetectionParameters, "dilate", "yes"),
        (RecognitionParameters, "use_space", 0),
        (RecognitionParameters, "height", [32]),
    ],
)
def test_other_types_are_refused(kind: Any, name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"parameter '{name}' is .*, where something like .* is expected"):
        parameters_from_json(kind, {name: value})


NAN = float("nan")


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (DetectionParameters, "limit_side", 0),
        (DetectionParameters, "limit_type", "longest"),
        (DetectionParameters, "longest_side", 31),
        (DetectionParameters, "mean", (0.5, NAN, 0.5)),
        (DetectionParameters, "std", (0.2, 0.0, 0.2)),
        (DetectionParameters, "threshold", 1.1),
        (DetectionParameters, "threshold", NAN),
        (DetectionParameters, "box_threshold", -0.1),
        (DetectionParameters, "unclip_ratio", float("inf")),
        (DetectionParameters, "max_candidates", 0),
        (DetectionParameters, "min_size", -1.0),
        (ClassificationParameters, "height", 0),
        (ClassificationParameters, "width", -192),
        (ClassificationParameters, "threshold", 2.0),
        (RecognitionParameters, "height", 0),
        (RecognitionParameters, "width_step", 0),
        (RecognitionParameters, "min_width", 0),
        (RecognitionParameters, "max_width", 159),
        (RecognitionParameters, "margin", -0.01),
        (RecognitionParameters, "margin", NAN),
    ],
)
def test_values_outside_their_range_are_refused(kind: Any, name: str, value: object) -> None:
    expected = f"parameter '{name}' is .*, where .* expected"
    with pytest.raises(ValueError, match=expected):
        kind(**{name: value})
    with pytest.raises(ValueError, match=expected):
        parameters_from_json(kind, json.loads(json.dumps({name: value})))
