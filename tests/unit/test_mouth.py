"""What is sent to the cell, in which order, and which words of it the caller has heard."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from voicegw.call.commands import Say
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import ClearPlayout, Message, PlayoutEnded, PlayoutStarted, Speech, SpeechEnded
from voicegw.worker.mouth import Mouth, Utterance


class Pieces(list[np.ndarray]):
    cached = False


class Voice:
    """Speaks 100 ms per word, after ``before`` has been called with the text."""

    def __init__(self, before: Callable[[str], None] = lambda text: None) -> None:
        self.asked: list[str] = []
        self._before = before

    def speak(self, text: str, *, speed: float = 1.0, keep: bool = True, more: bool = True) -> Pieces:
        self._before(text)
        self.asked.append(text)
        return Pieces([np.full(800 * len(text.split()), len(text), np.int16)])


class Inline(ThreadPoolExecutor):
    """Runs at once, in the caller's thread."""

    def submit(self, fn, /, *args, **kwargs):
        fn(*args, **kwargs)


@pytest.fixture
def cell() -> Iterator[tuple[Link, Link]]:
    ours, cells = wire_link.pair()
    yield ours, cells
    ours.close()
    cells.close()


def received(link: Link) -> list[Message]:
    messages = []
    while (message := link.receive()) is not None:
        messages.append(message)
    return messages


def test_an_utterance_is_its_speech_and_then_its_end(cell: tuple[Link, Link]) -> None:
    mouth = Mouth(cell[0], Voice(), Inline())  # type: ignore[arg-type]
    utterance = mouth.say(Say("It has shipped. It should arrive on Thursday."))
    messages = received(cell[1])
    assert isinstance(messages[-1], SpeechEnded)
    speech = [message for message in messages if isinstance(message, Speech)]
    assert sum(len(message.pcm) for message in speech) == 8 * 800 * 2
    assert {message.utterance for message in speech} == {utterance.number}


def test_long_speech_is_sent_in_pieces_of_half_a_second_at_most(cell: tuple[Link, Link]) -> None:
    mouth = Mouth(cell[0], Voice(), Inline())  # type: ignore[arg-type]
    mouth.say(Say("one two three four five six seven eight nine ten eleven twelve"))
    assert all(len(m.pcm) <= 8000 for m in received(cell[1]) if isinstance(m, Speech))


@pytest.mark.parametrize(
    ("heard_ms", "words"),
    [(0, ""), (250, "It has"), (300, "It has shipped."), (700, "It has shipped. It should arrive on"),
     (9000, "It has shipped. It should arrive on Thursday.")],
)  # fmt: skip
def test_only_words_that_were_played_were_heard(heard_ms: int, words: str, cell: tuple[Link, Link]) -> None:
    mouth = Mouth(cell[0], Voice(), Inline())  # type: ignore[arg-type]
    utterance = mouth.say(Say("It has shipped. It should arrive on Thursday."))
    assert utterance.heard_text(heard_ms) == words


def test_what_was_prepared_is_not_synthesised_again(cell: tuple[Link, Link]) -> None:
    voice = Voice()
    mouth = Mouth(cell[0], voice, Inline())  # type: ignore[arg-type]
    mouth.prepare(Say("It has shipped. It should arrive on Thursday."))
    utterance = mouth.say(Say("It has shipped. It should arrive on Thursday."))
    assert voice.asked.count("It has shipped.") == 1
    assert utterance.prepared


def test_what_was_prepared_at_another_pace_is_not_used(cell: tuple[Link, Link]) -> None:
    voice = Voice()
    mouth = Mouth(cell[0], voice, Inline())  # type: ignore[arg-type]
    mouth.prepare(Say("It has shipped."))
    utterance = mouth.say(Say("It has shipped.", speed=0.8))
    assert voice.asked == ["It has shipped.", "It has shipped."]
    assert not utterance.prepared


def test_being_stopped_sends_nothing_more_and_forgets_what_the_cell_never_heard_of(cell: tuple[Link, Link]) -> None:
    mouths: list[Mouth] = []
    voice = Voice(before=lambda text: mouths[0].stop() if text.startswith("It should") else None)
    mouths.append(Mouth(cell[0], voice, Inline()))  # type: ignore[arg-type]
    mouths[0].say(Say("It has shipped. It should arrive on Thursday."))
    messages = received(cell[1])
    assert isinstance(messages[-1], ClearPlayout)
    assert not any(isinstance(message, SpeechEnded) for message in messages)


def test_the_mouth_is_busy_until_the_cell_says_that_all_was_played(cell: tuple[Link, Link]) -> None:
    mouth = Mouth(cell[0], Voice(), Inline())  # type: ignore[arg-type]
    first, second = mouth.say(Say("One.")), mouth.say(Say("Two."))
    assert mouth.speaking is first
    mouth.on_started(PlayoutStarted(first.number, 40))
    assert first.started_ms == 40
    mouth.on_ended(PlayoutEnded(first.number, 100, True, 140))
    assert mouth.busy
    mouth.on_ended(PlayoutEnded(second.number, 100, True, 240))
    assert not mouth.busy


def test_a_voice_that_fails_ends_the_utterance_instead_of_the_call(cell: tuple[Link, Link]) -> None:
    def fail(text: str) -> None:
        raise RuntimeError("no voice")

    mouth = Mouth(cell[0], Voice(before=fail), Inline())  # type: ignore[arg-type]
    utterance = mouth.say(Say("Hello."))
    assert received(cell[1]) == [SpeechEnded(utterance.number)]


def test_utterances_know_their_words() -> None:
    assert Utterance(1, Say("Hello.")).heard_text(100) == ""
