"""``ppocr-edge evaluate``: how accurate a model is, on any device, alone or against another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.bundle_options import limit_options
from deploy_tools.cli.console import print_json, remark, stdout_console
from deploy_tools.cli.device_bars import DeviceBars, device_bars
from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.model_options import model_options
from deploy_tools.cli.on_devices import tell_failures, work_on
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.devices.base import Device
    from deploy_tools.devices.together import Outcome
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
  ppocr-edge evaluate ch_PP-OCRv4_rec --device pi4,pixel --data words.txt

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
    metavar="NAME[,NAME...]|all",
    help="Where to run: paddle (default for models), local (default for bundles), or other devices, several "
    "at the same time.",
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
@inventory_option
@limit_options
def evaluate(model: str, data: Path, against: str | None, as_json: bool, **options: Any) -> int:
    """Measure how accurate MODEL is: a name from 'models list', a result of slim, a folder or a bundle.

    Every figure has a 95 % confidence interval, from resampled pictures. What is lost against another model
    is measured picture by picture, so its interval is narrower than those of the two values. On several
    devices it is measured at the same time; exit code 2 if any failed, after the results of the others.
    """
    from deploy_tools.evaluation.data import read_evaluation_data
    from deploy_tools.evaluation.result import Judgement
    from deploy_tools.picture_file import check_suffix
    from deploy_tools.whole_file import check_replaces_none

    worst: Path | None = options["worst"]
    if worst is not None:
        check_suffix("--worst", worst)
    if options["against_device"] and against is None:
        raise InputError("--against-device", "does not apply without --against", "add --against MODEL")
    from deploy_tools.cli.evaluate_models import find_candidates

    candidates = find_candidates([model, *([against] if against is not None else [])], options)
    with device_bars() as bars:
        devices = _devices(candidates[0], "--device", options["device"], options["inventory"], bars)
        if worst is not None and len(devices) > 1:
            raise InputError(f"--worst {worst}", f"one picture for {len(devices)} devices", "name one device")
        other = _against_device(candidates, options, bars)
        pictures = read_evaluation_data(data, candidates[0].task, options["limit"])
        if not pictures.labelled and against is None:
            raise InputError(
                f"--data {data}",
                "is a folder of pictures without labels",
                "name a label file, or a model to compare with by --against",
            )
        if worst is not None:
            check_replaces_none("--worst", worst, [worst], [*pictures.images, data])

        def judge(candidate: Candidate, device: Device) -> Judged:
            return _judge(candidate, device, pictures, options, bars)

        shared = None
        if other is not None:  # with several devices it is the same for all
            shared = work_on([other], lambda device: judge(candidates[1], device))[0].result
        outcomes = work_on(
            devices,
            lambda device: Judgement(
                pictures,
                judge(candidates[0], device),
                shared or (judge(candidates[1], device) if against is not None else None),
            ),
        )
    _show_all(outcomes, as_json=as_json)
    if worst is not None and outcomes[0].result is not None:
        _draw(outcomes[0].result, worst)
    return tell_failures(outcomes)


def _against_device(
    candidates: Sequence[Candidate], options: dict[str, Any], bars: DeviceBars
) -> Device | None:
    """Where the other model runs; None where there is none, or it runs where the model does."""
    name, inventory = options["against_device"], options["inventory"]
    if len(candidates) < 2:
        return None
    if name is None:
        same = options["device"] is not None
        if same:
            _devices(
                candidates[1], "--device", options["device"], inventory, bars
            )  # whether it can run there
        return None if same else _devices(candidates[1], "--device", None, inventory, bars)[0]
    devices = _devices(candidates[1], "--against-device", name, inventory, bars)
    if len(devices) > 1:
        raise InputError(f"--against-device {name}", f"names {len(devices)} devices", "name one")
    return devices[0]


def _devices(
    candidate: Candidate, option: str, names: str | None, inventory: Path | None, bars: DeviceBars
) -> Sequence[Device]:
    from deploy_tools.devices.find import find_devices
    from deploy_tools.devices.local import LocalDevice
    from deploy_tools.devices.paddle import PaddleDevice
    from edge.bundle.bundle import Bundle

    is_bundle = isinstance(candidate.form, Bundle)
    names = names or (LocalDevice.name if is_bundle else PaddleDevice.name)
    try:
        devices = find_devices(names, inventory, sending=bars.sending)
    except InputError as error:
        if not error.subject.startswith("--device"):
            raise
        raise InputError(
            f"{option}{error.subject.removeprefix('--device')}", error.found, error.remedy
        ) from None
    for device in devices:
        if is_bundle and isinstance(device, PaddleDevice):
            raise InputError(
                f"{option} {device.name}",
                f"runs inference models, {candidate.name} is a bundle",
                "name the model it was made of, or choose a device for it (--device, --against-device)",
            )
    return devices


def _judge(
    candidate: Candidate, device: Device, data: EvaluationData, options: dict[str, Any], bars: DeviceBars
) -> Judged:
    from deploy_tools.evaluation.opening import opened
    from deploy_tools.evaluation.result import Judged
    from deploy_tools.evaluation.run import evaluate_candidate

    force, seconds = options["force"], options["time_limit"]
    with (
        opened(candidate, device, force=force, run_seconds=seconds) as model,
        bars.work(f"{candidate.label} on {device.name}", len(data)) as told,
    ):
        evaluation = evaluate_candidate(candidate, model, data, lambda done, _: told(done))
        return Judged(candidate, device.name, evaluation)


def _show_all(outcomes: Sequence[Outcome[Judgement]], *, as_json: bool) -> None:
    from deploy_tools.cli.evaluate_view import judgement_json

    if len(outcomes) == 1:
        assert outcomes[0].result is not None  # noqa: S101  (of one device the error is raised)
        _show(outcomes[0].result, as_json=as_json)
        return
    if as_json:
        rows = [
            {"device": outcome.device.name, **judgement_json(outcome.result)}
            if outcome.result is not None
            else {"device": outcome.device.name, "error": outcome.error.one_line() if outcome.error else ""}
            for outcome in outcomes
        ]
        print_json({"devices": rows})
        return
    for outcome in outcomes:
        if outcome.result is not None:
            _show(outcome.result, as_json=False)


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
