"""Figure 1, text: the pipeline on x86 Paddle-Lite against the same pipeline on Paddle."""

from __future__ import annotations

from tests.benchmarks.material import Material, Row, show
from tests.benchmarks.same_lines import same_lines


def measure(material: Material) -> bool:
    """Read every photograph with both."""
    texts: dict[str, list[list[str]]] = {}
    for library in ("lite", "paddle"):
        ocr = material.ocr(library)
        texts[library] = [[line.text for line in ocr.read(path).lines] for path in material.photographs()]
        ocr.close()
    same, total = same_lines(texts["lite"], texts["paddle"])
    if not total:
        raise SystemExit("text: no text was found on any photograph")
    return show(
        "1b. text on x86 Paddle-Lite against Paddle, same pipeline",
        [
            Row("photographs, lines", f"{len(texts['lite'])}, {total}"),
            Row(
                "identical lines (>= 99.5 %)",
                f"{same / total:.2%} ({total - same} differ)",
                same / total >= 0.995,
            ),
        ],
    )
