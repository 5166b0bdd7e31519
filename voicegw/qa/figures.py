"""Figures of a bench: values with their targets, as a table or as JSON, kept in one file over all benches."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from voicegw.errors import SettingsError


@dataclass(frozen=True)
class Figure:
    """One measured value."""

    name: str
    value: float | None
    """None: it could not be measured, which is a missed target."""
    unit: str
    target: str = ""
    """``≤ 600``, ``≥ 0.9``, ``= 0``; empty: for information only."""
    n: int = 1
    """How many measurements stand behind it."""

    @property
    def meets(self) -> bool:
        """Whether the target is reached; without a target, always."""
        if not self.target:
            return True
        if self.value is None:
            return False
        sign, _, bound = self.target.partition(" ")
        return {"≤": self.value <= float(bound), "≥": self.value >= float(bound), "=": self.value == float(bound)}[sign]

    def named(self, name: str) -> "Figure":
        """The same by another name."""
        return replace(self, name=name)


@dataclass(frozen=True)
class Results:
    """What a bench prints."""

    commit: str
    machine: str
    figures: tuple[Figure, ...]

    @property
    def meets(self) -> bool:
        """Whether every figure reaches its target."""
        return all(figure.meets for figure in self.figures)

    def as_json(self) -> dict[str, Any]:
        """``{"commit", "machine", "figures": [{"name", "value", "unit", "target", "meets", "n"}]}``."""
        figures = [{**asdict(figure), "meets": figure.meets} for figure in self.figures]
        return {"commit": self.commit, "machine": self.machine, "figures": figures}

    def as_table(self) -> Table:
        """For people."""
        table = Table(title=f"{self.commit or 'no commit'} on {self.machine}")
        for name in ("figure", "value", "target", "", "n"):
            table.add_column(name, justify="right" if name in ("value", "n") else "left")
        for figure in self.figures:
            mark = "" if not figure.target else "[green]ok[/]" if figure.meets else "[red]missed[/]"
            table.add_row(figure.name, _shown(figure), figure.target, mark, str(figure.n))
        return table


def from_json(data: dict[str, Any]) -> Results:
    """What ``as_json`` made."""
    names = ("name", "value", "unit", "target", "n")
    figures = tuple(Figure(**{name: figure[name] for name in names}) for figure in data["figures"])
    return Results(data["commit"], data["machine"], figures)


def merge_into(file: Path, results: Results) -> None:
    """Write ``results`` to ``file``; figures of other names that are in it already stay.

    :raises SettingsError: the file is there and holds something else.
    """
    kept: list[Figure] = []
    if file.exists():
        try:
            kept = list(from_json(json.loads(file.read_text(encoding="utf-8"))).figures)
        except (ValueError, KeyError, TypeError):
            raise SettingsError(f"{file}: not the results of a bench: choose another file for --write") from None
    new = {figure.name for figure in results.figures}
    figures = tuple(figure for figure in kept if figure.name not in new) + results.figures
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(Results(results.commit, results.machine, figures).as_json(), indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Nearest rank: the smallest value that ``percent`` of all do not exceed. None for no values."""
    if not values:
        return None
    rank = max(math.ceil(percent / 100 * len(values)), 1)
    return round(sorted(values)[rank - 1], 1)


def share_percent(count: int, of: int) -> float | None:
    """``count`` in percent of ``of``; None of nothing."""
    return round(100 * count / of, 2) if of else None


def _shown(figure: Figure) -> str:
    return "not measured" if figure.value is None else f"{figure.value:g} {figure.unit}".strip()
