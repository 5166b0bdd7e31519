"""``voicegw bench reasoning``: turns that the reflex is not sure of, with and without the language model.

Of each shipped dialplan every third example of each intent is held out; of the hotel's callers (``hotel_utterances`` in
``--data``), all but ten of each intent. What the reflex then is not sure of, the language model is asked about as on a
call.
"""

import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from datetime import time as time_of_day
from pathlib import Path

import yaml

from voicegw.call import dialog_think
from voicegw.call.dialog_intents import favourite, likely
from voicegw.call.dialog_think import NONE
from voicegw.config import load
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.parse import parse
from voicegw.engines import registry
from voicegw.engines.llm import LanguageModel, Message
from voicegw.errors import SetupError
from voicegw.gateway.llm import local_model
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.reader import Embed, Reader
from voicegw.nlu.understanding import Understanding
from voicegw.qa.bench_understanding import hotel_sentences
from voicegw.qa.benching import REPOSITORY, Run
from voicegw.qa.figures import Figure, percentile, share_percent
from voicegw.worker.thinker import decide

TODAY, NOW = date(2026, 3, 16), time_of_day(9)
HELD_OUT = 3
"""Every so manyth example of an intent is a test."""
EXAMPLES = 10
"""Of each intent of the hotel."""
MOST = 60
"""Turns of each set that the model is asked about."""
TIMEOUT_S = 4.0
"""As on a call."""


@dataclass(frozen=True)
class Unsure:
    """A turn that the reflex does not stand by."""

    plan: Dialplan
    understanding: Understanding
    wanted: frozenset[str]
    """What is meant; empty: none of the dialplan's intents."""


@dataclass(frozen=True)
class Thought:
    """What the model made of it."""

    turn: Unsure
    choice: str
    took_ms: float

    @property
    def guessed(self) -> bool:
        """Without the model, one of the two guesses that the agent asks about is right."""
        return bool(set(likely(self.turn.understanding)[:2]) & self.turn.wanted)

    @property
    def favours_right(self) -> bool:
        """What is clearly the likeliest by the reflex is meant."""
        return favourite(self.turn.understanding) in self.turn.wanted

    @property
    def right(self) -> bool:
        return self.choice in self.turn.wanted or (self.choice == NONE and not self.turn.wanted)

    @property
    def wrong(self) -> bool:
        """It would be acted on, and is not what the caller wants."""
        return self.choice != NONE and self.choice not in self.turn.wanted


async def run(how: Run) -> tuple[Figure, ...]:
    """Some three minutes.

    :raises SetupError: no language model is here.
    """
    settings = load()
    embed = registry.sentence_embedder(settings).embed
    sets = {"shipped": shipped(embed)}
    if how.data is not None and how.data.is_dir():
        sets["hotel"] = hotel(how.data / "hotel_utterances", embed)
    async with local_model(settings) as model:
        if model is None:
            raise SetupError("no language model: voicegw models pull qwen2.5-coder-0.5b, or set llm.url")
        return tuple(
            [
                figure
                for name, turns in sets.items()
                for figure in figures(name, [thought async for thought in _thoughts(model, turns, how)])
            ]
        )


def figures(name: str, thoughts: Sequence[Thought]) -> tuple[Figure, ...]:
    """What the model is good for on one set."""

    def share(what: str, counted: Sequence[bool]) -> Figure:
        return Figure(f"reasoning, {name}: {what}", share_percent(sum(counted), len(counted)), "%", "", len(counted))

    took = [thought.took_ms for thought in thoughts]
    clear = [thought for thought in thoughts if favourite(thought.turn.understanding)]
    likeliest = [(likely(thought.turn.understanding)[:1] or [""])[0] in thought.turn.wanted for thought in thoughts]
    return (
        share("unsure turns where the reflex's likeliest is right", likeliest),
        share("right among the one or two that are asked about without the model", [one.guessed for one in thoughts]),
        share("right by the model", [one.right for one in thoughts]),
        share("the likeliest right where it is clear", [one.favours_right for one in clear]),
        share("the model right there", [one.right for one in clear]),
        share("taken for something else by the model", [one.wrong for one in thoughts]),
        Figure(f"reasoning, {name}: a decision takes, p50", percentile(took, 50), "ms", "", len(took)),
        Figure(f"reasoning, {name}: a decision takes, p95", percentile(took, 95), "ms", "", len(took)),
    )


def shipped(embed: Embed) -> list[Unsure]:
    """Held-out examples of the shipped English dialplans."""
    found: list[Unsure] = []
    for file in sorted((REPOSITORY / "dialplans").glob("*.yaml")):
        (plan,) = files.load(file)
        held = {name: said[::HELD_OUT] for name, said in plan.examples().items() if len(said) >= HELD_OUT}
        known = {name: [one for one in said if one not in held.get(name, ())] for name, said in plan.examples().items()}
        told = [
            (text, frozenset({name})) for name, said in held.items() if not name.startswith("talk.") for text in said
        ]
        found += _unsure(plan, Reader.of(known, embed), told, embed)
    return found


def hotel(folder: Path, embed: Embed) -> list[Unsure]:
    """Callers of a hotel, of whose sentences ten of each intent are known."""
    order = hotel_sentences(folder)
    random.Random(1).shuffle(order)
    examples: dict[str, list[str]] = {}
    rest: list[tuple[str, frozenset[str]]] = []
    for sentence in order:
        wanted = [f"task.{name}" for name in sentence.get("intents", [])]
        if any(len(examples.get(name, [])) < EXAMPLES for name in wanted):
            for name in wanted:
                examples.setdefault(name, []).append(sentence["text"])
        else:
            rest.append((sentence["text"], frozenset(wanted)))
    plan = _plan_of(examples)
    return _unsure(plan, Reader.of(plan.examples(), embed), rest, embed)


def _unsure(plan: Dialplan, reader: Reader, told: Sequence[tuple[str, frozenset[str]]], embed: Embed) -> list[Unsure]:
    read = [(reader.read(text, embed([text])[0], Expecting(), TODAY, NOW), wanted) for text, wanted in told]
    return [Unsure(plan, understood, wanted) for understood, wanted in read if not understood.confident]


def _plan_of(examples: Mapping[str, Sequence[str]]) -> Dialplan:
    """A dialplan with a task for each intent."""
    end = [{"end": "call"}]
    tasks = {
        name.removeprefix("task."): {
            "title": name.removeprefix("task.").replace("_", " "),
            "examples": list(said),
            "steps": [{"say": "Okay."}],
        }
        for name, said in examples.items()
    }
    return parse(
        yaml.safe_dump(
            {
                "name": "hotel",
                "numbers": ["1"],
                "persona": "You answer the phone for a hotel.",
                "greeting": "Hello, how can I help?",
                "tasks": tasks,
                "handoff": {"to": "sip:desk@hotel.example", "say": "One moment.", "failed": end},
                "limits": {
                    "no_input": {"say": ["Are you still there?"], "then": end},
                    "no_match": {"say": ["Sorry?"], "then": end},
                },
            }
        )
    )


async def _thoughts(model: LanguageModel, turns: Sequence[Unsure], how: Run) -> AsyncIterator[Thought]:
    chosen = random.Random(1).sample(list(turns), min(MOST, len(turns)))
    warm = ""
    for number, turn in enumerate(chosen):
        how.tell(f"{turn.plan.name}, {number + 1} of {len(chosen)}")
        system = dialog_think.system(turn.plan)
        if system != warm:
            await model.warm_up([Message("system", system)])
            warm = system
        lines = [("agent", "How can I help?"), ("caller", turn.understanding.text)]
        think = dialog_think.ask(turn.plan, dialog_think.choices_of(turn.plan, turn.understanding), lines)
        began = time.perf_counter()
        decided = await decide(model, think, TIMEOUT_S)
        took_ms = (time.perf_counter() - began) * 1000
        yield Thought(turn, str((decided or {}).get("choice", NONE)), took_ms)
