"""A small chart: bars with names and amounts, as a PNG on a ground of its own that suits every theme.

pygal lays it out, resvg paints it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from pathlib import Path

from bot.credits import money
from bot.media import lettering
from bot.model import Amount, new_id

log = logging.getLogger(__name__)

Bars = Sequence[tuple[str, Amount]]

_PATIENCE = 30.0  # seconds
_WIDTH, _BAR, _HEAD = 900, 76, 140  # pixels: wide enough for a phone held upright
_LETTERS, _TITLE = 34, 42
_NAME = 10  # longest name, in font sizes
_MARGIN, _PER_LETTER = 24, 0.6  # what pygal allots to a letter, in font sizes
_AMOUNT = 1.45  # room right of the longest bar
_GROUND, _INK, _COLOUR = "#f6f7fb", "#1d2330", "#4f6df5"
_FONTS = "DejaVu Sans, Noto Sans, Arial, Noto Sans CJK SC, WenQuanYi Micro Hei, PingFang SC, Microsoft YaHei"
_BESIDE = "inline:{{ id }}.text-overlay text{text-anchor:start}"


async def bars(title: str, rows: Bars, folder: Path) -> Path | None:
    """A PNG in ``folder``, its rows from top to bottom; ``None`` where it can't be drawn.

    Drawn by a process of its own: resvg holds up its process meanwhile, and what it takes is given back.
    """
    to = folder / f"chart-{new_id()}.png"
    said = json.dumps([title, [*rows], str(to)]).encode()
    try:
        painter = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, stdin=PIPE, stdout=DEVNULL, stderr=PIPE
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                _, trouble = await painter.communicate(said)
        finally:
            if painter.returncode is None:
                painter.kill()
                await painter.wait()
    except (OSError, TimeoutError) as error:
        log.warning("no chart could be drawn: %r", error)
        return None
    if painter.returncode:
        log.warning("no chart could be drawn: %s", trouble.decode(errors="replace")[-2000:])
        return None
    return to


def _paint(title: str, rows: Bars, to: Path) -> None:
    import resvg_py  # noqa: PLC0415  (only ever in the process that paints)

    spare = to.with_suffix(".ttf")
    try:
        spare.write_bytes(lettering.spare())  # where there is no other font at all
        to.write_bytes(resvg_py.svg_to_bytes(svg_string=_drawn(title, rows), font_files=[str(spare)]))
    finally:
        spare.unlink(missing_ok=True)


def _drawn(title: str, rows: Bars) -> str:
    """The chart as SVG."""
    from pygal import HorizontalBar  # noqa: PLC0415
    from pygal.style import Style  # noqa: PLC0415

    names = [_short(lettering.settable(name)) for name, _ in rows]
    style = Style(
        background=_GROUND,
        plot_background=_GROUND,
        foreground=_INK,
        foreground_strong=_INK,
        value_colors=(_INK,),
        colors=(_COLOUR,),
        opacity="1",
        font_family=f"{_FONTS}, Aileron, sans-serif",
        label_font_size=_LETTERS,
        major_label_font_size=_LETTERS,
        value_font_size=_LETTERS,
        title_font_size=_TITLE,
    )
    # pygal counts letters where wide ones take the room of two.
    wider = max(map(lettering.length, names)) - _PER_LETTER * max(map(len, names))
    chart = HorizontalBar(
        style=style,
        css=("file://style.css", "file://graph.css", _BESIDE),
        title=lettering.settable(title),
        width=_WIDTH,
        height=_HEAD + _BAR * len(rows),
        margin=_MARGIN,
        margin_left=_MARGIN + max(0, round((wider + 0.5) * _LETTERS)),
        range=(0, _AMOUNT * max(1, *(amount for _, amount in rows))),
        value_formatter=lambda amount: f"\u2002{money(round(amount))}",
        truncate_label=-1,
        rounded_bars=6,
        print_values=True,
        print_values_position="top",
        show_legend=False,
        show_x_labels=False,
        show_x_guides=False,
        show_y_guides=False,
        js=(),
    )
    chart.x_labels = names[::-1]
    chart.add("", [amount for _, amount in reversed(rows)])
    return str(chart.render(is_unicode=True))


def _short(name: str) -> str:
    if lettering.length(name) <= _NAME:
        return name
    while lettering.length(name) > _NAME - 1:
        name = name[:-1]
    return name.rstrip() + "…"


if __name__ == "__main__":
    _title, _rows, _to = json.load(sys.stdin)
    _paint(_title, _rows, Path(_to))
