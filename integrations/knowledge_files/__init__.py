"""Folders of Markdown and CSV files, searched by meaning and by words."""

from typing import Any

from voicegw.actions.requests import Effect, Integration, Tool

from .library import Library
from .operations import Operations, Question, answer_type
from .settings import KnowledgeSettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = KnowledgeSettings.model_validate(settings)
    library = Library(own)
    tool = Tool(
        "knowledge_files.search",
        Effect.READS,
        Question,
        answer_type(own),
        Operations(library, own).search,
        own.time_limit_s,
        "The passage or row that answers a question.",
    )
    return Integration("knowledge_files", (tool,), open=library.open, health=library.health)
