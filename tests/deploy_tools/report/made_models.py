"""What is known of models: a small one beside the one that it was made of."""

from __future__ import annotations

from deploy_tools.report.models import Accuracy, ModelFacts
from tests.deploy_tools.report.made_runs import HOSTILE, REC


def made_models() -> list[ModelFacts]:
    """Float and slim, measured on two sets of pictures."""
    words = Accuracy("words", "exact", 71.2, 68.9, 73.4, 1000)
    worse = Accuracy("words", "exact", 70.8, 68.5, 73.0, 1000)
    return [
        ModelFacts(REC, "rec", "fp32", 4_430_000, accuracies=(words,)),
        ModelFacts(
            REC + "_slim", "rec", "int8-weights", 1_940_000, slim=True, origin=REC, accuracies=(worse,)
        ),
        ModelFacts(
            HOSTILE,
            "rec",
            HOSTILE,
            2_000_000,
            accuracies=(Accuracy(HOSTILE, "exact", 70.0, 60.0, 80.0, 9, HOSTILE),),
        ),
    ]
