"""What callers say on any call, whatever it is about: in-built intents and examples of them, by language."""

PERSON = "talk.person"
GOODBYE = "talk.goodbye"
REPEAT = "talk.repeat"
SLOWER = "talk.slower"
HOLD_ON = "talk.hold_on"
CANCEL = "talk.cancel"
BACK = "talk.back"
HELP = "talk.help"
UPSET = "talk.upset"
THANKS = "talk.thanks"
HELLO = "talk.hello"

EXAMPLES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        PERSON: (
            "talk to a person",
            "can I speak to somebody",
            "I want to talk to a human",
            "agent please",
            "representative",
            "operator",
            "put me through to customer service",
            "can you transfer me to someone",
            "I'd rather speak with a real person",
            "give me your supervisor",
        ),
        GOODBYE: (
            "goodbye",
            "bye bye",
            "no that's all thank you",
            "that's it thanks",
            "nothing else",
            "I'm done, bye",
            "that was all I needed",
            "have a nice day",
            "all good, goodbye",
        ),
        REPEAT: (
            "say that again",
            "can you repeat that",
            "pardon",
            "what did you say",
            "I didn't catch that",
            "sorry what was that",
            "once more please",
            "come again",
        ),
        SLOWER: (
            "slow down please",
            "can you speak slower",
            "you're too fast",
            "not so fast",
            "more slowly please",
        ),
        HOLD_ON: (
            "hold on a second",
            "one moment please",
            "wait a minute",
            "give me a second",
            "let me get my papers",
            "just a moment let me look",
            "hang on",
        ),
        CANCEL: (
            "never mind",
            "forget it",
            "stop this",
            "I don't want to do this anymore",
            "leave it",
            "let's drop that",
        ),
        BACK: (
            "go back",
            "go back a step",
            "can we go back to the last question",
            "back to the previous one",
        ),
        HELP: (
            "what can you do",
            "help",
            "what are my options",
            "what can I ask you",
            "how does this work",
            "what can you help me with",
        ),
        UPSET: (
            "this is ridiculous",
            "this is so frustrating",
            "you are useless",
            "I'm really angry about this",
            "I've had enough of this",
            "you stupid machine",
            "I am sick of this",
            "this is the third time I'm calling about this",
        ),
        THANKS: ("thank you", "thanks a lot", "okay thanks", "great thank you", "thank you very much"),
        HELLO: ("hello", "hi", "hello is anybody there", "good morning", "hi there"),
    },
    "ko": {
        PERSON: (
            "상담원 연결해 주세요",
            "사람이랑 통화하고 싶어요",
            "상담사 바꿔 주세요",
            "직원이랑 얘기할게요",
            "상담원이요",
        ),
        GOODBYE: ("안녕히 계세요", "끊을게요", "아니요 됐어요", "그게 다예요", "더 없어요", "이제 됐습니다"),
        REPEAT: ("다시 말씀해 주세요", "뭐라고 하셨어요", "한 번 더 말해 주세요", "못 들었어요"),
        SLOWER: ("천천히 말해 주세요", "너무 빨라요", "조금 느리게 말씀해 주세요"),
        HOLD_ON: ("잠깐만요", "잠시만 기다려 주세요", "잠깐 찾아볼게요", "기다려 보세요"),
        CANCEL: ("취소할게요", "그만할게요", "됐어요 하지 마세요", "없던 일로 해 주세요"),
        BACK: ("이전으로 돌아가 주세요", "뒤로 가 주세요", "아까 질문으로 돌아가요"),
        HELP: ("뭘 도와줄 수 있어요", "도움말", "무엇을 할 수 있나요", "어떻게 사용하나요"),
        UPSET: ("정말 화가 나네요", "이게 뭐예요 짜증 나게", "너무하시네요", "몇 번째 전화하는 거예요"),
        THANKS: ("감사합니다", "고마워요", "네 감사해요"),
        HELLO: ("여보세요", "안녕하세요", "저기요"),
    },
}
"""Examples of each, by language."""
