"""Synthetic pictures of text in any dictionary, drawn with the installed fonts.

>>> from slim.data.synthetic import SyntheticLines
>>> lines = SyntheticLines("0123456789 .", count=100, seed=7)
>>> lines[42].text  # the same whenever and wherever it is asked for
"""

from slim.data.synthetic.lines import LinePicture, SyntheticLines
from slim.data.synthetic.pages import SIZE, PagePicture, SyntheticPages

__all__ = ["SIZE", "LinePicture", "PagePicture", "SyntheticLines", "SyntheticPages"]
