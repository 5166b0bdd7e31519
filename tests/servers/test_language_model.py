"""A real model behind each of the servers that we start ourselves."""

import asyncio
import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from voicegw import config
from voicegw.config import Settings
from voicegw.engines.llm import Limits, Message
from voicegw.engines.providers.openai_llm import OpenAiModel
from voicegw.errors import EngineError, ModelMissing, PackageMissing, SetupError
from voicegw.gateway.llm import LocalLlm, start_local_llm
from voicegw.models import catalogue

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

PACKAGES = ("xllamacpp", "llama_cpp")
PREFIX = [
    Message(
        "system",
        "You choose what a caller of Acme wants. Acme sells household goods by phone and mail. Choose order_status "
        "when the caller asks where a parcel is or when it comes. Choose refund when the caller wants money back. "
        "Choose person when nothing else fits. Answer with one label and nothing else.",
    )
]
LABELS = Limits(max_tokens=8, grammar='root ::= "order_status" | "refund" | "person"', timeout_s=60)
PATIENT = Limits(max_tokens=24, timeout_s=60)


def model_file() -> Path:
    try:
        return catalogue.path(Settings().models_dir, "qwen2.5-coder-0.5b") / "model.gguf"
    except ModelMissing as error:
        pytest.skip(str(error))


def need(package: str) -> None:
    if not importlib.util.find_spec(package):
        pytest.skip(f"{package} is not installed")


def command(provider: str, *more: str) -> list[str]:
    server = [sys.executable, "-m", "voicegw.engines.llm_server", "--provider", provider]
    return [*server, "--model", str(model_file()), "--threads", "1", "--slots", "4", *more]


@pytest.fixture(scope="module", params=PACKAGES)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    need(request.param)
    with subprocess.Popen(command(request.param), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        yield process.stdout.readline().decode().strip()
        process.terminate()


@pytest.fixture
async def model(url: str) -> AsyncIterator[OpenAiModel]:
    made = OpenAiModel(url, "qwen")
    yield made
    await made.close()


async def said(model: OpenAiModel, text: str, limits: Limits) -> str:
    return "".join([piece async for piece in model.stream([*PREFIX, Message("user", text)], limits)])


async def test_text_comes_in_pieces(model: OpenAiModel) -> None:
    pieces = [piece async for piece in model.stream([Message("user", "Count from one to five.")], PATIENT)]
    assert len(pieces) > 3


async def test_a_grammar_leaves_only_its_labels(model: OpenAiModel) -> None:
    assert await said(model, "where is my parcel", LABELS) == "order_status"
    assert await said(model, "purple monkey dishwasher", LABELS) in ("order_status", "refund", "person")


async def test_a_schema_leaves_only_what_fits_it(model: OpenAiModel) -> None:
    schema: dict[str, object] = {
        "type": "object",
        "properties": {"task": {"enum": ["order_status", "refund"]}, "sure": {"type": "boolean"}},
        "required": ["task", "sure"],
    }
    answer = json.loads(await said(model, "I want my money back", Limits(json_schema=schema, timeout_s=60)))
    assert set(answer) == {"task", "sure"}
    assert answer["task"] in ("order_status", "refund")


async def test_four_callers_at_once_all_get_an_answer(model: OpenAiModel) -> None:
    await model.warm_up(PREFIX)
    texts = ("where is my parcel", "money back please", "when does it come", "a person please")
    answers = await asyncio.gather(*(said(model, text, LABELS) for text in texts))
    assert all(answers)


async def test_a_completion_nobody_waits_for_any_more_is_stopped(model: OpenAiModel) -> None:
    story = [Message("user", "Tell a very long story about a lamp.")]
    for _ in range(5):  # more than there are slots, each of minutes
        pieces = model.stream(story, Limits(max_tokens=3000, timeout_s=60))
        await anext(pieces)
        await pieces.aclose()
    async with asyncio.timeout(60):
        assert await said(model, "where is my parcel", LABELS)


async def test_a_model_that_is_too_slow_is_left(model: OpenAiModel) -> None:
    with pytest.raises(EngineError, match="too slow"):
        await said(model, "Tell a long story.", Limits(max_tokens=500, timeout_s=0.3))


async def test_a_prompt_longer_than_the_context_is_refused_with_the_reason(model: OpenAiModel) -> None:
    with pytest.raises(EngineError, match=r"400.*(context|exceed)"):
        await said(model, "far too long " * 5000, PATIENT)


async def test_a_grammar_that_is_none_is_refused(model: OpenAiModel) -> None:
    for grammar in ("root ::= (", 'other ::= "a"'):
        with pytest.raises(EngineError, match="400"):
            await said(model, "hello", Limits(grammar=grammar, timeout_s=60))
    assert await said(model, "where is my parcel", LABELS)


async def test_garbage_is_refused_and_the_server_lives(url: str, model: OpenAiModel) -> None:
    async with httpx.AsyncClient() as client:
        for body in (b"", b"{", b"[]", b'{"messages": 3}', b"\xff\xfe"):
            response = await client.post(f"{url}/chat/completions", content=body)
            assert 400 <= response.status_code <= 500
    assert await said(model, "where is my parcel", LABELS)


async def test_a_warm_prefix_is_not_read_again_in_any_slot() -> None:
    need("xllamacpp")
    local = LocalLlm("xllamacpp", model_file(), Settings().llm)
    await local.start()
    model = OpenAiModel(local.url, "qwen")
    try:
        await model.warm_up(PREFIX)
        body = {"messages": [{"role": m.role, "content": m.content} for m in PREFIX], "max_tokens": 2}
        async with httpx.AsyncClient(timeout=60) as client:
            asked = [client.post(f"{local.url}/chat/completions", json=body) for _ in range(4)]
            timings = [response.json()["timings"] for response in await asyncio.gather(*asked)]
        assert all(timing["prompt_n"] < 10 for timing in timings), timings
    finally:
        await model.close()
        await local.stop()


@pytest.mark.parametrize("provider", PACKAGES)
async def test_a_server_that_is_stopped_leaves_no_process(provider: str) -> None:
    need(provider)
    model_file()
    local = await start_local_llm(config.from_values({"llm": {"provider": provider}}))
    assert local is not None
    async with httpx.AsyncClient() as client:
        assert (await client.get(local.url.removesuffix("/v1") + "/health")).status_code == 200
    pid = local.pid
    await local.stop()
    assert not psutil.pid_exists(pid)


async def test_a_server_that_dies_comes_back_at_the_same_address() -> None:
    need("xllamacpp")
    local = LocalLlm("xllamacpp", model_file(), Settings().llm)
    await local.start()
    try:
        died = local.pid
        os.kill(died, signal.SIGKILL)
        model = OpenAiModel(local.url, "qwen")
        async with asyncio.timeout(60):
            while not await answers(model):
                await asyncio.sleep(0.2)
        assert local.pid != died
        await model.close()
    finally:
        await local.stop()


async def answers(model: OpenAiModel) -> bool:
    try:
        return bool(await said(model, "where is my parcel", LABELS))
    except (EngineError, SetupError):
        return False


def test_a_server_ends_with_the_process_that_started_it() -> None:
    need("xllamacpp")
    starter = (
        "import os, subprocess, sys; "
        "p = subprocess.Popen([*sys.argv[1:], '--parent', str(os.getpid())], stdout=subprocess.PIPE); "
        "p.stdout.readline(); print(p.pid, flush=True); os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", starter, *command("xllamacpp")], stdout=subprocess.PIPE, timeout=90, check=True
    )
    server = int(done.stdout)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(server).wait(timeout=10)


async def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    need("xllamacpp")
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"not a model")
    with pytest.raises(SetupError, match=r"bad\.gguf"):
        await start_local_llm(config.from_values({"llm": {"provider": "xllamacpp", "model": str(bad)}}))


async def test_none_and_url_start_nothing() -> None:
    assert await start_local_llm(config.from_values({"llm": {"provider": "none"}})) is None
    assert await start_local_llm(config.from_values({"llm": {"provider": "url", "url": "http://x/v1"}})) is None


async def test_auto_goes_without_a_model_that_is_not_here(tmp_path: Path) -> None:
    assert await start_local_llm(config.from_values({"cache_dir": str(tmp_path)})) is None


async def test_a_provider_asked_for_by_name_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("xllamacpp")
    settings = config.from_values({"cache_dir": str(tmp_path), "llm": {"provider": "xllamacpp"}})
    with pytest.raises(ModelMissing, match="voicegw models pull"):
        await start_local_llm(settings)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(PackageMissing, match=r"voicegw\[llm\]"):
        await start_local_llm(settings)
