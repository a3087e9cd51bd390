"""The fonts of this machine, and the search for the one that suits a text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from slim.fonts.cache import load_known, save_known
from slim.fonts.choice import FontChoice
from slim.fonts.face import FontFace, FontKind, essential_characters
from slim.fonts.files import font_files, font_folders
from slim.fonts.preference import Preference, countries_of, family_rank
from slim.fonts.reader import EMBEDDED, as_embedded, read_faces

LATIN: Final = "".join(map(chr, range(0x21, 0x7F)))
"""The visible ASCII characters."""


class FontCatalogue:
    """A set of faces to choose from; :func:`find_font` and :func:`find_families` use the machine's own.

    Args:
        faces: At least one.
    """

    def __init__(self, faces: Iterable[FontFace]) -> None:
        self.faces = tuple(faces)
        self._by_preference: dict[Preference, list[FontFace]] = {}

    @classmethod
    def scan(cls, folders: Iterable[Path] | None = None) -> FontCatalogue:
        """Look through folders, reading only files that are new or changed since they were last read.

        Args:
            folders: Folders or font files; the machine's own where None.

        Returns:
            Their faces, and last the font embedded in Pillow.

        Raises:
            InputError: ``PPOCR_EDGE_FONTS`` names something that does not exist.
        """
        files = font_files(font_folders() if folders is None else folders)
        embedded = font_files([EMBEDDED])
        wanted = dict.fromkeys((*files, *embedded))
        known = load_known()
        unread = [file for file in wanted if file not in known]
        if unread:
            # files elsewhere stay known, unless they are gone or an older state of one of these
            renewed = {file.path for file in unread}
            known = {f: faces for f, faces in known.items() if f.path not in renewed and f.path.exists()}
            known.update((file, read_faces(file.path)) for file in unread)
            save_known(known)
        installed = (face for file in files for face in known[file])
        return cls([*installed, *(as_embedded(face) for file in embedded for face in known[file])])

    def find(
        self,
        text: str,
        *,
        kind: FontKind = "sans",
        bold: bool = False,
        italic: bool = False,
        family: str = "",
    ) -> FontChoice:
        """The face that suits a text best; arguments as for :func:`find_font`."""
        needed = essential_characters(text)
        best, fewest = self.faces[0], len(needed) + 1
        for face in self._ranked(Preference(kind, bold, italic, family, countries_of(text))):
            missing = len(face.missing(needed))
            if missing < fewest:
                best, fewest = face, missing
            if not missing:
                break
        return FontChoice.of(best, needed)

    def _ranked(self, preference: Preference) -> list[FontFace]:
        """The faces by preference, the one embedded in Pillow after all installed ones."""
        if preference not in self._by_preference:
            self._by_preference[preference] = sorted(
                self.faces, key=lambda face: (face.path is None, preference.rank(face))
            )
        return self._by_preference[preference]

    def families(self, text: str = LATIN, *, kind: FontKind | None = None) -> tuple[FontChoice, ...]:
        """A regular face of every family that covers a text; arguments as for :func:`find_families`."""
        needed = essential_characters(text)
        by_family: dict[str, list[FontFace]] = {}
        for face in self.faces:
            if kind in (None, face.kind) and not face.missing(needed):
                by_family.setdefault(face.family, []).append(face)
        regular = [min(faces, key=Preference(faces[0].kind).rank) for faces in by_family.values()]
        regular.sort(key=lambda face: (face.path is None, family_rank(face.family)))
        return tuple(FontChoice.of(face, needed) for face in regular)


def find_font(
    text: str, *, kind: FontKind = "sans", bold: bool = False, italic: bool = False, family: str = ""
) -> FontChoice:
    """Find the installed font that suits a text best.

    Coverage decides first: the font that misses fewest of the text's characters. Among equals the wanted
    family, the country's form of Chinese characters, the wanted look, slant and weight decide, then
    well-known families. Where no installed font does better, it is the one embedded in Pillow.

    The machine's fonts are looked through once per process (``PPOCR_EDGE_FONTS`` names folders or files to
    use instead), and what is read of each file is kept below ``edge.folders.home_folder()``.

    Args:
        text: What is to be drawn.
        kind: The wanted look.
        bold: Whether weight 700 is wanted, instead of 400.
        italic: Whether a slanted face is wanted.
        family: The wanted family, for example that of another choice.

    Raises:
        InputError: ``PPOCR_EDGE_FONTS`` names something that does not exist.
    """
    return _installed(font_folders()).find(text, kind=kind, bold=bold, italic=italic, family=family)


def find_families(text: str = LATIN, *, kind: FontKind | None = None) -> tuple[FontChoice, ...]:
    """List the installed families that cover all of a text, a regular face of each, well-known ones first.

    Args:
        text: What is to be drawn; visible ASCII by default.
        kind: Only families of this look; all where None.

    Raises:
        InputError: ``PPOCR_EDGE_FONTS`` names something that does not exist.
    """
    return _installed(font_folders()).families(text, kind=kind)


@lru_cache(maxsize=4)
def _installed(folders: tuple[Path, ...]) -> FontCatalogue:
    return FontCatalogue.scan(folders)
