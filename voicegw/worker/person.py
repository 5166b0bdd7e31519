"""The talk with a person who is asked to take a caller: the same ears, voice and turn-taking, another talker."""

import asyncio
import re
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

from voicegw.call.briefing import Briefing
from voicegw.call.commands import ActionRequest, SendWhenDone
from voicegw.call.events import ActionResult
from voicegw.call.fillers import Fillers
from voicegw.call.talker import Talker
from voicegw.dialplan.model import Dialplan
from voicegw.engines.cache import CachedSpeech
from voicegw.engines.stt import SpeechToText
from voicegw.engines.vad import VoiceActivity
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.languages import Language
from voicegw.nlu.understanding import Completeness
from voicegw.outcomes.record import Fact
from voicegw.wire.link import Link
from voicegw.wire.messages import CallStarted
from voicegw.worker.clock import MediaClock
from voicegw.worker.conversation import Conversation
from voicegw.worker.ears import Ears
from voicegw.worker.handing_over import JoiningHandsOver
from voicegw.worker.hands import Hands
from voicegw.worker.mouth import Mouth
from voicegw.worker.outside import Outside
from voicegw.worker.recorder import NotRecorded
from voicegw.worker.secure_capture import SecureCapture
from voicegw.worker.thinker import Thinker

CLEAR_YES = re.compile(r"\b(yes|yeah|yep|yup|sure|okay|ok|all right|alright|go ahead|i'll take (it|them|the call))\b")
MOST_WORDS = 8
"""A person who takes a call says little."""


@dataclass(frozen=True)
class Senses:
    """What both talks of a worker share."""

    stt: SpeechToText
    voice_activity: Callable[[], VoiceActivity]
    """A new one: each line has a noise of its own."""
    judge_words: Callable[[str, Expecting], Completeness]
    hearing: Executor
    speech: CachedSpeech
    speaking: Executor
    speed: float
    plan: Dialplan


def meeting(started: CallStarted, callers_link: Link, senses: Senses, link: Link, briefing: Briefing) -> Conversation:
    """A conversation with a person on ``link``; nothing of it is recorded as turns of the caller's call."""
    return Conversation(
        CallStarted(f"{started.call_id}-person", started.callee, "", started.dialplan, started.version),
        link,
        briefing,
        Ears(senses.stt, senses.voice_activity(), None, senses.judge_words, senses.hearing),
        Mouth(link, senses.speech, senses.speaking, senses.speed),
        Hands(_no_tools, _no_promise),
        Thinker(None),
        Outside(_not_recorded, _not_saved, time.time),
        Fillers(()),
        JoiningHandsOver(callers_link),
        SecureCapture(senses.plan, _no_token),
        NotRecorded(),
        MediaClock(),
    )


def read_yes_no(language: Language, text: str) -> bool | None:
    """The yes or no in a person's words. A "please leave a message" of a machine is no yes."""
    now = datetime.now()
    values = language.parse(text, Expecting("yes_no"), now.date(), now.time())
    said = next((bool(value.value) for value in values if value.kind == "yes_no"), None)
    clear = CLEAR_YES.search(text.casefold()) and len(text.split()) <= MOST_WORDS
    return None if said and not clear else said


async def _no_tools(request: ActionRequest) -> ActionResult:
    await asyncio.sleep(0)
    return ActionResult(request.id, request.tool, "failed")


def _no_promise(wanted: SendWhenDone) -> None:
    """There is no tool whose end could be waited for."""


def _no_token(digits: str) -> str:
    return ""


def _not_recorded(fact: Fact) -> None:
    """The person's words are no turns of the caller."""


def _not_saved(talker: Talker, turn: int) -> None:
    """A briefing does not outlive its worker."""
