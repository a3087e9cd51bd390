"""Classifiers of text lines: one does next to nothing, the other ten times as much, and still little.

Little, so that on a busy host some runs are over before others get the processor.
"""

from __future__ import annotations

import sys
from pathlib import Path


def write_classifier(folder: Path, filters: int = 0) -> None:
    """Write an inference model that takes what the real ones take.

    Args:
        folder: That gets it.
        filters: So many of 3x3 look at the lines; none for the mean colours alone.
    """
    import paddle

    paddle.seed(5)
    program, start = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(program, start):
        lines = paddle.static.data("x", [-1, 3, 48, 192], "float32")
        seen = paddle.static.nn.conv2d(lines, filters, 3, stride=2, padding=1) if filters else lines
        small = paddle.nn.functional.avg_pool2d(seen, 24, stride=24)
        angles = paddle.nn.functional.softmax(paddle.static.nn.fc(small, 2))
    executor = paddle.static.Executor(paddle.CPUPlace())
    executor.run(start)
    place = str(folder / "inference")
    paddle.static.save_inference_model(place, [lines], [angles], executor, program=program, clip_extra=False)


def main(folder: Path) -> None:
    """Write both into folders of a folder; in a process of its own, whose state this is."""
    import paddle

    paddle.enable_static()
    for name, filters in (("light", 0), ("heavy", 160)):
        (folder / name).mkdir()
        write_classifier(folder / name, filters)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
