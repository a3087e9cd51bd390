"""Line pictures as they were judged, with the angle that was taken for theirs."""

from __future__ import annotations

from typing import Final

from PIL import Image

from edge.ocr.image import load_image
from slim.draw.sheet import CAPTION, GAP, INK, MISSED, MUTED, PANEL, fitted, headline, tiled, write
from slim.evaluation.classification import ClassificationEvaluation
from slim.evaluation.worst import AngleJudgement, worst_angles

COUNT: Final = 32
_COLUMNS: Final = 4
_WIDTH: Final = 430
_CROP_HEIGHT: Final = 84
_PADDING: Final = 12
_TEXT: Final = 15


def draw_worst_angles(
    after: ClassificationEvaluation,
    before: ClassificationEvaluation | None,
    names: tuple[str, str],
    count: int | None,
) -> Image.Image:
    """Lines that would be left or set upside down; see :func:`slim.draw.worst.draw_worst`."""
    wrong = worst_angles(after, before)
    shown = wrong[: count or COUNT]
    against = names[1] if before is not None else None
    heading = headline(names[0], against, len(shown), len(wrong), 2 * len(after.cases), "judgements")
    note = (
        "pictures as the network saw them; the number is the probability it gave to 180°, "
        f"which is believed above {after.threshold:g}"
    )
    return tiled([_card(judgement) for judgement in shown], _COLUMNS, heading, note)


def _card(judgement: AngleJudgement) -> Image.Image:
    case, old, turned = judgement.case, judgement.before, judgement.turned
    height = _CROP_HEIGHT + 2 * _PADDING + round(CAPTION * 2.8)
    card = Image.new("RGB", (_WIDTH, height), PANEL)
    picture = load_image(case.image).picture
    if turned:
        picture = picture.transpose(Image.Transpose.ROTATE_180)
    crop = fitted(picture, _WIDTH - 2 * _PADDING, _CROP_HEIGHT)
    card.paste(crop, ((_WIDTH - crop.width) // 2, _PADDING + (_CROP_HEIGHT - crop.height) // 2))
    y = _PADDING + _CROP_HEIGHT + CAPTION * 1.5
    is_, taken = ("180°", "0°") if turned else ("0°", "180°")
    x: float = _PADDING
    x += write(card, (x, y), f"is {is_}, ", _TEXT, INK, bold=True)
    x += write(card, (x, y), f"taken for {taken}", _TEXT, MISSED, bold=True) + GAP
    score = f"{case.turned if turned else case.upright:.2f}"
    if old is not None:
        score = f"{old.turned if turned else old.upright:.2f} → {score}"
    write(card, (x, y), score, _TEXT, MUTED)
    write(card, (_PADDING, y + CAPTION * 1.25), case.image.name, 12, MUTED, room=_WIDTH - 2 * _PADDING)
    return card
