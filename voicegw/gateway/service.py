"""The whole service: what is started, in which order, and stopped in reverse."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from voicegw import log
from voicegw.actions import inbox as actions_inbox
from voicegw.actions.registry import Toolbox
from voicegw.call import dialog_think
from voicegw.config import PrivacySettings, Settings
from voicegw.dialplan.model import Dialplan
from voicegw.engines import registry
from voicegw.engines.llm import LanguageModel, Message
from voicegw.errors import SetupError, VoicegwError
from voicegw.gateway import capacity, recorder, retention
from voicegw.gateway.actions import ActionRunnerProcess
from voicegw.gateway.admission import Admission
from voicegw.gateway.alerting import Alarm
from voicegw.gateway.cells import Cells, door
from voicegw.gateway.dialplan_sources import from_files
from voicegw.gateway.dialplan_watch import DialplanWatch, Known, tell
from voicegw.gateway.hearing import LastingListener
from voicegw.gateway.heartbeat import Heartbeat
from voicegw.gateway.llm import start_local_llm
from voicegw.gateway.nursery_child import NurseryChild
from voicegw.gateway.pool import WorkerPool
from voicegw.gateway.supervisor import Supervisor
from voicegw.gateway.tracing import sender
from voicegw.gateway.trunk_probe import TrunkProbe, addresses
from voicegw.gateway.valkey import LastingValkey
from voicegw.gateway.watching import Sight, Watch
from voicegw.gateway.web import LastingWeb, first_link, is_wanted, start_web
from voicegw.observe.machine import MachineState
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.store import OutcomeStore
from voicegw.outcomes.trends import Trends
from voicegw.publishing import bundles
from voicegw.publishing.routes import Routes, Served
from voicegw.publishing.store import VersionStore
from voicegw.session.live import LiveLink
from voicegw.session.store import SessionStore
from voicegw.session.vault import key_bytes, new_key
from voicegw.wire import messages as wire

logger = log.get_logger()

WARM_TIMEOUT_S = 60.0
WATCH_EVERY_S = 1.0


@dataclass(frozen=True)
class Running:
    """A service that answers calls."""

    settings: Settings
    dialplans: DialplanWatch
    sip_ports: tuple[int, ...]
    supervisor: Supervisor
    pool: WorkerPool
    nursery_pid: int
    cell_pids: tuple[int, ...]
    database_url: str
    console_url: str
    """Empty: there is none."""
    first_link: str
    """By which the first admin signs in; empty once somebody can."""


@dataclass(frozen=True)
class _Books:
    """Where calls are kept: while they last, and for good."""

    outcomes: OutcomeStore
    store: SessionStore
    tally: recorder.Tally


@asynccontextmanager
async def running(settings: Settings, *, with_sip: bool = True) -> AsyncIterator[Running]:
    """Start everything; stop everything in reverse.

    :param with_sip: start cells; without, calls come from whoever joins the supervisor.

    :raises SetupError: something must be mended first; nothing is left half started.
    """
    edge_place = door(settings) if with_sip else None
    conversations = capacity.conversations(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        await migrate(settings.resolved_database_url)
        known, served = await _find_dialplans(settings, stack)
        settings, books = await _open_books(_with_key(settings, [each.plan for each in served]), stack)
        actions = ActionRunnerProcess(settings)
        stack.push_async_callback(actions.stop)
        await actions.start()
        settings = await _with_llm(settings, stack)
        web = await _start_web(settings, stack)
        link = await first_link(settings, web.url) if web and settings.web.console else ""
        read_prompts = _prompt_reader(settings, stack)
        read_prompts(Routes(served))
        listener = await _start_listener(settings, served, stack)
        pool, dialplans, nursery = await _start_workers(settings, listener, known, served, read_prompts, stack)
        watch = _watch(settings, books, stack)
        supervisor = Supervisor(pool, dialplans, watch.tell, Admission(conversations, menu=settings.workers.menu))
        dialplans.live_dialplans = lambda: supervisor.live_dialplans
        cells = Cells(settings, supervisor, edge_place, stack)
        if with_sip:
            await cells.start()
        probe = TrunkProbe(addresses(settings.edge.trunks) if with_sip else (), settings.sip.host)
        sight = Sight(supervisor, pool, settings.sip.cells if with_sip else 0, lambda: probe.up)
        alarm = _alarm(settings, known.store, web, lambda: watch.look(sight), stack)
        watch.firing = lambda: alarm.firing
        if web:
            joining = (lambda: (watch.look(sight), watch.metrics.text())), supervisor.add_cell
            await web.join(*joining)
            stack.callback(asyncio.create_task(web.keep_alive(*joining)).cancel)
        if listener:
            await listener.until_ready()
            stack.callback(asyncio.create_task(listener.keep_alive()).cancel)
        await pool.wait_until_warm(WARM_TIMEOUT_S)
        for keeping in (
            cells.replace_the_lost(),
            nursery.keep_alive(dialplans.orders),
            _every_second(pool.replace_the_silent),
            _every_second(supervisor.look_at_load),
            dialplans.run(),
            Heartbeat(books.store, books.outcomes, lambda: supervisor.live_call_ids).run(),
            watch.look_on(sight),
            watch.look_round(sight),
            alarm.run(),
            probe.run(),
            retention.run(settings),
        ):
            stack.callback(asyncio.create_task(keeping).cancel)
        stack.callback(supervisor.close_calls, "the service stopped")
        yield Running(
            settings,
            dialplans,
            cells.sip_ports,
            supervisor,
            pool,
            nursery.child.pid,
            cells.pids,
            settings.resolved_database_url,
            web.url if web else "",
            link,
        )


async def _find_dialplans(settings: Settings, stack: AsyncExitStack) -> tuple[Known, list[Served]]:
    """:raises SetupError: there is none, or a file that would take calls has errors."""
    versions = VersionStore(settings.resolved_database_url)
    stack.push_async_callback(versions.close)
    change = await versions.last_change()
    in_force = await versions.in_force()
    files = from_files(settings.dialplans, Toolbox.load(settings).facts(), in_force)
    known = Known(
        versions,
        settings.data_dir / bundles.FOLDER,
        files,
        lambda plan: registry.check_models(settings, {plan.language}),
        change,
    )
    registry.check_models(settings, {source.plan.language for source in files.values()})
    served = await known.served(in_force)
    if not served:
        raise SetupError("no dialplan can take calls: the log lines above say why")
    tell(Routes(served))
    return known, served


def _with_key(settings: Settings, plans: list[Dialplan]) -> Settings:
    """A key for secrets, for as long as the service runs, if the settings have none. It records nothing."""
    if settings.privacy.key:
        key_bytes(settings.privacy.key)
        return settings
    wants = [plan.name for plan in plans if plan.privacy.record]
    if wants:
        logger.warning("recording.refused", dialplans=wants, reason="there is no setting privacy.key to encrypt with")
    return settings.model_copy(update={"privacy": PrivacySettings(key=new_key(), lasting=False)})


async def _with_redis(settings: Settings, stack: AsyncExitStack) -> Settings:
    if settings.redis_url:
        return settings
    valkey = LastingValkey(settings.data_dir)
    stack.push_async_callback(valkey.stop)
    await valkey.start()
    return settings.model_copy(update={"redis_url": valkey.url})


async def _open_books(settings: Settings, stack: AsyncExitStack) -> tuple[Settings, _Books]:
    """Where calls are kept; with a Redis of our own if the settings name none."""
    alone = not settings.redis_url
    settings = await _with_redis(settings, stack)
    outcomes = OutcomeStore(settings.resolved_database_url)
    stack.push_async_callback(outcomes.close)
    store = SessionStore(settings.redis_url, settings.data_dir / "spool")
    stack.push_async_callback(store.close)
    await store.check()
    if alone:  # nobody else can have calls: those without an end were ours
        await outcomes.close_orphans((), began_before=time.time())
    return settings, _Books(outcomes, store, await _start_recorder(store, outcomes, stack))


async def _start_recorder(store: SessionStore, outcomes: OutcomeStore, stack: AsyncExitStack) -> recorder.Tally:
    stop, tally = asyncio.Event(), recorder.Tally()
    task = asyncio.create_task(recorder.run(store, outcomes, stop, tally))

    async def finish() -> None:
        stop.set()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, 5.0)

    stack.push_async_callback(finish)
    return tally


def _watch(settings: Settings, books: _Books, stack: AsyncExitStack) -> Watch:
    live, name = LiveLink(settings.redis_url), _name(settings)
    stack.push_async_callback(live.close)
    traced = sender(settings.traces.otlp_url, name, stack)
    spool = settings.data_dir / "spool"
    return Watch(name, live, books.outcomes, books.store.append_soon, books.tally, spool, ended=traced)


def _alarm(
    settings: Settings,
    versions: VersionStore,
    web: LastingWeb | None,
    state: Callable[[], MachineState],
    stack: AsyncExitStack,
) -> Alarm:
    trends = Trends(settings.resolved_database_url)
    stack.push_async_callback(trends.close)
    folder = settings.data_dir / actions_inbox.FOLDER / actions_inbox.INBOX
    console_url = settings.alerts.console_url or (web.url if web else "")
    return Alarm(settings.alerts, trends, versions, state, folder, console_url)


def _name(settings: Settings) -> str:
    """Of this machine's service, among those that share its Redis."""
    return f"{socket.gethostname()}:{settings.sip.port or os.getpid()}"


async def _start_web(settings: Settings, stack: AsyncExitStack) -> LastingWeb | None:
    if not is_wanted(settings):
        return None
    web = LastingWeb(settings, await start_web(settings))
    stack.push_async_callback(web.stop)
    return web


async def _with_llm(settings: Settings, stack: AsyncExitStack) -> Settings:
    local = await start_local_llm(settings)
    if local is None:
        return settings
    stack.push_async_callback(local.stop)
    return settings.model_copy(update={"llm": settings.llm.model_copy(update={"provider": "url", "url": local.url})})


def _prompt_reader(settings: Settings, stack: AsyncExitStack) -> Callable[[Routes], None]:
    """Lets the language model read each dialplan's fixed prompt once, or the first caller who needs it waits."""
    model = registry.language_model(settings)
    tasks: set[asyncio.Task[None]] = set()

    def read(routes: Routes) -> None:
        plans = [plan for one in routes.served for plan in (one.plan, one.trial) if plan and plan.reasoning.allowed]
        if model is not None:
            task = asyncio.create_task(_read_prompts(model, plans))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    stack.callback(lambda: [task.cancel() for task in tasks])
    return read


async def _read_prompts(model: LanguageModel, plans: list[Dialplan]) -> None:
    try:
        for plan in plans:
            await model.warm_up([Message("system", dialog_think.system(plan))])
    except VoicegwError as error:
        logger.warning("llm.not_warm", error=str(error))


async def _start_listener(
    settings: Settings, served: Sequence[Served], stack: AsyncExitStack
) -> LastingListener | None:
    """None where no dialplan's language is heard by one process for all calls."""
    languages = {each.plan.language for each in served if registry.heard_together(settings, each.plan.language)}
    if not languages:
        return None
    listener = LastingListener(settings, languages)
    stack.push_async_callback(listener.stop)
    await listener.start()
    return listener


async def _start_workers(
    settings: Settings,
    listener: LastingListener | None,
    known: Known,
    served: Sequence[Served],
    read_prompts: Callable[[Routes], None],
    stack: AsyncExitStack,
) -> tuple[WorkerPool, DialplanWatch, NurseryChild]:
    pool = WorkerPool(warm=settings.workers.warm, most=settings.workers.most)

    def on_message(message: wire.Message) -> None:
        if isinstance(message, wire.DialplanLoaded):
            dialplans.on_loaded(message)
        else:
            pool.on_nursery(message)

    nursery = NurseryChild(
        settings,
        listener.door if listener else None,
        stack,
        on_started=pool.adopt,
        on_message=on_message,
        on_lost=pool.nursery_lost,
    )
    stack.callback(pool.close)
    dialplans = DialplanWatch(known, served, pool, nursery.send, read_prompts)
    await nursery.start(dialplans.orders())
    return pool, dialplans, nursery


async def _every_second(look: Callable[[float], None]) -> None:
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        look(time.monotonic())
