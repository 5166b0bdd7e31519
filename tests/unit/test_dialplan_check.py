"""Checks of a whole dialplan: what cannot work, or would work badly, is told with its place."""

from pathlib import Path

import pytest

from voicegw.dialplan.check import check
from voicegw.dialplan.parse import Source, parse_source
from voicegw.dialplan.tools import ToolFacts

ROOT = Path(__file__).parents[2]
TOOLS = {
    "shop.status": ToolFacts(
        "shop.status", False, {"order_id": True}, frozenset({"status", "arrives"}), ("found", "not_found")
    ),
    "shop.cancel": ToolFacts("shop.cancel", True, {"order_id": True, "why": False}, frozenset({"status"}), ("done",)),
}
PLAN = """\
name: acme
numbers: ["5000"]
greeting: Hi, this is Acme.
tasks:
  status:
    title: where an order is
    examples: [where is it, is it sent, when does it come, is it on its way, order status]
    steps:
      - ask: order_id
      - call: shop.status
        with: [order_id]
        results:
          found: It comes {arrives|day}.
          not_found:
            - ask_again: order_id
  cancel:
    title: calling an order off
    examples: [cancel my order, call it off, I don't want it, stop the order, no longer needed]
    steps:
      - task: find
      - call: shop.cancel
        with: [order_id]
        confirm: Shall I cancel order {order_id|digits}?
  find:
    title: an order
    steps:
      - ask: order_id
slots:
  order_id:
    type: digits
    length: 4
    ask: [Which order?, The order number?]
handoff:
  to: sip:service@shop.example
  say: One moment.
  failed: Nobody is there.
limits:
  no_input: {say: Hello?, then: {end: call}}
  no_match: {say: Sorry?, then: [{transfer: not understood}]}
"""


def found(text: str, tools=TOOLS) -> list[str]:
    source = Source(text, "acme.yaml")
    return [str(problem) for problem in check(parse_source(source), source.problem, tools)]


def changed(old: str, new: str) -> str:
    assert old in PLAN
    problems = found(PLAN.replace(old, new))
    assert problems, "nothing was found"
    return "\n".join(problems)


def test_a_good_dialplan_has_no_problems():
    assert found(PLAN) == []


def test_a_slot_that_is_not_described_is_found():
    assert changed("ask_again: order_id", "ask_again: order_no") == (
        "acme.yaml:15:26: error: no slot is called 'order_no' (did you mean 'order_id'?)"
    )


def test_a_task_that_is_not_there_is_found():
    assert "no task is called 'fnd' (did you mean 'find'?)" in changed("task: find", "task: fnd")


def test_a_task_that_nothing_leads_to_is_found():
    assert "nothing leads to the task 'find'" in changed("- task: find", "- ask: order_id")


def test_tasks_that_run_each_other_for_ever_are_found():
    problems = changed("    title: an order\n    steps:\n", "    title: an order\n    steps:\n      - task: cancel\n")
    assert "the task 'cancel' runs itself, through cancel, find" in problems


def test_a_tool_that_no_integration_has_is_found():
    assert "did you mean 'shop.status'?" in changed("call: shop.status", "call: shop.statsu")


def test_an_argument_that_a_tool_does_not_take_is_found():
    problems = changed(
        "call: shop.status\n        with: [order_id]", 'call: shop.status\n        with: {order: "{order_id}"}'
    )
    assert "shop.status does not take 'order' (did you mean 'order_id'?)" in problems
    assert "shop.status needs order_id" in problems


def test_an_argument_that_nothing_asks_for_is_found():
    problems = changed("      - task: find\n      - call: shop.cancel", "      - call: shop.cancel")
    assert "shop.cancel needs order_id, which nothing here asks for (add `- ask: order_id` before it)" in problems


def test_a_slot_that_nothing_asks_for_is_warned_about():
    problems = changed("slots:\n", "slots:\n  miles:\n    type: number\n    ask: [How far?, How many miles?]\n")
    assert "warning: nothing asks for miles (add `- ask: miles` to a task, or leave it out)" in problems


def test_a_write_without_confirmation_is_found():
    problems = changed("        confirm: Shall I cancel order {order_id|digits}?\n", "")
    assert "acme.yaml:21:15: error: shop.cancel changes something, but nothing is confirmed" in problems


def test_a_result_that_a_tool_never_gives_is_found():
    assert "shop.status never gives 'fuond' (did you mean 'found'?)" in changed("found: It", "fuond: It")


def test_a_result_that_nobody_answers_is_warned_about():
    tools = TOOLS | {"shop.cancel": ToolFacts("shop.cancel", True, {"order_id": True}, statuses=("done", "refused"))}
    assert found(PLAN, tools) == [
        "acme.yaml:21:15: warning: nothing says what happens when shop.cancel gives done, refused "
        "(add it to `results:`, or add `otherwise`)"
    ]


def test_a_way_out_that_leads_nowhere_is_warned_about():
    assert "this way out leads nowhere" in changed("then: {end: call}", "then: Bye.")


def test_a_failed_transfer_that_transfers_again_is_found():
    assert "the caller is transferred again" in changed("failed: Nobody is there.", "failed: [{transfer: again}]")


def test_asking_again_for_what_was_never_asked_is_found():
    assert "nothing here asks for 'order_id' before" in changed(
        "      - ask: order_id\n      - call: shop.status", "      - call: shop.status"
    )


def test_steps_after_the_end_are_warned_about():
    assert "this step is never reached" in changed("      - task: find\n", "      - end: call\n      - task: find\n")


def test_a_value_that_nothing_gives_is_found_in_templates_conditions_and_arguments():
    assert "nothing is called 'arives' (did you mean 'arrives'?)" in changed("{arrives|day}", "{arives|day}")
    assert "nothing is called 'stat'" in changed("task: find", "task: find\n        when: stat is x")
    assert "nothing is called 'nr'" in changed(
        "call: shop.cancel\n        with: [order_id]", 'call: shop.cancel\n        with: {order_id: "{nr}"}'
    )


def test_without_knowing_the_tools_their_values_are_not_doubted():
    assert found(PLAN, None) == []


def test_a_value_spoken_as_what_it_is_not_is_found():
    assert "not spoken as 'money'" in changed("{order_id|digits}", "{order_id|money}")


def test_a_prompt_nobody_would_listen_to_is_warned_about():
    assert "too long to listen to" in changed("Nobody is there.", "Nobody is there. " * 30)


@pytest.mark.parametrize("text", ["See www.acme.example.", "**Really?**", "Great 😀"])
def test_what_cannot_be_spoken_is_warned_about(text):
    assert "cannot be spoken" in changed("failed: Nobody is there.", f'failed: "{text}"')


def test_a_phrase_that_does_not_exist_is_found():
    assert "did you mean 'goodbye'?" in changed("limits:", "phrases: {godbye: Bye.}\nlimits:")
    assert "'name' is not known in this phrase" in changed("limits:", "phrases: {goodbye: 'Bye {name}.'}\nlimits:")


def test_a_question_always_in_the_same_words_is_warned_about():
    assert "always asked in the same words" in changed("[Which order?, The order number?]", "Which order?")


def test_a_number_that_can_neither_be_keyed_in_nor_got_around_is_warned_about():
    assert "neither be keyed in" in changed("    length: 4\n", "    length: 4\n    keypad: false\n")


def test_few_examples_are_warned_about():
    assert "2 examples are few" in changed(
        "[where is it, is it sent, when does it come, is it on its way, order status]", "[where is it, is it sent]"
    )


def test_examples_of_two_tasks_that_are_the_same_are_found():
    assert "'Where is it?' is an example of two things" in changed("cancel my order", "'Where is it?'")
    assert "the in-built intent 'goodbye'" in changed("cancel my order", "goodbye")


@pytest.mark.parametrize("file", sorted((ROOT / "dialplans").glob("*.yaml")), ids=lambda file: file.name)
def test_shipped_dialplans_have_no_problems(file):
    source = Source(file.read_text(), str(file))
    assert check(parse_source(source), source.problem, None) == []


TESTED = (
    PLAN
    + """\
tests:
  - name: an order
    tools:
      shop.status: {status: found, arrives: 2026-03-19}
    talk:
      - caller: where is order 4567
        slots: {order_id: "4567"}
        calls: [shop.status]
        task: status
"""
)


def test_tests_of_a_dialplan_name_what_there_is():
    assert found(TESTED) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{order_id: "4567"}', '{order: "4567"}', "no slot is called 'order' (did you mean 'order_id'?)"),
        ("calls: [shop.status]", "calls: [shop.statsu]", "no tool is called here 'shop.statsu'"),
        ("task: status", "task: sttus", "no task is called 'sttus' (did you mean 'status'?)"),
        ("shop.status: {", "shop.state: {", "no tool is called here 'shop.state'"),
        ("arrives: 2026-03-19}", "arives: 2026-03-19}", "shop.status gives no 'arives' (did you mean 'arrives'?)"),
        ("status: found,", "status: lost,", "shop.status never gives 'lost'"),
    ],
)
def test_a_test_that_names_what_is_not_there_is_found(old, new, message):
    assert old in TESTED
    assert message in "\n".join(found(TESTED.replace(old, new)))


def test_a_result_that_a_slot_of_the_same_name_hides_is_warned_about():
    text = PLAN.replace("slots:\n", "slots:\n  arrives: {type: date, ask: [When?, Which day?]}\n")
    assert "shop.status gives 'arrives', which cannot be used: a slot is called so, too" in found(text)[0]


def test_a_slot_that_is_set_to_what_nothing_gives_is_found():
    text = PLAN.replace("      - ask: order_id\nslots:", '      - set: {order_id: "{ordre}"}\nslots:')
    assert any("nothing is called 'ordre'" in problem for problem in found(text))
