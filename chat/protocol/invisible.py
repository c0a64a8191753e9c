"""Characters that no reader can see, and so can tell nothing apart."""

import unicodedata

MARKS_IN_A_ROW = 4
"""What the scripts of the world need; more only climbs over its neighbours."""

# Unicode's Default_Ignorable_Code_Point outside the C categories, and the blank braille cell.
_BLANK = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
_BLANK |= {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)}

JOINERS = "\u200c\u200d"
"""What parts or joins letters that are written in a row, and makes one emoji of several."""


def without_joiners(text: str) -> str:
    """Leave out the joiners that stand where spelling has them: between letters, or emoji."""
    around = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return "".join(c for before, c, after in around if not (c in JOINERS and _join(before, after)))


def _join(before: str, after: str) -> bool:
    kinds = {unicodedata.category(before)[0], unicodedata.category(after)[0]}
    return kinds <= {"L", "M"} or kinds == {"S"}


def is_invisible(character: str) -> bool:
    """Tell whether a character is a control, a format or a blank that is no space."""
    return unicodedata.category(character)[0] == "C" or is_blank(character)


def is_blank(character: str) -> bool:
    """Tell whether nothing is drawn for it; what is too new to be known here may well be."""
    return unicodedata.category(character) in {"Cf", "Zl", "Zp"} or ord(character) in _BLANK


def has_loose_marks(text: str) -> bool:
    """Tell whether combining marks stand alone or pile up."""
    run = MARKS_IN_A_ROW  # a mark at the start has nothing to combine with
    for character in text:
        if not unicodedata.category(character).startswith("M"):
            run = MARKS_IN_A_ROW if character == " " else 0
        elif run >= MARKS_IN_A_ROW:
            return True
        else:
            run += 1
    return False
