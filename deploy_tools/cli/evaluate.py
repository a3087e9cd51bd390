"""``ppocr-edge evaluate``: how accurate a model is, on any device, alone or against another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.bundle_options import limit_options
from deploy_tools.cli.console import print_json, progress_bar, remark, stdout_console
from deploy_tools.cli.model_options import model_options
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.devices.base import Device
    from deploy_tools.evaluation.candidate import Candidate
    from deploy_tools.evaluation.data import EvaluationData
    from deploy_tools.evaluation.result import Judged, Judgement

EPILOG = """\b
Examples:
  ppocr-edge evaluate ch_PP-OCRv4_det --data photos/labels.txt
  ppocr-edge evaluate bundles/ch_PP-OCRv4_rec-x86 --data words/labels.txt --worst worst.png
  ppocr-edge evaluate ./slim_det --against ch_ppocr_mobile_v2.0_det --data photos/labels.txt
  ppocr-edge evaluate ./my_rec --task rec --dict keys.txt --data words/labels.txt -n 200 --json
  ppocr-edge evaluate ch_ppocr_mobile_v2.0_cls --device local --data words/

\b
Labels are PaddleOCR's: a line per picture, its path relative to the file, a tab, and
  for detection       [{"transcription": "text", "points": [[x, y], …]}, …]   ("###" does not count)
  for recognition     the text
  for classification  anything: every line, which stands upright, is judged as it is and turned by 180°
"""


@click.command(epilog=EPILOG)
@click.argument("model")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE|FOLDER",
    help="Label file; or a folder of pictures, to compare two models, or for classification.",
)
@click.option(
    "--device",
    metavar="NAME",
    help="Where to run: paddle (default for models), local (default for bundles), or another device.",
)
@click.option("--against", metavar="MODEL", help="Compare with this model on the same pictures.")
@click.option("--against-device", metavar="NAME", help="Where to run that one; default: as for --device.")
@click.option("-n", "limit", type=click.IntRange(1), help="Take only the first so many pictures.")
@click.option(
    "--worst",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.png",
    help="Draw the worst cases in one picture; with --against, where most was lost.",
)
@click.option("--json", "as_json", is_flag=True, help="Print measures and every raw result as JSON.")
@model_options
@limit_options
def evaluate(model: str, data: Path, against: str | None, as_json: bool, **options: Any) -> None:
    """Measure how accurate MODEL is: a name from 'models list', a result of slim, a folder or a bundle.

    Every figure has a 95 % confidence interval, from resampled pictures. What is lost against another model
    is measured picture by picture, so its interval is narrower than those of the two values.
    """
    from deploy_tools.evaluation.data import read_evaluation_data
    from deploy_tools.evaluation.result import Judgement
    from deploy_tools.picture_file import check_replaces_none, check_suffix

    worst: Path | None = options["worst"]
    if worst is not None:
        check_suffix("--worst", worst)
    if options["against_device"] and against is None:
        raise InputError("--against-device", "does not apply without --against", "add --against MODEL")
    from deploy_tools.cli.evaluate_models import find_candidates

    candidates = find_candidates([model, *([against] if against is not None else [])], options)
    devices = [_device(candidates[0], "--device", options["device"])]
    if against is not None:
        option = "--against-device" if options["against_device"] else "--device"
        name = options["against_device"] or options["device"]
        devices.append(_device(candidates[1], option, name))
    pictures = read_evaluation_data(data, candidates[0].task, options["limit"])
    if not pictures.labelled and against is None:
        raise InputError(
            f"--data {data}",
            "is a folder of pictures without labels",
            "name a label file, or a model to compare with by --against",
        )
    if worst is not None:
        check_replaces_none("--worst", worst, [worst], [*pictures.images, data])
    judged = [
        _judge(candidate, device, pictures, options)
        for candidate, device in zip(candidates, devices, strict=True)
    ]
    judgement = Judgement(pictures, *judged)
    _show(judgement, as_json=as_json)
    if worst is not None:
        _draw(judgement, worst)


def _device(candidate: Candidate, option: str, name: str | None) -> Device:
    from deploy_tools.devices.find import find_device
    from deploy_tools.devices.local import LocalDevice
    from deploy_tools.devices.paddle import PaddleDevice
    from edge.bundle.bundle import Bundle

    is_bundle = isinstance(candidate.form, Bundle)
    try:
        device = find_device(name or (LocalDevice.name if is_bundle else PaddleDevice.name))
    except InputError as error:
        raise InputError(f"{option} {name}", error.found, error.remedy) from None
    if is_bundle and device.target is None:
        raise InputError(
            f"{option} {device.name}",
            f"runs inference models, {candidate.name} is a bundle",
            "name the model it was made of, or choose a device for it (--device, --against-device)",
        )
    return device


def _judge(candidate: Candidate, device: Device, data: EvaluationData, options: dict[str, Any]) -> Judged:
    from deploy_tools.evaluation.opening import opened
    from deploy_tools.evaluation.result import Judged
    from deploy_tools.evaluation.run import evaluate_candidate

    force, seconds = options["force"], options["time_limit"]
    label = f"{candidate.label} on {device.name}"
    with (
        opened(candidate, device, force=force, run_seconds=seconds) as model,
        progress_bar(label, len(data)) as bar,
    ):

        def advance(done: int, _: int) -> None:
            if bar is not None:
                bar.update(bar.task_ids[0], completed=done)

        return Judged(candidate, device.name, evaluate_candidate(candidate, model, data, advance))


def _show(judgement: Judgement, *, as_json: bool) -> None:
    from deploy_tools.cli.evaluate_view import agreement_line, heading, judgement_json, results_table

    if as_json:
        print_json(judgement_json(judgement))
        return
    for text in heading(judgement):
        remark(text)
    if judgement.data.labelled:
        stdout_console().print(results_table(judgement))
    line = agreement_line(judgement)
    if line is not None:
        click.echo(line)


def _draw(judgement: Judgement, target: Path) -> None:
    from deploy_tools.picture_file import write_picture
    from slim.draw.worst import draw_worst
    from slim.evaluation.agreement import judged_by

    model, other = judgement.model, judgement.other
    if other is None:
        picture = draw_worst(model.evaluation, names=(model.candidate.label, ""))
    elif judgement.data.labelled:
        names = (model.candidate.label, other.candidate.label)
        picture = draw_worst(model.evaluation, other.evaluation, names=names)
    else:
        name = f"{model.candidate.label}, with {other.candidate.label} taken as truth"
        picture = draw_worst(judged_by(other.evaluation, model.evaluation), names=(name, ""))
    write_picture("--worst", target, picture)
    remark(f"drew {target}")
