"""Tools of a real MCP server, started by us and over HTTP."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values
from voicegw.errors import SettingsError

pytestmark = pytest.mark.servers
INTEGRATIONS = Path(__file__).parents[2]
SERVER = Path(__file__).parent / "crm_server.py"
STDIO = {"command": sys.executable, "args": [str(SERVER), "stdio"]}
TICKETS = {"openTicket": {"key_argument": "requestId", "errors": "refused"}}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


@contextlib.contextmanager
def serving(port: int):
    server = subprocess.Popen([sys.executable, str(SERVER), str(port)], stderr=subprocess.DEVNULL)
    try:
        give_up_at = time.monotonic() + 30
        while not _listens(port):
            assert server.poll() is None, "the server ended at once"
            assert time.monotonic() < give_up_at, "the server does not answer"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.kill()
        server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def url():
    with serving(free_port()) as url:
        yield url


def toolbox(data_dir: Path, server: dict[str, Any], **more: Any) -> Toolbox:
    own = {"servers": {"crm": server}, **more}
    values = {"integrations": INTEGRATIONS, "data_dir": data_dir, "integration": {"mcp": own}}
    return Toolbox.load(from_values(values), ["mcp"])


async def run(box: Toolbox, tool: str, key: str = "", **arguments: Any):
    known = box.tool(f"mcp.crm_{tool}")
    assert known
    return await box.run(ActionRequest("1", known.name, arguments, known.effect), key)


@pytest.fixture
async def tools(data_dir: Path, url: str):
    """Over HTTP."""
    box = toolbox(data_dir, {"url": url, "tools": {**TICKETS, "slow": {"time_limit_s": 0.3}}})
    await box.open()
    yield box
    await box.close()


def test_tools_are_listed_with_their_types(data_dir):
    box = toolbox(data_dir, {**STDIO, "tools": {**TICKETS, "die": {"effect": "reads"}}})
    facts = box.facts()
    assert facts["mcp.crm_find_customer"].takes == {"phone_number": True, "limit": False}
    assert facts["mcp.crm_find_customer"].gives >= {"customer_id", "name", "visits", "text"}
    assert facts["mcp.crm_open_ticket"].takes == {"customer_id": True, "subject": True, "urgency": False}
    assert facts["mcp.crm_line_state"].statuses == ("found", "up", "down", "not_found")
    writes = {name for name, fact in facts.items() if fact.writes}
    assert writes == {"mcp.crm_open_ticket"}, "the server's hints say what reads, unless settings say otherwise"


@pytest.mark.parametrize("way", ["program", "url"])
async def test_a_tool_answers_with_its_values(data_dir, url, way):
    tools = toolbox(data_dir, STDIO if way == "program" else {"url": url})
    joe = await run(tools, "find_customer", phone_number="+1 555 0111", limit="3")
    assert (joe.status, joe.values["customer_id"], joe.values["visits"]) == ("found", "c1", 3)
    assert (await run(tools, "find_customer", phone_number="1")).status == "not_found"
    up, down = await run(tools, "line_state", line=1), await run(tools, "line_state", line=2)
    assert (up.status, down.status, down.values["since"]) == ("up", "down", "2026-03-16")
    assert (await run(tools, "opening_hours")).values["text"] == "nine to five"
    assert (await run(tools, "find_customer", limit=1)).status == "failed", "an argument is missing"
    await tools.close()


async def test_a_write_is_the_same_for_the_same_key_and_its_errors_can_be_reasons(tools):
    ticket = {"customer_id": "c1", "subject": "router"}
    first, again = [await run(tools, "open_ticket", "call-1", **ticket) for _ in range(2)]
    assert (first.status, again.values["number"]) == ("done", first.values["number"])
    assert first.values["key"] == "call-1/run"
    rude = await run(tools, "open_ticket", "call-2", customer_id="c1", subject="rude")
    assert (rude.status, rude.values["reason"]) == ("refused", "we do not take that")
    assert (await run(tools, "open_ticket", "k", customer_id="c1", subject="x", urgency="huge")).status == "failed"


async def test_many_calls_at_once_share_a_session(tools):
    results = await asyncio.gather(*(run(tools, "find_customer", phone_number=f"{k}111", limit=k) for k in range(8)))
    assert [result.values["visits"] for result in results] == list(range(8))


async def test_a_slow_tool_is_too_slow_and_the_next_one_is_answered(tools):
    assert (await run(tools, "slow")).status == "too_slow"
    assert (await run(tools, "line_state", line=1)).status == "up"


async def test_a_server_that_died_is_started_again(data_dir):
    box = toolbox(data_dir, STDIO)
    before = await run(box, "process_id")
    assert (await run(box, "die")).status == "too_slow", "nobody knows, and it is not asked again"
    after = await run(box, "process_id")
    assert (before.status, after.status) == ("found", "found")
    assert before.values["result"] != after.values["result"]
    await box.close()


async def test_a_server_that_was_restarted_and_forgot_our_session_gets_a_new_one(data_dir):
    port = free_port()
    with serving(port) as url:
        box = toolbox(data_dir, {"url": url, "handshake": "legacy"})  # newer servers keep no sessions
        before = await run(box, "process_id")
    with serving(port):
        after = await run(box, "process_id")
        await box.close()
    assert (before.status, after.status) == ("found", "found")
    assert before.values["result"] != after.values["result"]


async def test_the_doctor_says_which_tools_are_missing(data_dir, url):
    box = toolbox(data_dir, {"url": url, "only": ["find_customer", "findOrder"]})
    assert [tool.name for tool in box.tools] == ["mcp.crm_find_customer"]
    assert "has no tool findOrder; it has die, find_customer" in (await box.health())["mcp"]
    await box.close()


async def test_a_server_that_is_away_is_named_and_its_tools_are_remembered(tmp_path):
    script = tmp_path / "server.py"
    script.write_text(SERVER.read_text())
    server = {"command": sys.executable, "args": [str(script), "stdio"]}
    with pytest.raises(SettingsError, match="MCP server crm"):
        toolbox(tmp_path, {"command": str(tmp_path / "nothing")})
    with pytest.raises(SettingsError, match="MCP server crm"):
        toolbox(tmp_path, {"url": "http://127.0.0.1:9/mcp"})
    toolbox(tmp_path, server)
    script.unlink()
    box = toolbox(tmp_path, server, list_kept_s=0)
    assert box.tool("mcp.crm_find_customer")
    assert (await run(box, "find_customer", phone_number="111")).status == "failed"
    assert "integration.mcp.servers.crm" in (await box.health())["mcp"]
    await box.close()


@pytest.mark.parametrize("server", [{}, {"command": "x", "url": "http://x"}, {"url": "crm.example"}])
def test_settings_that_cannot_be_are_named(tmp_path, server):
    with pytest.raises(SettingsError, match=r"integration\.mcp\.servers\.crm"):
        toolbox(tmp_path, server)


def test_a_write_that_the_server_would_do_twice_is_not_sent_again(data_dir):
    box = toolbox(data_dir, {**STDIO, "tools": {"openTicket": {}}})
    tool = box.tool("mcp.crm_open_ticket")
    assert tool
    assert tool.effect is Effect.WRITES
    assert tool.retries
