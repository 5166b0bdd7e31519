"""Answers from Markdown."""

from voicegw.dialplan import files
from voicegw.dialplan.knowledge import parse

FAQ = """\
# Questions about *returns*

## Can I return an order?
- how do I send something back
- what is your **return** policy

You can send anything back within [thirty days](https://acme.example/returns).
You need:

- the `order number`
- the box

## Do you ship abroad? ##

Not yet.
"""


def test_a_heading_is_a_question_with_other_ways_to_ask_and_an_answer():
    answers, problems = parse(FAQ, "faq.md")
    assert problems == []
    assert list(answers) == ["can_i_return_an_order", "do_you_ship_abroad"]
    answer = answers["can_i_return_an_order"]
    assert answer.questions == (
        "Can I return an order?",
        "how do I send something back",
        "what is your return policy",
    )


def test_answers_are_words_that_can_be_spoken():
    answers, _ = parse(FAQ, "faq.md")
    assert answers["can_i_return_an_order"].answer[0].text == (
        "You can send anything back within thirty days. You need: the order number. the box."
    )
    assert answers["do_you_ship_abroad"].answer[0].constant


def test_braces_in_an_answer_are_words():
    answers, _ = parse("# What is it?\nA {brace}.\n", "faq.md")
    assert answers["what_is_it"].answer[0].constant


def test_what_is_wrong_is_told_with_its_line():
    _, problems = parse("# A?\nx\n# A?\ny\n# ?\nz\n# B?\n" + "word " * 200, "faq.md")
    assert [str(problem) for problem in problems] == [
        "faq.md:3:1: error: two headings ask 'A?' (put both answers under one heading)",
        "faq.md:5:1: error: this heading has no words (head it with the question that it answers)",
        "faq.md:7:1: error: the answer is too long to listen to (999 characters) "
        "(at most 600; split it under two headings)",
    ]


def test_a_file_without_answers_is_an_error():
    _, problems = parse("Just some text.", "faq.md")
    assert "no answers in this file" in str(problems[0])


def test_a_dialplan_takes_answers_from_its_files_and_its_own_come_first(tmp_path):
    text = """\
name: acme
numbers: ["1"]
greeting: Hi.
tasks: {}
knowledge:
  answers:
    do_you_ship_abroad: {questions: [do you ship abroad], answer: "Yes, we do."}
  files: [faq.md, missing.md]
handoff: {to: sip:a@b.example, say: One moment., failed: Nobody is there.}
limits:
  no_input: {say: Hello?, then: {end: call}}
  no_match: {say: Sorry?, then: {end: call}}
"""
    (tmp_path / "acme.yaml").write_text(text)
    (tmp_path / "faq.md").write_text(FAQ)
    plan, problems = files.read(tmp_path / "acme.yaml")
    assert plan is not None
    assert plan.knowledge.answers["do_you_ship_abroad"].answer[0].text == "Yes, we do."
    assert "answer.can_i_return_an_order" in plan.examples()
    assert [str(problem) for problem in problems] == [
        f"{tmp_path}/acme.yaml:8:19: error: there is no file {tmp_path}/missing.md (names are relative to the dialplan)"
    ]
