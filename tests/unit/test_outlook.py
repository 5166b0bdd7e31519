"""What the dialog makes of the words tells whether they are all."""

from voicegw.call.commands import ActionRequest, Say, StartAction
from voicegw.call.dialog import Decision
from voicegw.call.orders import Heard
from voicegw.call.outlook import judged
from voicegw.nlu.understanding import Completeness, IntentScore, SlotValue, Understanding

COMPLETE, MORE, MIDDLE = Completeness.COMPLETE, Completeness.COULD_GO_ON, Completeness.INCOMPLETE


def heard(completeness: Completeness) -> Heard:
    return Heard("", 0.9, completeness, 0)


def decision(*intents: str, acted: bool = True, slots: tuple[SlotValue, ...] = ()) -> Decision:
    scores = tuple(IntentScore(intent, 0.9) for intent in intents)
    return Decision(Understanding("", scores, slots, confident=bool(scores)), "reflex", acted)


def test_words_that_are_looked_up_are_complete() -> None:
    looks_up = [StartAction(ActionRequest("1", "orders.find"))]
    assert judged(heard(MORE), decision("task.order"), looks_up, asked="any").completeness is COMPLETE
    assert judged(heard(MIDDLE), decision("task.order"), looks_up, asked="any").completeness is MIDDLE, (
        "half a number is no number"
    )


def test_a_sentence_that_asks_for_nothing_known_may_go_on() -> None:
    assert judged(heard(COMPLETE), decision(acted=False), [Say("Sorry?")], asked="any").completeness is MORE
    assert judged(heard(COMPLETE), decision("task.order"), [Say("Which one?")], asked="any").completeness is COMPLETE


def test_thanks_and_a_greeting_lead_to_what_is_wanted() -> None:
    assert judged(heard(COMPLETE), decision("talk.thanks"), [Say("You are welcome.")], asked="any").completeness is MORE
    assert judged(heard(COMPLETE), decision("talk.thanks", "task.order"), [], asked="any").completeness is COMPLETE
    number = SlotValue("order_id", "digits", "4567", "4567", 0, 4)
    assert judged(heard(COMPLETE), decision("talk.hello", slots=(number,)), [], asked="any").completeness is COMPLETE


def test_who_asks_to_wait_is_given_time() -> None:
    number = SlotValue("order_id", "digits", "4567", "4567", 0, 4)
    assert judged(heard(COMPLETE), decision("talk.hold_on"), [Say("Sure.")], asked="digits").completeness is MIDDLE
    assert (
        judged(heard(COMPLETE), decision("talk.hold_on", slots=(number,)), [], asked="digits").completeness is COMPLETE
    )


def test_a_word_or_two_that_mean_nothing_are_the_beginning_of_a_number() -> None:
    misheard, sentence = Heard("All gone.", 0.9, MORE, 0), Heard("I think I left it at home.", 0.9, MORE, 0)
    assert judged(misheard, decision(acted=False), [], asked="digits").completeness is MIDDLE
    assert judged(sentence, decision(acted=False), [], asked="digits").completeness is MORE
    assert judged(misheard, decision(acted=False), [], asked="any").completeness is MORE


def test_a_value_alone_is_an_answer_only_where_one_was_asked_for() -> None:
    number = SlotValue("order_id", "digits", "1000", "a thousand", 0, 10)
    assert judged(heard(COMPLETE), decision(slots=(number,)), [], asked="any").completeness is MORE
    assert judged(heard(COMPLETE), decision(slots=(number,)), [], asked="digits").completeness is COMPLETE


def test_a_dialog_that_is_at_work_changes_nothing() -> None:
    assert judged(heard(COMPLETE), None, [], asked="any").completeness is COMPLETE
