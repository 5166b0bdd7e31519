"""What a dialog knows at one moment: a value that copies cheaply and can be written as JSON."""

from dataclasses import dataclass, field, replace
from typing import Any

from voicegw.call.commands import ActionRequest, Consent, Effect

Path = tuple[str | int, ...]
"""Where a block of steps lies in the dialplan: ``("tasks", "refund", "steps")``."""


@dataclass(frozen=True)
class Filled:
    """A slot's value."""

    value: object
    text: str = ""
    """The caller's words."""
    turn: int = 0
    """When it was given."""
    confirmed: bool = False
    """Said back, as far as the slot asks for it."""


@dataclass(frozen=True)
class Frame:
    """A block of steps in progress."""

    path: Path
    at: int = 0
    """Index of the step to do next."""
    agreed: bool = False
    """The caller said yes to the step at ``at``."""
    side: bool = False
    """Begun in the middle of another task, which is gone back to."""

    @property
    def task(self) -> str:
        """Name of the task whose own block this is, else empty."""
        return str(self.path[1]) if self.path[0] == "tasks" and len(self.path) == 3 else ""


@dataclass(frozen=True)
class Question:
    """What the caller was asked last."""

    kind: str
    """``open``, ``more``, ``slot``, ``check`` (is this value right?), ``write`` (may I?), ``offer``, ``person`` (shall
    a person take over?), ``meant`` (is it about this task?)."""
    name: str = ""
    """The slot, for ``slot`` and ``check``; the intents, for ``meant``."""
    wordings: tuple[str, ...] = ()
    """How it can be asked, already with the values in it."""
    constant: bool = False
    """The wordings are the same on every call."""
    asked: int = 0
    """How often it was put."""
    misses: int = 0
    """Answers that were not understood."""
    silences: int = 0
    """Times the caller said nothing."""


@dataclass(frozen=True)
class Pending:
    """A tool that is at work."""

    request: ActionRequest
    path: Path
    """Of the block that holds the call."""
    at: int
    waits: int = 0
    """Times the caller was told that it takes long."""


@dataclass(frozen=True)
class Thought:
    """The language model is asked."""

    id: int
    text: str
    """The caller's words."""
    choices: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    """What the reflex would have guessed."""


@dataclass
class State:
    """All that a dialog remembers."""

    slots: dict[str, Filled] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    """Results of tools, by name; the latest wins."""
    stack: list[Frame] = field(default_factory=list)
    """Blocks in progress; the last is worked on."""
    queue: list[str] = field(default_factory=list)
    """Tasks the caller has asked for and that wait."""
    done: list[str] = field(default_factory=list)
    """Tasks that came to their end."""
    last_task: str = ""
    """The task that ended last with nothing else in progress."""
    question: Question | None = None
    pending: Pending | None = None
    thought: Thought | None = None
    parts: dict[str, str] = field(default_factory=dict)
    """Beginnings of values that are not whole yet, by slot."""
    refused: dict[str, list[str]] = field(default_factory=dict)
    """Values that the caller said are wrong, by slot."""
    keys: str = ""
    """Pressed so far."""
    by_keys: bool = False
    """The caller is not listened to, and told which keys to press."""
    counts: dict[str, int] = field(default_factory=dict)
    """How often each thing was said or tried: wordings take turns, and nothing goes on for ever."""
    lines: list[tuple[str, str]] = field(default_factory=list)
    """The last lines of the conversation: who, what; of the agent's only what was heard."""
    tried: list[str] = field(default_factory=list)
    """Tools that were used, each with what came of it."""
    said: tuple[str, ...] = ()
    """The last reply, to say it again."""
    turn: int = 0
    began_at: float = 0.0
    last_id: int = 0
    """Of actions and thoughts."""
    speed: float = 1.0
    """Of speech; below 1 for a caller who asked to slow down."""
    person_wanted: bool = False
    """From the console, as soon as it is known what was changed."""
    transferring: bool = False
    reason: str = ""
    """Why the caller was given to a person."""
    disposition: str = ""
    """Empty while the call goes on."""

    def copy(self) -> "State":
        """Independent of this one; what is frozen is shared."""
        return replace(
            self,
            slots=dict(self.slots),
            values=dict(self.values),
            stack=list(self.stack),
            queue=list(self.queue),
            done=list(self.done),
            parts=dict(self.parts),
            refused={name: list(values) for name, values in self.refused.items()},
            counts=dict(self.counts),
            lines=list(self.lines),
            tried=list(self.tried),
        )

    def count(self, what: str) -> int:
        """How often this was counted before now."""
        before = self.counts.get(what, 0)
        self.counts[what] = before + 1
        return before

    def next_id(self) -> int:
        """The next number for an action or a thought."""
        self.last_id += 1
        return self.last_id

    @property
    def task(self) -> str:
        """Name of the task in progress."""
        return next((frame.task for frame in reversed(self.stack) if frame.task), "")

    @property
    def question_name(self) -> str:
        """The open question: a slot's name, or what kind of question it is."""
        return (self.question.name or self.question.kind) if self.question else ""

    def known(self) -> dict[str, object]:
        """Everything that templates and conditions can name."""
        return self.values | {name: filled.value for name, filled in self.slots.items()}

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are now."""
        return vars(self.copy()) | {
            "slots": {name: dict(vars(filled)) for name, filled in self.slots.items()},
            "stack": [{**vars(frame), "path": list(frame.path)} for frame in self.stack],
            "lines": [list(line) for line in self.lines],
            "said": list(self.said),
            "question": vars(self.question) | {"wordings": list(self.question.wordings)} if self.question else None,
            "pending": _pending_as_json(self.pending) if self.pending else None,
            "thought": _thought_as_json(self.thought) if self.thought else None,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "State":
        """What ``as_json`` wrote."""
        state = cls(**values)
        state.slots = {name: Filled(**filled) for name, filled in values["slots"].items()}
        state.stack = [Frame(**{**frame, "path": tuple(frame["path"])}) for frame in values["stack"]]
        state.said = tuple(values["said"])
        state.lines = [(who, text) for who, text in values["lines"]]
        state.question = _question(values["question"])
        state.pending = _pending(values["pending"])
        thought = values["thought"]
        if thought:
            lists = {"choices": tuple(thought["choices"]), "likely": tuple(thought["likely"])}
            state.thought = Thought(**{**thought, **lists})
        return state


def _thought_as_json(thought: Thought) -> dict[str, Any]:
    return vars(thought) | {"choices": list(thought.choices), "likely": list(thought.likely)}


def _pending_as_json(pending: Pending) -> dict[str, Any]:
    request = vars(pending.request) | {
        "arguments": dict(pending.request.arguments),
        "consent": vars(pending.request.consent) if pending.request.consent else None,
    }
    return vars(pending) | {"request": request, "path": list(pending.path)}


def _question(values: dict[str, Any] | None) -> Question | None:
    return Question(**{**values, "wordings": tuple(values["wordings"])}) if values else None


def _pending(values: dict[str, Any] | None) -> Pending | None:
    if not values:
        return None
    known = values["request"]
    consent = Consent(**known["consent"]) if known.get("consent") else None
    request = ActionRequest(**{**known, "effect": Effect(known["effect"]), "consent": consent})
    return Pending(**{**values, "request": request, "path": tuple(values["path"])})
