"""The tool: a question in, what answers it out."""

from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from voicegw.actions.requests import ToolResult

from .library import Library
from .reading import shortened
from .settings import KnowledgeSettings

OTHERS = 3
"""Titles that are named besides the best."""


class Question(BaseModel):
    """What a caller wants to know."""

    question: str = Field(min_length=1, max_length=500)


class Answer(ToolResult):
    """What the files say."""

    status: Literal["found", "not_found"] = "found"
    """``not_found``: nothing fits well enough; ``others`` are nearest."""
    answer: str = ""
    title: str = ""
    source: str = ""
    score: float = 0.0
    others: tuple[str, ...] = ()


def answer_type(settings: KnowledgeSettings) -> type[Answer]:
    """With the columns that the settings name."""
    fields: dict[str, Any] = dict.fromkeys(settings.values, (str, ""))
    return create_model("KnowledgeAnswer", __base__=Answer, **fields)


class Operations:
    """Questions to the library."""

    def __init__(self, library: Library, settings: KnowledgeSettings) -> None:
        self._library = library
        self._settings = settings
        self._gives = answer_type(settings)

    async def search(self, question: Question) -> Answer:
        """The passage or row that answers best."""
        hits = await self._library.search(question.question, 1 + OTHERS)
        titles = tuple(dict.fromkeys(hit.entry.title for hit in hits))
        if not hits or hits[0].score < self._settings.least_score:
            return self._gives(status="not_found", others=titles[:OTHERS])
        best = hits[0]
        columns = {name: best.entry.row.get(name, "") for name in self._settings.values}
        return self._gives(
            answer=shortened(best.entry.text, self._settings.longest),
            title=best.entry.title,
            source=best.entry.source,
            score=best.score,
            others=tuple(title for title in titles if title != best.entry.title)[:OTHERS],
            **columns,
        )
