"""Where the time of an answer went, drawn as bars on one scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from voicegw.outcomes.record import Waterfall
from voicegw.qa.report.markup import Markup, tag
from voicegw.qa.scenarios.evidence import Reply

LABEL, WIDTH, ROW = 34, 600, 22
LEAST_MS = 800.0
"""Of the scale, so that bars of quick calls are short."""
GRID_MS = 200


@dataclass(frozen=True)
class Part:
    """A stretch of the way from the caller's last sound to the agent's first."""

    name: str
    begin_ms: float
    end_ms: float


NAMES = {
    "turn_decided": "whose turn",
    "decision_made": "what to say",
    "first_audio": "speech made",
    "first_packet": "on its way",
}
"""What was waited for until each stage."""
HEARD = "to the ear"


def parts(waterfall: Waterfall, latency_ms: float | None) -> list[Part]:
    """The stages in order; what was ready before the stage ahead of it (prepared ahead) takes no time.

    :param latency_ms: as measured by ear, to close the bar.
    """
    if waterfall.last_voice is None:
        return []
    found: list[Part] = []
    at = 0.0
    for stage, name in NAMES.items():
        reached = getattr(waterfall, stage)
        if reached is None:
            continue
        end = max(reached - waterfall.last_voice, at)
        if end > at:
            found.append(Part(name, at, end))
        at = end
    if latency_ms is not None and latency_ms > at and found:
        found.append(Part(HEARD, at, latency_ms))
    return found


def drawn(replies: Sequence[Reply]) -> Markup:
    """One bar for each answer, all on one scale; empty if nothing was measured."""
    bars = [(number, reply, parts(reply.waterfall, reply.latency_ms)) for number, reply in enumerate(replies, 1)
            if reply.waterfall]  # fmt: skip
    bars = [bar for bar in bars if bar[2]]
    if not bars:
        return Markup("")
    longest = max(LEAST_MS, *(_end(reply, own) for _, reply, own in bars))
    rows = [_row(place, number, reply, own, longest) for place, (number, reply, own) in enumerate(bars)]
    height = len(bars) * ROW + 16
    return tag(
        "svg",
        list(_grid(longest, len(bars) * ROW)),
        rows,
        viewBox=f"0 0 {LABEL + WIDTH + 60} {height}",
        class_="waterfall",
        role="img",
        aria_label="Where the time of each answer went",
    )


def legend() -> Markup:
    """What the colours are."""
    names = [*NAMES.values(), HEARD]
    return tag("p", [tag("span", name, class_=f"key {_colour(name)}") for name in names], class_="legend")


def _row(place: int, number: int, reply: Reply, own: Sequence[Part], longest: float) -> Markup:
    y = place * ROW + 4
    boxes = [
        tag("rect", tag("title", f"{part.name}: {part.end_ms - part.begin_ms:.0f} ms"),
            x=_x(part.begin_ms, longest), y=y, width=max(round((part.end_ms - part.begin_ms) / longest * WIDTH, 1), 1),
            height=ROW - 8, rx=2, class_=f"part {_colour(part.name)}")
        for part in own
    ]  # fmt: skip
    end = _end(reply, own)
    return tag(
        "g",
        tag("text", number, x=LABEL - 8, y=y + 11, text_anchor="end"),
        boxes,
        tag("text", f"{end:.0f} ms", x=_x(end, longest) + 6, y=y + 11, class_="total"),
    )


def _grid(longest: float, height: int) -> Iterator[Markup]:
    step = GRID_MS if longest <= 2000 else 1000
    for ms in range(0, int(longest) + 1, step):
        x = _x(ms, longest)
        yield tag("line", x1=x, x2=x, y1=0, y2=height, class_="grid")
        yield tag("text", ms, x=x, y=height + 12, text_anchor="middle", class_="axis")


def _x(ms: float, longest: float) -> float:
    return round(LABEL + ms / longest * WIDTH, 1)


def _end(reply: Reply, own: Sequence[Part]) -> float:
    return reply.latency_ms if reply.latency_ms is not None else own[-1].end_ms


def _colour(name: str) -> str:
    return "c-" + name.replace(" ", "-")
