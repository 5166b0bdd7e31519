"""What the client of a language model makes of servers that misbehave: real sockets, scripted answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from voicegw.engines.llm import Limits, Message
from voicegw.engines.providers.openai_llm import OpenAiModel
from voicegw.errors import EngineError, ServerAway

pytestmark = pytest.mark.servers

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
HELLO = [Message("user", "hello")]


def length_in(head: bytes) -> int:
    lengths = [line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return int(lengths[0]) if lengths else 0


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = length_in(head)
                await answer(head + await reader.readexactly(length), writer)
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"


def response(body: str, status: str = "200 OK", kind: str = "text/event-stream") -> bytes:
    data = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def event(text: str) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": text}}]}) + "\n\n"


async def said(url: str, limits: Limits | None = None, api_key: str = "") -> str:
    model = OpenAiModel(url, "some-model", api_key)
    try:
        return "".join([piece async for piece in model.stream(HELLO, limits or Limits())])
    finally:
        await model.close()


async def test_pieces_come_as_they_are_written() -> None:
    written = asyncio.Event()

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        body = event("Good") + event(" day.") + "data: [DONE]\n\n"
        head = response(body)[: -len(event(" day.") + "data: [DONE]\n\n")]
        writer.write(head)
        await written.wait()
        writer.write((event(" day.") + "data: [DONE]\n\n").encode())

    async with server(answer) as url:
        model = OpenAiModel(url, "m")
        pieces = model.stream(HELLO, Limits())
        assert await anext(pieces) == "Good"
        written.set()
        assert [piece async for piece in pieces] == [" day."]
        await model.close()


async def test_what_is_asked_is_of_openai_form() -> None:
    asked: list[bytes] = []

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        writer.write(response(event("{}")))

    schema: dict[str, object] = {"type": "object"}
    async with server(answer) as url:
        await said(url, Limits(max_tokens=7, json_schema=schema, grammar='root ::= "a"'), api_key="secret")
    head, _, body = asked[0].partition(b"\r\n\r\n")
    values = json.loads(body)
    assert b"Authorization: Bearer secret" in head
    assert values["messages"] == [{"role": "user", "content": "hello"}]
    assert (values["model"], values["max_tokens"], values["stream"]) == ("some-model", 7, True)
    assert values["response_format"]["json_schema"]["schema"] == schema
    assert values["grammar"] == 'root ::= "a"'


async def test_nobody_there_is_a_server_away_that_names_the_setting() -> None:
    async with server(lambda *_: asyncio.sleep(0)) as url:
        pass
    with pytest.raises(ServerAway, match=r"llm\.url"):
        await said(url)


async def test_a_password_in_the_url_is_not_shown() -> None:
    with pytest.raises(ServerAway) as caught:
        await said("http://user:secret@127.0.0.1:1/v1")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "told"), [("500 Oops", "500"), ("401 No", r"llm\.api_key"), ("400 Bad", "too long")]
)
async def test_a_refusal_tells_what_the_server_said(status: str, told: str) -> None:
    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(response('{"error": "prompt too long"}', status, "application/json"))

    async with server(answer) as url:
        with pytest.raises(EngineError, match=told):
            await said(url)


async def test_a_server_that_is_too_slow_is_left() -> None:
    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(response(event("Well") + " " * 100)[:-100])  # the rest never comes

    async with server(answer) as url:
        with pytest.raises(EngineError, match="too slow"):
            await said(url, Limits(timeout_s=0.2))


async def test_a_server_that_never_begins_is_left() -> None:
    async with server(lambda *_: asyncio.sleep(60)) as url:
        with pytest.raises(EngineError, match="too slow"):
            await said(url, Limits(timeout_s=0.2))


async def test_a_stream_that_breaks_off_is_an_error() -> None:
    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(response(event("Well") + " " * 100)[:-100])
        writer.close()

    async with server(answer) as url:
        with pytest.raises(EngineError, match="broke off"):
            await said(url)


async def test_a_kept_connection_that_was_closed_meanwhile_is_opened_anew() -> None:
    times = 0

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal times
        times += 1
        if times == 2:
            writer.close()  # as llama.cpp does, after it said keep-alive
        else:
            writer.write(response(event("yes")))

    async with server(answer) as url:
        model = OpenAiModel(url, "m")
        for _ in range(2):
            assert [piece async for piece in model.stream(HELLO, Limits())] == ["yes"]
        await model.close()


async def test_closing_the_iterator_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(response(event("Once upon a time") * 1000)[:2000])
        while not writer.is_closing():
            try:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
            except ConnectionError:
                break
        gone.set()

    async with server(answer) as url:
        model = OpenAiModel(url, "m")
        pieces = model.stream(HELLO, Limits())
        await anext(pieces)
        await pieces.aclose()
        await asyncio.wait_for(gone.wait(), 5)
        await model.close()


async def test_a_server_without_slots_is_warmed_by_one_completion() -> None:
    asked: list[bytes] = []

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(request.split(b" HTTP", 1)[0])
        found = request.startswith(b"POST")
        writer.write(response("{}", "200 OK" if found else "404 No", "application/json"))

    async with server(answer) as url:
        model = OpenAiModel(url, "m")
        await model.warm_up(HELLO)
        await model.close()
    assert asked == [b"GET /slots", b"POST /v1/chat/completions"]
