"""Lines of a streamed completion."""

import json

import pytest

from voicegw.engines.providers.openai_llm import text_of
from voicegw.errors import EngineError


def line(chunk: object) -> str:
    return f"data: {json.dumps(chunk)}"


def test_text_is_in_the_delta_of_the_first_choice() -> None:
    assert text_of(line({"choices": [{"delta": {"content": "Hello"}}]})) == "Hello"
    assert text_of('data:{"choices":[{"delta":{"content":" é"}}]}') == " é"


@pytest.mark.parametrize(
    "chunk",
    [
        {"choices": [{"delta": {"role": "assistant", "content": None}}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
        {"choices": [{"delta": None}]},
        {"choices": [], "usage": {"total_tokens": 3}},
        {"choices": [{"delta": {"tool_calls": []}}]},
    ],
)
def test_chunks_without_text_say_nothing(chunk: object) -> None:
    assert text_of(line(chunk)) == ""


def test_the_end_says_nothing() -> None:
    assert text_of("data: [DONE]") == ""
    assert text_of("data:") == ""


def test_an_error_in_the_stream_is_an_error() -> None:
    with pytest.raises(EngineError, match="out of memory"):
        text_of(line({"error": {"message": "out of memory"}}))


@pytest.mark.parametrize("data", ["data: {", "data: []", "data: 3", 'data: {"choices": "x"}', "data: null"])
def test_what_is_not_of_openai_form_is_an_error_that_quotes_it(data: str) -> None:
    with pytest.raises(EngineError, match=r"OpenAI's form"):
        text_of(data)
