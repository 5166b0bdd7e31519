"""The agent's words on a call, written down afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from voicegw.engines.stt import SpeechToText
from voicegw.qa.call_report import CallReport
from voicegw.qa.ruler import Intent, Turn
from voicegw.qa.spans import RATE_HZ, Span, join, samples, voiced_spans

SENTENCE_GAP_MS = 700
LONGEST_S = 20
"""Of what is decoded at once; Whisper's window is 30 s."""
MARGIN_MS = 100


def transcribed(report: CallReport, ears: SpeechToText) -> CallReport:
    """With the agent's words filled in. Blocks while it decodes.

    :raises EngineError: the engine failed.
    """
    received = report.tape.received
    spans = voiced_spans(received)
    starts = [0, *[_answer_begins(turn) for turn in report.turns], len(received)]
    texts = tuple(_words(received, _between(spans, begin, end), ears) for begin, end in pairwise(starts))
    return replace(report, greeting=texts[0], answers=texts[1:])


def words_in(sound: np.ndarray, ears: SpeechToText) -> str:
    """What is said in some sound, int16 at 8 kHz. Blocks while it decodes.

    :raises EngineError: the engine failed.
    """
    return _words(sound, join(voiced_spans(sound), SENTENCE_GAP_MS), ears)


def _answer_begins(turn: Turn) -> int:
    """What the agent says into a line belongs to its answer; what an interruption cut short does not."""
    voice = turn.voice or turn.line.span
    return voice.begin if turn.line.intent is Intent.TURN else voice.end


def _between(spans: Sequence[Span], begin: int, end: int) -> tuple[Span, ...]:
    """Utterances that begin in this stretch."""
    return join([span for span in spans if begin <= span.begin < end], SENTENCE_GAP_MS)


def _words(received: np.ndarray, utterances: Sequence[Span], ears: SpeechToText) -> str:
    texts = []
    for utterance in utterances:
        for begin in range(utterance.begin, utterance.end, LONGEST_S * RATE_HZ):
            end = min(begin + LONGEST_S * RATE_HZ, utterance.end) + samples(MARGIN_MS)
            recognizer = ears.recognizer(RATE_HZ)
            recognizer.feed(received[max(begin - samples(MARGIN_MS), 0) : end])
            texts.append(recognizer.decode(final=True).text.strip())
    return " ".join(text for text in texts if text)
