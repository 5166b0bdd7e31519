"""A dialplan's own tests: they pass when all is as they say, and say what is not."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.parse import parse
from voicegw.qa.dialplan_test import DialplanTester, Outcome
from voicegw.qa.junit import Case, to_xml
from voicegw.qa.wordings import variations

PLAN = """\
name: shop
numbers: ["1"]
greeting: Hi.
tasks:
  status:
    title: an order
    examples: [where is my order]
    steps:
      - ask: order_id
      - call: shop.status
        with: [order_id]
        results:
          found: It comes {arrives|day}.
          not_found: There is no such order.
slots:
  order_id: {type: digits, length: 4, ask: [Which order?, The number?]}
handoff: {to: sip:a@b.example, say: One moment., failed: Nobody is there.}
limits:
  no_input: {say: Hello?, then: {end: call}}
  no_match: {say: Sorry?, then: [{transfer: not understood}]}
tests:
  - name: an order
    tools:
      shop.status: {status: found, arrives: 2026-03-19}
    talk:
"""
GOOD = """\
      - caller: [where is my order, where is my order]
        agent: Which order?
        never: Sorry
      - keys: "4567"
        agent: [It comes on Thursday., /comes .* thurs/]
        slots: {order_id: "4567"}
        calls: {shop.status: {order_id: "4567"}}
        task: status
      - silence: true
        agent: Hello?
        calls: []
      - caller: "no"
        ends: completed
"""


class WordVectors:
    """Texts are alike if they have the same words."""

    def embed(self, texts) -> np.ndarray:
        vectors = np.zeros((len(texts), 512), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.casefold().split():
                row[sum(map(ord, word)) % 512] = 1.0
            row /= np.linalg.norm(row) or 1.0
        return vectors


def plan(talk: str) -> Dialplan:
    return parse(PLAN + talk)


async def run(talk: str, **options) -> list[Outcome]:
    return await DialplanTester(plan(talk), WordVectors()).run(**options)


async def test_a_conversation_that_comes_out_as_it_says_passes():
    outcomes = await run(GOOD)
    assert [outcome.failures for outcome in outcomes] == [[]]
    assert outcomes[0].transcript[:3] == ["agent: Hi.", "caller: where is my order", "agent: Which order?"]


async def test_every_wording_is_a_conversation_of_its_own():
    outcomes = await run("      - caller: [where is my order, my order where is]\n")
    assert [outcome.name for outcome in outcomes] == ["an order", "an order [my order where is]"]


async def test_wordings_can_be_made_up():
    assert len(await run("      - caller: where is my order\n", vary=True)) > 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{caller: where is my order, agent: Bye}", "the agent must say 'Bye', but said 'Which order?'"),
        ("{caller: where is my order, never: order}", "the agent must not say 'order', but said 'Which order?'"),
        ("{caller: where is my order, calls: [shop.status]}", "shop.status must be called, but was not"),
        ("{caller: where is my order, slots: {order_id: x}}", "order_id must be 'x', but is None"),
        ("{caller: where is my order, ends: completed}", "the call must end as completed, but it went on"),
        ("{caller: where is my order, task: other}", "the task must be 'other', but is 'status'"),
        (
            "{caller: where is my order 4567, calls: []}",
            "shop.status must not be called, but was, with {'order_id': '4567'}",
        ),
        (
            '{caller: where is my order 4567, calls: {shop.status: {order_id: "1"}}}',
            "shop.status must be called with {'order_id': '1'}, but was with {'order_id': '4567'}",
        ),
        ('{keys: "0"}', "the call must go on, but it ended as person"),
    ],
)
async def test_what_is_not_as_it_says_is_told_with_its_line(line, message):
    outcomes = await run(f"      - caller: hello\n      - {line}\n")
    assert [(failure.line, failure.message) for failure in outcomes[0].failures if failure.line == 1] == [(1, message)]


async def test_a_tool_without_a_scripted_result_is_told():
    talk = PLAN.replace("shop.status: {status", "shop.other: {status") + "      - caller: where is my order 4567\n"
    outcomes = await DialplanTester(parse(talk), WordVectors()).run()
    assert outcomes[0].failures[0].message == "the test gives no result for shop.status"


async def test_a_line_after_the_end_is_told():
    outcomes = await run('      - keys: "0"\n        ends: person\n      - caller: hello\n')
    assert outcomes[0].failures[0].message == "the call is over already"


def test_wordings_mean_the_same_in_other_words():
    made = variations("Hi, where is order 4567?")
    assert "hi where is order four five six seven" in made
    assert "hi where is order 4 5 6 7" in made
    assert "um, Hi, where is order 4567?" in made
    assert "hi where is order 4567 please" in made
    assert "no please" not in variations("no")


def test_junit_counts_and_tells_failures():
    text = to_xml([Case("acme", "one", 0.5), Case("acme", "two", 0.25, ("it <broke>",), "agent: Hi.")])
    suite = ElementTree.fromstring(text)[0]
    assert suite.attrib == {"name": "acme", "tests": "2", "failures": "1", "time": "0.750"}
    failure = suite[1][0]
    assert (failure.attrib["message"], failure.text) == ("it <broke>", "agent: Hi.")
