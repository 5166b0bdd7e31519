"""A console that listens, with two weeks of calls, and a real Chromium in front of it."""

import asyncio
import math
import random
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright

from voicegw.accounts.record import Role, User
from voicegw.accounts.welcome import first_secret
from voicegw.audio.g711 import mu_law_encode
from voicegw.config import PrivacySettings, Settings
from voicegw.outcomes.filling import fill_stories
from voicegw.outcomes.labels import Label
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.record import SlotFilled, ToolAnswered, TransferTried, TurnTaken, Waterfall
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.recording.files import RecordingFile
from voicegw.recording.format import Chunk
from voicegw.session.vault import key_bytes, new_key
from voicegw.web import app
from voicegw.web.console import Console

CHROMIUM = Path("/usr/bin/chromium")
TALK = (
    ("", "Hello, this is Acme. How can I help?", None),
    ("hi where is my order four five six seven", "Order 4 5 6 7 has shipped. It should arrive on Thursday.", 610),
    ("oh and do you ship to canada", "I am not sure I understood. Could you say that in other words?", 1240),
    ("can I send something to canada", "Sorry, I do not know that. Shall I put you through to somebody?", 890),
    ("no never mind thanks", "Thank you for calling Acme. Goodbye.", 540),
)
ENDS = ("completed",) * 7 + ("handed_over", "abandoned", "failed")


class NoTexts:
    """A session store without callers' contexts."""

    async def keep(self, key: str, text: str, expiry_s: int) -> None:
        raise AssertionError("nobody is handed over here")

    async def load(self, key: str) -> str | None:
        return None


@dataclass(frozen=True)
class Served:
    """Where it listens, and how its first admin gets in."""

    url: str
    first_secret: str
    token: str
    """Of the API, of somebody who may do everything."""
    session: str
    """Of a browser of joe, who publishes."""


def stories(now: float) -> Iterator[CallStory]:
    chance = random.Random(7)
    for number in range(420):
        began_at = now - 600 - number * 2900 - chance.random() * 900
        yield story(f"{number:04x}{chance.getrandbits(112):028x}", began_at, ENDS[number % len(ENDS)], chance)


def story(call_id: str, began_at: float, end: str, chance: random.Random) -> CallStory:
    turns = tuple(_turn(call_id, index, began_at, chance) for index in range(len(TALK) if end != "abandoned" else 3))
    task = chance.choice(("order_status", "order_status", "refund", "change_address"))
    row = CallRow(
        call_id,
        began_at,
        opened_at=began_at,
        caller=f"+1555{chance.randrange(10**7):07}",
        callee="5000",
        dialplan=chance.choice(("acme-orders", "acme-orders", "dental-desk")),
        version=chance.choice((3, 4)),
        answered_at=began_at,
        setup_ms=31.0,
        codec="PCMU",
        task=task,
        slots={"order_id": "4567"},
        closed_at=began_at + chance.uniform(20, 140),
        ended_by="caller",
        sip_status=200,
        reason="OK",
        rtp_sent=2100,
        rtp_received=2093,
        rtp_lost=7,
        jitter_ms=3.2,
        late_frames=0,
        turns=len(turns),
        disposition=end,
        slowest_ms=max(turn.waterfall.wait_ms or 0 for turn in turns),
        turns_said=len(turns) - 1,
        turns_missed=sum(turn.no_match for turn in turns),
        turns_interrupted=sum(turn.interrupted for turn in turns),
    )
    status = "failed" if end == "failed" else "found"
    told = [
        SlotFilled(call_id, began_at + 7, "order_id", "4567"),
        ToolAnswered(call_id, began_at + 7.1, "a1", "orders_db.order_status", "reads", status, 38.0),
    ]
    if end == "handed_over":
        told.append(TransferTried(call_id, began_at + 20, 1, "sip:support@pbx.example", "asked for", 0))
    return CallStory(row, turns, tuple(told))


def _turn(call_id: str, index: int, began_at: float, chance: random.Random) -> TurnTaken:
    said, answer, wait = TALK[index]
    turn = TurnTaken(call_id, index, began_at + 1 + 6 * index, said, answer, decided_by="greeting")
    if wait is None:
        return replace(turn, waterfall=Waterfall(first_audio=180.0, first_packet=200.0))
    wait *= chance.uniform(0.7, 1.3)
    last = 6000.0 * index
    marks = [last + wait * share for share in (0.16, 0.42, 0.52, 0.68, 0.95, 1.0)]
    return replace(
        turn,
        task="order_status",
        decided_by="llm" if wait > 800 else "reflex",
        confidence=chance.uniform(0.7, 0.98),
        no_match=index == 2 and chance.random() < 0.8,
        interrupted=index == 1 and chance.random() < 0.2,
        speculated=wait < 600,
        waterfall=Waterfall(last, *marks),
    )


def record(folder: Path, key: str, call_id: str) -> None:
    """Sound where somebody speaks, by the times of ``TALK``."""
    at = np.arange(8000 * 28) / 8000
    wave = 9000 * np.sin(2 * math.pi * 170 * at) * (0.55 + 0.45 * np.sin(2 * math.pi * 3.1 * at))
    caller = np.where((at % 6 > 3.8) & (at > 3), wave, 0)
    agent = np.where((at % 6 > 0.8) & (at % 6 < 3.4), wave, 0)
    both = np.stack([mu_law_encode(side.astype(np.int16)) for side in (caller, agent)], axis=1)
    file = RecordingFile(folder, call_id, key_bytes(key))
    file.append([Chunk(second * 1000, both[second * 8000 : (second + 1) * 8000].tobytes()) for second in range(28)])
    file.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """In a thread of its own, on a free port of the loopback."""
    folder = tmp_path_factory.mktemp("console")
    settings = Settings(data_dir=folder, privacy=PrivacySettings(key=new_key()))
    console, secret, token, session = asyncio.run(_filled(settings))
    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app.make(console), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
    thread.start()
    yield Served(f"http://127.0.0.1:{sock.getsockname()[1]}", secret, token, session)
    server.should_exit = True
    thread.join(10)


async def _filled(settings: Settings) -> tuple[Console, str, str, str]:
    now, url = time.time(), settings.resolved_database_url
    await migrate(url)
    made = list(stories(now))
    await fill_stories(url, made)
    record(settings.recordings_dir, settings.privacy.key, made[0].call.call_id)
    secret = await first_secret(url, now)
    console = Console.on(settings, NoTexts())
    for name, role in (("ann@example.com", Role.QA), ("joe@example.com", Role.PUBLISHER), ("kim", Role.VIEWER)):
        await console.accounts.add(User(name, role, now - 86400))
        await console.audit.write("admin", "user.added", name, role=role)
    await console.labels.put(Label(made[0].call.call_id, "agent misheard", now, "ann@example.com", 2, "Canada"))
    token = await console.accounts.new_token("admin", "tests", (Role.ADMIN,), now)
    session = await console.accounts.open_session("joe@example.com", now)
    await console.close()
    return Console.on(settings, NoTexts()), secret, token, session


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """The system's."""
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield browser
        await browser.close()
