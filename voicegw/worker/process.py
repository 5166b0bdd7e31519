"""A worker process: made ready ahead of time, then one call, then gone."""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from voicegw import log
from voicegw.actions.judging import policies
from voicegw.actions.registry import Toolbox
from voicegw.actions.rehearsal import Rehearsal
from voicegw.call.dialog import Dialog
from voicegw.call.fillers import Fillers
from voicegw.call.talker import Talker
from voicegw.config import Settings, WebSettings
from voicegw.dialplan import uses
from voicegw.dialplan.model import Dialplan
from voicegw.engines import registry
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.listeners import Listeners
from voicegw.engines.llm import LanguageModel
from voicegw.engines.vad import Deaf, VoiceActivity
from voicegw.engines.voices import Voices
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.languages import LANGUAGES, Language
from voicegw.nlu.recalled import Recalled
from voicegw.nlu.understanding import Completeness
from voicegw.session import handoff
from voicegw.session.live import LiveLink
from voicegw.session.overheard import SoundLink
from voicegw.session.record import Snapshot
from voicegw.session.store import SessionStore
from voicegw.session.vault import Vault, key_bytes
from voicegw.wire.link import Link
from voicegw.wire.messages import AnswerCall, CallStarted, Heartbeat, TakeDialplan, WorkerReady
from voicegw.worker.account import Account, ToldHandsOver
from voicegw.worker.brains import Brains, read_brain
from voicegw.worker.clock import MediaClock
from voicegw.worker.conversation import Conversation
from voicegw.worker.ears import Ears
from voicegw.worker.handing_over import HandingOver
from voicegw.worker.hands import Hands, by_effect
from voicegw.worker.mouth import Mouth
from voicegw.worker.outside import Outside
from voicegw.worker.overheard import Overheard
from voicegw.worker.person import Senses, meeting, read_yes_no
from voicegw.worker.priority import Priority
from voicegw.worker.recorder import NotRecorded, Recorder, noting
from voicegw.worker.secure_capture import SecureCapture
from voicegw.worker.thinker import Thinker
from voicegw.worker.writes import Writes

logger = log.get_logger()

HEARTBEAT_S = 0.5
OPEN_AFTER_S = 1.0
"""Integrations are connected so long after the call began; nobody has asked for anything by then."""


@dataclass(frozen=True)
class Shared:
    """What all workers of a nursery have in common: loaded before the fork, never changed after it."""

    settings: Settings
    brains: Brains
    voices: Voices
    embedder: SentenceEmbedder
    ears: Listeners


@dataclass(frozen=True)
class Own:
    """What a worker has for itself: loaded after the fork."""

    brains: Brains
    """Those that it was made with, and those that it was told of while it waited."""

    vad: VoiceActivity
    store: SessionStore
    live: LiveLink
    sound: SoundLink
    tools: Toolbox
    model: LanguageModel | None


def run_worker(link: Link, shared: Shared, *, hurry: bool = False) -> int:
    """The life of a worker. Returns its exit status.

    :param hurry: a caller waits for it already.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Not asyncio.run: that waits for whatever is left, and a library's task that cannot be cancelled (aiosqlite's
    # close, after a read was given up) would keep a process that has nothing to do.
    return loop.run_until_complete(_live(link, shared, hurry=hurry))


async def _live(link: Link, shared: Shared, *, hurry: bool) -> int:
    async with AsyncExitStack() as stack:
        priority = Priority(shared.settings.workers.nice)
        if not hurry:
            priority.stand_back()
        own = await _get_ready(shared, stack)
        priority.go_first()
        link.send(WorkerReady(os.getpid()))
        clock = MediaClock()
        beating = asyncio.create_task(_beat(link, clock))
        try:
            started = await _wait_for_call(link, shared, own)
            if started is None:
                return 0
            if not started.resumed:
                link.send(AnswerCall())  # before anything else: the caller hears ringing until then
            priority.come_forward()
            clock.begin()
            structlog.contextvars.bind_contextvars(call_id=started.call_id)
            await _talk(link, started, shared, own, clock)
        except ConnectionError:
            logger.info("worker.cell_gone")
        finally:
            beating.cancel()
    return 0


async def _get_ready(shared: Shared, stack: AsyncExitStack) -> Own:
    settings = shared.settings
    for brain in shared.brains.values():
        shared.ears.of(brain.plan.language)
    store = SessionStore(settings.redis_url, settings.data_dir / "spool")
    stack.push_async_callback(store.close)
    live = LiveLink(settings.redis_url)
    stack.push_async_callback(live.close)
    sound = SoundLink(settings.redis_url)
    stack.push_async_callback(sound.close)
    tools = Toolbox.load(settings)
    stack.push_async_callback(tools.close)
    vad, model = registry.voice_activity(), registry.language_model(settings)
    return Own(dict(shared.brains), vad, store, live, sound, tools, model)


async def _wait_for_call(link: Link, shared: Shared, own: Own) -> CallStarted | None:
    """None when the service goes away without having had a call for us."""
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(link, readable.set)
    try:
        while True:
            await readable.wait()
            readable.clear()
            while (message := link.receive()) is not None:
                if isinstance(message, CallStarted):
                    return message
                if isinstance(message, TakeDialplan):
                    _take_dialplan(message, shared, own)
    except ConnectionError:
        return None
    finally:
        loop.remove_reader(link)


def _take_dialplan(order: TakeDialplan, shared: Shared, own: Own) -> None:
    brain = read_brain(Path(order.brain), shared.embedder)
    own.brains[order.dialplan, order.version] = brain
    shared.ears.of(brain.plan.language)


async def _beat(link: Link, clock: MediaClock) -> None:
    while True:
        link.send(Heartbeat(clock.take_late_ms()))
        await asyncio.sleep(HEARTBEAT_S)


async def _talk(link: Link, started: CallStarted, shared: Shared, own: Own, clock: MediaClock) -> None:
    brain = own.brains[started.dialplan, started.version]
    plan = brain.plan
    begins = shared.settings.pretend_now or datetime.now()
    dialog = Dialog(plan, Recalled(brain.reader.read), caller=started.caller, started=begins)
    if started.resumed:
        snapshot = await own.store.load_snapshot(started.call_id)
        if snapshot:
            dialog = dialog.restored(snapshot.state)
    opening = asyncio.create_task(_open_soon(own.tools, shared.embedder, uses.tools(plan)))
    data_dir = shared.settings.data_dir
    account = Account(
        started.call_id, own.store.append_soon, time.time, dialog.spoken_slots(), rehearses=started.rehearses
    )
    writes = Writes(data_dir, started.call_id, started.caller, own.store.saved, time.time)
    acts = Rehearsal(own.tools, policies(shared.settings)) if started.rehearses else writes
    with ThreadPoolExecutor(1, "ears") as hearing, ThreadPoolExecutor(1, "mouth") as speaking:
        vault = Vault(key_bytes(shared.settings.privacy.key), own.store)
        own.tools.reveal = vault.reveal
        stt, judge_words = shared.ears.of(plan.language), partial(_judge_words, LANGUAGES[plan.language])
        speech, speed = shared.voices.of(plan.language, plan.voice), shared.settings.tts.speed
        senses = Senses(stt, registry.voice_activity, judge_words, hearing, speech, speaking, speed, plan)
        handing_over = _handing_over(started, link, senses, own.store, shared.settings.web)
        recorder = _recorder(shared.settings, plan, started)
        conversation = Conversation(
            started,
            link,
            dialog,
            Ears(stt, Deaf() if started.by_keys else own.vad, shared.embedder, judge_words, hearing),
            Mouth(link, speech, speaking, speed),
            Hands(account.of(noting(recorder, by_effect(own.tools, acts.run), time.time)), acts.promise),
            Thinker(own.model),
            Outside(own.store.append_soon, _saver(own.store, started, account), time.time, own.live.show_soon),
            Fillers(plan.fillers()),
            ToldHandsOver(handing_over, started.call_id, own.store.append_soon, time.time),
            SecureCapture(plan, vault.put),
            Overheard(recorder, partial(own.sound.let_hear, started.call_id)),
            clock,
        )
        try:
            await conversation.run()
        finally:
            opening.cancel()
            await handing_over.stop()
            await vault.settle()
            await asyncio.get_running_loop().run_in_executor(None, recorder.close)
    await writes.stored()
    await own.store.flush()


async def _open_soon(tools: Toolbox, embedder: SentenceEmbedder, used: frozenset[str]) -> None:
    """While the agent greets, and not before: many calls may begin together."""
    await asyncio.sleep(OPEN_AFTER_S)
    await tools.open(embedder.embed, used)


def _handing_over(
    started: CallStarted, link: Link, senses: Senses, store: SessionStore, web: WebSettings
) -> HandingOver:
    return HandingOver(
        started,
        link,
        senses.plan,
        partial(handoff.keep, store, web.context_hours * 3600),
        partial(meeting, started, link, senses),
        partial(read_yes_no, LANGUAGES[senses.plan.language]),
    )


def _recorder(settings: Settings, plan: Dialplan, started: CallStarted) -> Recorder | NotRecorded:
    if not plan.privacy.record or not settings.privacy.lasting:
        return NotRecorded()
    return Recorder(settings.recordings_dir, started.call_id, key_bytes(settings.privacy.key))


def _judge_words(language: Language, text: str, expecting: Expecting) -> Completeness:
    return language.completeness(text, expecting, datetime.now().date())


def _saver(store: SessionStore, started: CallStarted, account: Account) -> Callable[[Talker, int], None]:
    """Keeps the dialog's state for a worker that may have to take over; off the path of the reply."""

    def save(dialog: Talker, turn: int) -> None:
        snapshot = Snapshot(
            started.call_id,
            started.dialplan,
            started.version,
            turn=turn,
            at=time.time(),
            state=dialog.state(),
        )
        store.save_soon(snapshot)
        account.turn_over(dialog)

    return save
