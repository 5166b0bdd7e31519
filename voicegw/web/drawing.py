"""A dialplan's picture laid out for a screen: tasks on the left, what they lead to on the right. Pure."""

from dataclasses import dataclass

from voicegw.dialplan.picture import Box, Picture

BOX_WIDTH, BOX_HEIGHT, GAP, ACROSS, MARGIN = 190, 34, 10, 130, 8
MOST_LETTERS = 26


@dataclass(frozen=True)
class PlacedBox:
    """A box with the pixel of its left upper corner."""

    box: Box
    x: int
    y: int

    @property
    def label(self) -> str:
        """As much of its title as fits."""
        title = self.box.title
        return title if len(title) <= MOST_LETTERS else f"{title[: MOST_LETTERS - 1]}…"


@dataclass(frozen=True)
class Curve:
    """A line between two boxes."""

    begin: str
    end: str
    path: str
    """Of SVG."""


@dataclass(frozen=True)
class Drawing:
    """All of it."""

    boxes: tuple[PlacedBox, ...]
    curves: tuple[Curve, ...]
    width: int
    height: int


def drawn(picture: Picture) -> Drawing:
    """Two columns, each in the order of the file."""
    columns = ([box for box in picture.boxes if box.kind == "task"], [b for b in picture.boxes if b.kind != "task"])
    tallest = max(map(len, columns), default=0)
    placed: dict[str, PlacedBox] = {}
    for number, column in enumerate(columns):
        step = (BOX_HEIGHT + GAP) * tallest / max(len(column), 1)
        for row, box in enumerate(column):
            x = MARGIN + 30 + number * (BOX_WIDTH + ACROSS)
            placed[box.key] = PlacedBox(box, x, round(MARGIN + row * step + (step - BOX_HEIGHT) / 2))
    curves = tuple(Curve(begin, end, _path(placed[begin], placed[end])) for begin, end in picture.lines)
    height = 2 * MARGIN + tallest * (BOX_HEIGHT + GAP)
    return Drawing(tuple(placed.values()), curves, 2 * BOX_WIDTH + ACROSS + 2 * MARGIN + 30, height)


def _path(begin: PlacedBox, end: PlacedBox) -> str:
    y, z = begin.y + BOX_HEIGHT // 2, end.y + BOX_HEIGHT // 2
    if begin.x == end.x:  # from task to task: around the left
        return f"M{begin.x} {y} C{begin.x - 34} {y} {end.x - 34} {z} {end.x} {z}"
    left, middle = begin.x + BOX_WIDTH, begin.x + BOX_WIDTH + ACROSS // 2
    return f"M{left} {y} C{middle} {y} {middle} {z} {end.x} {z}"
