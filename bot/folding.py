"""Words as they are meant, whatever they are written with: case, width, invisible signs, look-alikes. Pure.

Both the blocked word and the text are folded, so what matters is only that what looks alike folds alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Letters of other alphabets, and changed Latin ones, that pass for a Latin letter (after NFKC and casefold):
# from Unicode's confusables.txt, for the scripts that people have on their keyboards. A table of our own,
# since the library that has all of it keeps 15 MB in memory for letters that nobody types.
_PASS_FOR = {
    "a": "ɑαаᎪᴀꓮæ", "b": "ƀƃƅɓʙβвьᏏᏴᵬꓐ", "c": "ƈȼɕσсᏟᴄꓚ", "d": "đƌȡɖɗԁᎠᏧᴅᵭꓒꓓ", "e": "ɇεеҽᎬᴇꓰꬲзȝʒӡ",
    "f": "ƒϝքᵮꓝꬵ", "g": "ƍǥɠɡɢʛԍցᏀᏳᶃꓖ", "h": "ħɦʜηнһհᎻᏂꓧ", "i": "ıɨɩɪιіӏᎥꙇlłƚǀȴɫʟᏞᴌꓡꓲ", "j": "ɉʝϳјᎫᴊꓙ",
    "k": "ƙκкᏦᴋꓗ", "m": "ɱμϻмᎷᴍᵯꓟ", "n": "ȵɴνոռпᵰꓠ", "o": "øοоօᴏᴑꓳꬽ", "p": "ƥρрᏢᴘᵱᵽꓑ", "q": "ɋʠԛգզ",
    "r": "ɍɽʀгᎡᎱᏒᴦᵲꓣꭇꭈ", "s": "ȿʂѕտᏕᏚᵴꓢƨϩꙅƽ", "t": "ŧƭȶτтᎢᴛᵵꓔ", "u": "ʋυսᴜꓴꭎꭒ", "v": "ѵᏙᴠꓦ",
    "w": "ɯѡԝաᎳᏔᴡꓪ", "x": "×χхꓫ", "y": "ƴɏɣʏγуүᎩᎽᶌꓬꭚ", "z": "ƶȥɀʑζᏃᴢᵶꓜ",
}  # fmt: skip
_SIGNS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
_FOLDED = str.maketrans({**{sign: letter for letter, signs in _PASS_FOR.items() for sign in signs}, **_SIGNS})
_STROKES = re.compile(
    r"(?<=[^\W_])[!|](?=[^\W_])"
)  # within a word they stand for a letter, after it for themselves
_MARKS = range(0x300, 0x370)  # accents; the marks of other scripts are letters of their own
_LETTERS = re.compile(r"[^\W_]+")
_SPACED = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_](?![^\W_])){2,}")
_SPACES = re.compile(r"\s+")
_UNSEEN = re.compile("[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNSPACED = "\u2e80"
"""From here on live the scripts that put no spaces between words."""


def folded(text: str) -> str:
    """Lower-case words with one space between them: ``"Ｆ\u200bО×"`` → ``"fox"``."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(sign for sign in plain if ord(sign) not in _MARKS and not _invisible(sign))
    return " ".join(
        _LETTERS.findall(_STROKES.sub("i", unicodedata.normalize("NFC", seen).translate(_FOLDED)))
    )


def one_line(text: str) -> str:
    """Words among others': on one line, without control characters, marks of direction, what is not seen."""
    return _UNSEEN.sub("", _SPACES.sub(" ", unicodedata.normalize("NFC", text))).strip()


def _invisible(sign: str) -> bool:
    """Zero-width signs, marks of direction, variation selectors, tags; fillers that look like nothing."""
    return (
        unicodedata.category(sign) == "Cf"
        or "\ufe00" <= sign <= "\ufe0f"
        or sign in "\u115f\u1160\u3164\uffa0"
    )


def holds(text: str, words: Iterable[str]) -> bool:
    """Whether one of ``words`` is said in ``text``; ``fox*`` also means what begins like that.

    Latin and the like by whole words, spelled out (``f o x``) too; Chinese and the like anywhere.
    """
    said = folded(text)
    whole = f" {said} {' '.join(_joined(run[0]) for run in _SPACED.finditer(said))} "
    close = said.replace(" ", "")
    return any(_said(word, whole, close) for word in words)


def _said(word: str, whole: str, close: str) -> bool:
    wanted = folded(word)
    if not wanted:
        return False
    if wanted[0] >= _UNSPACED:
        return wanted.replace(" ", "") in close
    return f" {wanted}{'' if word.rstrip().endswith(('*', '＊')) else ' '}" in whole


def _joined(run: str) -> str:
    return "".join(_LETTERS.findall(run))
