"""In-built phrases: what every agent must be able to say. A dialplan may put its own words in their place."""

from dataclasses import dataclass
from functools import cache

from voicegw.dialplan.templates import Template, parse


@dataclass(frozen=True)
class Phrase:
    """Something every agent says."""

    use: str
    """When it is said."""
    names: tuple[str, ...]
    """Values a wording may put in."""
    wordings: dict[str, tuple[str, ...]]
    """By language."""


def _phrase(use: str, *, en: tuple[str, ...], ko: tuple[str, ...], names: tuple[str, ...] = ()) -> Phrase:
    return Phrase(use, names, {"en": en, "ko": ko})


PHRASES: dict[str, Phrase] = {
    "anything_else": _phrase(
        "After something was done.",
        en=("Anything else?", "Is there anything else?", "What else can I do for you?"),
        ko=("더 필요하신 것이 있으신가요?", "다른 문의가 있으신가요?"),
    ),
    "what_else": _phrase(
        "The caller wants something else, and has not said what.",
        en=("What else can I do for you?", "Sure, what is it?"),
        ko=("무엇을 더 도와드릴까요?",),
    ),
    "how_can_i_help": _phrase(
        "The caller has only said hello.",
        en=("How can I help?", "What can I do for you?"),
        ko=("무엇을 도와드릴까요?",),
    ),
    "what_then": _phrase(
        "A guess at what the caller wants was wrong.",
        en=("Okay. What is it about, then?", "Sorry. What can I do for you?"),
        ko=("그럼 어떤 문의이신가요?",),
    ),
    "goodbye": _phrase("The last words.", en=("Thanks for calling. Goodbye!",), ko=("전화 주셔서 감사합니다.",)),
    "got_it": _phrase(
        "A value is said back in passing.",
        en=("Okay, {value}.", "{value}, got it."),
        ko=("네, {value}.",),
        names=("value",),
    ),
    "is_it": _phrase(
        "A value must be confirmed.",
        en=("That's {value}, right?", "I have {value}. Is that right?", "So it's {value}?"),
        ko=("{value}, 맞으신가요?", "{value}(으)로 확인해도 될까요?"),
        names=("value",),
    ),
    "wrong_value": _phrase(
        "The caller said no to a value and gave no other.", en=("Okay, let's try again.",), ko=("다시 확인하겠습니다.",)
    ),
    "unfit_value": _phrase(
        "A value that cannot be right (too short, out of range, wrong check digit).",
        en=("I got {value}, and that can't be right.", "{value} doesn't fit."),
        ko=("{value}은(는) 맞지 않습니다.",),
        names=("value",),
    ),
    "and_then": _phrase(
        "Half a number was said, and then a pause.",
        en=("{value}, and then?",),
        ko=("{value}, 그다음은요?",),
        names=("value",),
    ),
    "key_it_in": _phrase(
        "The keypad may be easier.",
        en=("You can also key it in.",),
        ko=("전화기 버튼으로 입력하셔도 됩니다.",),
    ),
    "many_callers": _phrase(
        "The machine is too busy to listen to another caller: the greeting of a call that goes by keys.",
        en=("Hello! Many people are calling right now, so let's use the keys of your phone.",),
        ko=("안녕하세요. 지금 전화가 많아 전화기 버튼으로 도와드리겠습니다.",),
    ),
    "menu": _phrase(
        "What the keys mean, on a call that goes by keys.",
        en=("{choices} For a person, press 0.",),
        ko=("{choices} 상담원 연결은 0번을 눌러 주세요.",),
        names=("choices",),
    ),
    "menu_choice": _phrase(
        "One key of the menu.",
        en=("For {title}, press {key}.",),
        ko=("{title}은(는) {key}번.",),
        names=("title", "key"),
    ),
    "yes_no_keys": _phrase(
        "A question for yes or no, on a call that goes by keys.",
        en=("Press 1 for yes, 2 for no.",),
        ko=("맞으면 1번, 아니면 2번을 눌러 주세요.",),
    ),
    "meant": _phrase(
        "The words may mean one task.",
        en=("Is it about {title}?", "Do you mean {title}?"),
        ko=("{title} 문의이신가요?",),
        names=("title",),
    ),
    "meant_either": _phrase(
        "The words may mean one of two tasks.",
        en=("Is it about {title}, or about {other}?",),
        ko=("{title} 문의이신가요, 아니면 {other} 문의이신가요?",),
        names=("title", "other"),
    ),
    "back_to": _phrase(
        "Something else is done; now on with what was begun.",
        en=("Back to {title}.",),
        ko=("다시 {title} 건으로 돌아가겠습니다.",),
        names=("title",),
    ),
    "declined": _phrase("The caller said no to an action.", en=("Okay, I won't.",), ko=("네, 진행하지 않겠습니다.",)),
    "cancelled": _phrase("The caller wants to stop a task.", en=("Okay, never mind.",), ko=("네, 취소하겠습니다.",)),
    "moment": _phrase(
        "A tool takes long.",
        en=("One moment.", "Let me check that.", "Just a second, please."),
        ko=("잠시만요.", "확인해 보겠습니다."),
    ),
    "still_at_it": _phrase(
        "The caller speaks while a tool works, or it takes very long.",
        en=("I'm still on it.", "Still checking, one moment."),
        ko=("아직 확인 중입니다.",),
    ),
    "trouble": _phrase(
        "A tool failed and the dialplan does not say what to say.",
        en=("I'm sorry, I can't get at that right now.",),
        ko=("죄송합니다. 지금은 확인할 수 없습니다.",),
    ),
    "unsure_write": _phrase(
        "A tool that changes something did not answer, so nobody knows whether it did.",
        en=("I'm sorry, I can't tell yet whether that went through.",),
        ko=("죄송합니다. 처리되었는지 아직 확인할 수 없습니다.",),
    ),
    "failed_write": _phrase(
        "A tool that changes something failed: nothing was changed.",
        en=("I'm sorry, that didn't work. Nothing has been changed.",),
        ko=("죄송합니다. 처리되지 않았고, 변경된 것은 없습니다.",),
    ),
    "refused": _phrase(
        "A policy does not allow what the caller said yes to, and the dialplan does not say what to say.",
        en=("I'm sorry, I can't do that: {reason}.",),
        ko=("죄송합니다. 처리할 수 없습니다. {reason}.",),
        names=("reason",),
    ),
    "refused_for_amount": _phrase(
        "Policy, as a part of a sentence: too much money.",
        en=("the amount is more than I'm allowed to handle",),
        ko=("제가 처리할 수 있는 금액을 넘습니다",),
    ),
    "refused_for_identity": _phrase(
        "Policy, as a part of a sentence: the caller is not known well enough.",
        en=("I'd have to know for sure who you are",),
        ko=("본인 확인이 필요합니다",),
    ),
    "refused_for_hours": _phrase(
        "Policy, as a part of a sentence: not at this time.",
        en=("it can't be done at this time of day",),
        ko=("지금은 처리할 수 없는 시간입니다",),
    ),
    "refused_for_rate": _phrase(
        "Policy, as a part of a sentence: too often.",
        en=("it has been done as often as is allowed for now",),
        ko=("지금은 더 이상 처리할 수 없습니다",),
    ),
    "offer_person": _phrase(
        "Shall a person take over?",
        en=("Shall I put you through to somebody?", "Would you like to speak to a person?"),
        ko=("상담원에게 연결해 드릴까요?",),
    ),
    "sorry_person": _phrase(
        "The caller is upset.",
        en=("I'm sorry about that. Shall I put you through to a person?",),
        ko=("불편을 드려 죄송합니다. 상담원에게 연결해 드릴까요?",),
    ),
    "keep_going": _phrase("The caller would rather go on here.", en=("Okay.",), ko=("네.",)),
    "take_your_time": _phrase(
        "The caller asks to wait.", en=("Sure, take your time.", "Of course."), ko=("네, 천천히 하세요.",)
    ),
    "you_are_welcome": _phrase("The caller says thanks.", en=("You're welcome.",), ko=("천만에요.",)),
    "hello": _phrase("The caller says hello.", en=("Hello!",), ko=("안녕하세요.",)),
    "can_do": _phrase(
        "The caller asks what can be done here.",
        en=("I can help with {titles|list}.",),
        ko=("{titles|list} 문의를 도와드릴 수 있습니다.",),
        names=("titles",),
    ),
    "unknown": _phrase(
        "Nothing answers the caller's question.",
        en=("I'm afraid I don't know that.",),
        ko=("죄송하지만 그 부분은 알지 못합니다.",),
    ),
    "resumed": _phrase(
        "The line was interrupted on our side.", en=("Sorry about that.",), ko=("죄송합니다. 잠시 끊겼습니다.",)
    ),
    "still_ringing": _phrase(
        "A person is being called, and has not answered yet.",
        en=("I'm still trying to reach somebody.", "One more moment, please.", "Thanks for waiting. I'm still trying."),
        ko=("연결 중입니다. 잠시만 기다려 주세요.", "계속 연결하고 있습니다."),
    ),
    "brief_who": _phrase(
        "To the person who is called: who is on the line.",
        en=("This is the phone agent. I have a caller for you, {caller}.",),
        ko=("전화 안내입니다. {caller} 고객이 기다리고 있습니다.",),
        names=("caller",),
    ),
    "brief_who_unknown": _phrase(
        "The same, when the caller's number is not known.",
        en=("This is the phone agent. I have a caller for you.",),
        ko=("전화 안내입니다. 고객이 기다리고 있습니다.",),
    ),
    "brief_about": _phrase(
        "What the caller came for.",
        en=("It's about {title}.",),
        ko=("{title} 문의입니다.",),
        names=("title",),
    ),
    "brief_why": _phrase(
        "Why a person is wanted.",
        en=("Why I'm asking you: {reason}.",),
        ko=("연결 사유: {reason}.",),
        names=("reason",),
    ),
    "brief_ask": _phrase(
        "Whether the person takes the call.",
        en=("Press 1, or say yes, to take the call.",),
        ko=("전화를 받으시려면 1번을 눌러 주세요.",),
    ),
    "brief_thanks": _phrase("The person takes the call.", en=("Thanks, here you are.",), ko=("연결합니다.",)),
    "brief_declined": _phrase("The person does not.", en=("All right. Goodbye.",), ko=("알겠습니다.",)),
    "go_on": _phrase("A part of a secret was said, and then a pause.", en=("Yes, go on.",), ko=("네, 계속하세요.",)),
    "over": _phrase(
        "The call has become too long.",
        en=("I can't get further on my own here.",),
        ko=("더 이상 진행하기 어렵습니다.",),
    ),
    "going_down": _phrase(
        "The service is being stopped in the middle of the call.",
        en=("I'm sorry, I have to stop here.",),
        ko=("죄송합니다. 여기서 마쳐야 합니다.",),
    ),
    "call_again": _phrase(
        "The service is being stopped, and no person could take the call.",
        en=("I'm sorry, nobody can take over right now. Please call again in a few minutes.",),
        ko=("죄송합니다. 지금은 연결할 수 있는 상담원이 없습니다. 잠시 후 다시 전화해 주세요.",),
    ),
}
"""All in-built phrases. A dialplan overrides one under ``phrases:``."""


@cache
def wordings(name: str, language: str) -> tuple[Template, ...]:
    """The in-built wordings of a phrase."""
    return tuple(parse(text) for text in PHRASES[name].wordings[language])
