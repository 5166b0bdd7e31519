"""Tasks that run tasks, share slots, are done anew, or cannot wait."""

from voicegw.call.commands import Transfer
from voicegw.dialplan.parse import parse
from voicegw.testing import KeywordReader, Talk

PLAN = parse("""\
name: desk
numbers: ["1"]
greeting: Hello.
tasks:
  book:
    title: booking
    examples: [book]
    steps:
      - task: find_a_time
        again: yes
      - call: desk.book
        with: [day]
        confirm: Shall I book {day|day}?
        results:
          done: Booked.
  move:
    title: moving
    examples: [move]
    steps:
      - task: whose
      - task: find_a_time
        again: yes
      - say: Moved to {day|day}.
  visit:
    title: your visit
    examples: [visit]
    steps:
      - task: whose
      - say: It is {phone|digits}.
  whose:
    title: who it is
    steps:
      - ask: phone
  find_a_time:
    title: a time
    steps:
      - ask: day
      - call: desk.free
        with: [day]
        results:
          taken:
            - offer: What about {nearest|day}?
              yes: [{set: {day: "{nearest}"}}]
              no: [{ask_again: day}]
  danger:
    title: danger
    urgent: true
    examples: [fire]
    steps:
      - say: Get out.
      - transfer: fire
        to: sip:fire@pbx.example
slots:
  day: {type: date, ask: [Which day?, What day?]}
  phone: {type: digits, length: 4, ask: [Your number?, The number?]}
handoff: {to: "sip:person@pbx.example", say: One moment., failed: Sorry.}
limits:
  no_input: {say: [Hm?], then: [{end: call}]}
  no_match: {say: [What?], then: [{transfer: was not understood}]}
""")
WORDS = {"task.book": ["book"], "task.move": ["move"], "task.visit": ["visit"], "task.danger": ["fire"]}


def talk(free: str = "free", score: float = 0.9, confident: bool = True) -> Talk:
    tools = {
        "desk.free": lambda arguments: (free, {"nearest": "2026-03-20"}),
        "desk.book": lambda arguments: ("done", {}),
    }
    conversation = Talk(PLAN, KeywordReader(WORDS, score, confident), tools)
    conversation.begins()
    return conversation


def test_a_value_for_a_task_that_is_run_inside_is_kept_from_the_first_sentence():
    conversation = talk()
    assert conversation.says("book tomorrow") == "Shall I book tomorrow?"
    assert [request.tool for request in conversation.requests] == ["desk.free"]


def test_what_a_tool_gives_can_become_a_slot():
    conversation = talk(free="taken")
    assert conversation.says("book tomorrow") == "What about on Friday?"
    conversation.tools["desk.free"] = lambda arguments: ("free", {})
    assert conversation.says("yes") == "Shall I book on Friday?"
    assert "Booked." in conversation.says("yes")
    assert conversation.requests[-1].arguments == {"day": "2026-03-20"}


def test_a_task_that_is_done_anew_asks_anew_for_another_task():
    conversation = talk()
    conversation.says("book tomorrow")
    assert "Booked." in conversation.says("yes")
    assert "Your number?" in conversation.says("move it")
    assert "day?" in conversation.says("1234"), "not the day that was booked"
    assert "Moved to on Friday." in conversation.says("on Friday")


def test_a_task_that_is_done_once_is_shared():
    conversation = talk()
    assert "Your number?" in conversation.says("which visit")
    assert "It is 1 2 3 4." in conversation.says("1234")
    assert "day?" in conversation.says("move it"), "who it is is known"


def test_a_correction_does_what_hangs_on_it_again():
    conversation = talk()
    conversation.says("book tomorrow")
    assert conversation.says("no, Friday") == "Shall I book on Friday?"
    days = [request.arguments["day"] for request in conversation.requests]
    assert days == ["2026-03-17", "2026-03-20"], "the time is looked up again"


def test_danger_begins_at_once_and_goes_to_whom_it_names():
    conversation = talk()
    conversation.says("book")
    assert conversation.says("fire") == "Get out. One moment."
    assert isinstance(conversation.ended, Transfer)
    assert conversation.ended.target == "sip:fire@pbx.example"


def test_danger_that_is_only_likely_is_enough():
    assert talk(score=0.35, confident=False).says("fire maybe") == "Get out. One moment."


def test_a_task_that_is_not_urgent_needs_more():
    assert talk(score=0.35, confident=False).says("book maybe") == "Is it about booking?"


def test_no_thanks_is_a_no_where_more_was_offered():
    conversation = talk()
    conversation.says("book tomorrow")
    conversation.says("yes")
    conversation.read = KeywordReader({"talk.thanks": ["thank"]})
    conversation.dialog._read = conversation.read
    assert "Goodbye" in conversation.says("no thank you")
