"""``voicegw bench endings``: what each part of deciding the end of a turn brings, cut-offs against latency.

Offline: the callers of ``sets/turns.yaml`` and ``sets/others.yaml``, as ``endings`` lets them happen. Latency is to the
decision; the reply's first sound comes some 40 ms later.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial

import numpy as np

from voicegw.call.commands import Command, Listen
from voicegw.call.dialog import Dialog
from voicegw.call.events import CallBegan, TranscriptFinal
from voicegw.call.orders import Heard
from voicegw.call.patience import TurnRules
from voicegw.config import load
from voicegw.dialplan import files
from voicegw.engines import registry
from voicegw.engines.stt import SpeechToText
from voicegw.errors import ModelMissing
from voicegw.nlu import slots
from voicegw.nlu.reader import Reader
from voicegw.nlu.recalled import Recalled
from voicegw.qa import turn_set
from voicegw.qa.bench_turns import SETS
from voicegw.qa.benching import Run
from voicegw.qa.caller import studio
from voicegw.qa.endings import Ending, Judge, Line, Rehearsal, Spoken, Strategy, by_audio_model, by_dialog, silence_only
from voicegw.qa.figures import Figure, percentile, share_percent
from voicegw.qa.script import SayLine, Script, words
from voicegw.qa.spans import RATE_HZ

FILES = (SETS / "turns.yaml", SETS / "others.yaml")
SILENCES_MS = (300, 500, 700, 1000)
SURE = 0.9
"""Probability from which the audio model may change what the words say."""
BEFORE_FROM_MS = 240
"""Audio before the onset that belongs to the utterance, as in ``worker.ears``."""
PREFIX = "endings"
Embed = Callable[[str], np.ndarray]


async def run(how: Run) -> tuple[Figure, ...]:
    """One or two minutes.

    :raises SetupError: something must be mended first.
    """
    return await asyncio.to_thread(_run, how)


def _run(how: Run) -> tuple[Figure, ...]:
    settings = load()
    embedder = registry.sentence_embedder(settings)
    ears = Ears(registry.speech_to_text(settings))
    voices = studio(settings, how.digits)
    embed: Embed = cache(lambda text: embedder.embed([text])[0])
    (agent,) = files.load(SETS / "turns-dialplan.yaml")
    reader = Reader.of(agent.examples(), embedder.embed)
    strategies = _strategies(embed)
    endings: dict[str, list[Ending]] = {strategy.name: [] for strategy in strategies}
    for file in FILES:
        turns = turn_set.read(file)
        plans = [plan for plan in turns.available(recordings=how.digits is not None) if plan.group == "alone"]
        for plan in plans:
            how.tell(plan.name)
            script = plan.script(turns.seed)
            dialog = Dialog(agent, Recalled(reader.read), started=datetime.now())
            lines = [
                Line(spoken, registry.voice_activity())
                for spoken in _spoken(script, voices.clips(script), dialog, embed)
            ]
            for strategy in strategies:
                rehearsal = Rehearsal(strategy, ears.hear)
                endings[strategy.name] += [rehearsal.play(line) for line in lines]
    return tuple(figure for name, some in endings.items() for figure in figures(name, some))


def figures(strategy: str, endings: Sequence[Ending]) -> Iterator[Figure]:
    """What one strategy comes to."""
    waits = [ending.latency_ms for ending in endings if ending.latency_ms is not None]
    digits = [ending for ending in endings if ending.label == "digits"]
    name = f"{PREFIX}: {strategy}"
    yield Figure(f"{name}: cut off", _cut_off(endings), "%", "", len(endings))
    yield Figure(f"{name}: cut off in digits", _cut_off(digits), "%", "", len(digits))
    yield Figure(f"{name}: last word to decision, p50", percentile(waits, 50), "ms", "", len(waits))
    yield Figure(f"{name}: last word to decision, p95", percentile(waits, 95), "ms", "", len(waits))


def _cut_off(endings: Sequence[Ending]) -> float | None:
    return share_percent(sum(ending.cut_off for ending in endings), len(endings))


def _strategies(embed: Embed) -> list[Strategy]:
    dialog = by_dialog(embed)
    return [
        *map(silence_only, SILENCES_MS),
        Strategy("and the words' completeness", TurnRules(learns=False)),
        Strategy("and what the dialog makes of them", TurnRules(learns=False), judges=(dialog,)),
        Strategy("and the caller's pauses", judges=(dialog,)),
        *(Strategy("and an audio model", judges=(dialog, audio)) for audio in _audio_model()),
    ]


def _audio_model() -> list[Judge]:
    """Nothing where the model is not here: ``voicegw models pull smart-turn``."""
    try:
        model = registry.end_of_turn_model(load())
    except ModelMissing:
        return []
    return [by_audio_model(partial(model.finished, rate_hz=RATE_HZ), SURE)]


def _spoken(script: Script, clips: Mapping[int, np.ndarray], dialog: Dialog, embed: Embed) -> Iterator[Spoken]:
    """The caller's turns, each with what the agent listens for by then: it understands all that is said.

    :param dialog: at its beginning.
    """
    listen = _listening(dialog.on(CallBegan(), 0.0), Listen())
    for number, step in enumerate(script.steps):
        if not isinstance(step, SayLine):
            continue
        yield Spoken(step.label, clips[number], listen.expecting, listen.patience, dialog.copy())
        text = words(step.text)
        listen = _listening(dialog.on(TranscriptFinal(text, 1.0, embed(text)), 1.0), listen)


def _listening(commands: Sequence[Command], before: Listen) -> Listen:
    return next((command for command in reversed(commands) if isinstance(command, Listen)), before)


class Ears:
    """Hears lines; what was heard once is remembered, as strategies ask for the same."""

    def __init__(self, stt: SpeechToText) -> None:
        self._stt = stt
        self._heard: dict[tuple[Line, int, int], tuple[str, float]] = {}

    def hear(self, line: Line, from_ms: int, until_ms: int) -> Heard:
        """The words from one moment to another."""
        key = (line, from_ms, until_ms)
        if key not in self._heard:
            recognizer = self._stt.recognizer(RATE_HZ, line.spoken.expecting)
            recognizer.feed(line.until(from_ms - BEFORE_FROM_MS, until_ms))
            hypothesis = recognizer.decode(final=False)
            self._heard[key] = hypothesis.text, hypothesis.confidence
        text, confidence = self._heard[key]
        judged = slots.completeness(text, line.spoken.expecting, datetime.now().date())
        return Heard(text, confidence, judged, until_ms)
