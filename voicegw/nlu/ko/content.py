"""A Korean turn prepared for routing, and sentences that are none of a dialplan's intents."""

import re
from collections.abc import Sequence

from voicegw.nlu.understanding import SlotValue

STANDS_FOR = {
    "date": "내일", "time": "세 시", "duration": "두 시간", "digits": "일이삼사", "phone": "전화번호", "money": "만 원",
    "number": "두 명", "email": "이메일 주소", "name": "김민수", "address": "주소",
}  # fmt: skip
_FILLING = re.compile(
    r"^(?:저|제가|제|좀|그|그럼|혹시|음|어|네|예|아|저기요?|그런데|근데|이|이거|그거|있|수|것|거|주세요|주실래요|주시겠어요|"
    r"싶어요|싶습니다|싶은데요|해|할게요|합니다|해요|하고|있나요|있어요|있을까요|되나요|돼요|될까요|인가요|입니다|"
    r"내일|세|시에?|두|명|전화번호|김민수)$"
)
_PARTICLE = re.compile(r"(?:으로|에서|부터|까지|이요|은|는|이|가|을|를|에|로|의|도|만|요)$")

SENTENCES = (
    "내일이요", "다음 주 화요일이요", "삼월 십구일", "오후 세 시요", "열 시 반", "두 명이요", "저 혼자요", "일이삼사",
    "공일공 일이삼사 오육칠팔이요", "김민수입니다", "이영희라고 합니다", "서울시 강남구요", "만 이천 원이요", "네",
    "예", "아니요", "그건 잘 모르겠어요", "오늘 날씨 어때요", "지금 몇 시예요", "노래 틀어 주세요",
    "택시 불러 주세요", "피자 한 판이요", "비행기표 예매할래요", "환율이 얼마예요", "불이 났어요", "잘못 걸었어요",
    "누구세요", "거기 어디예요", "여보 나 왔어", "잠깐 통화 중이야", "그거 말고요", "빨간 거요", "큰 걸로요",
    "두 번째요", "아무거나요", "다음에 할게요", "그렇군요", "음", "어 그게", "그러니까요", "뭐라고 해야 하지",
    "집에서요", "회사에서요", "어머니 거예요", "제 남편이요", "다음 달이요", "저녁에요", "주말에요", "아침 일찍이요",
    "그 시간은 안 돼요", "그날은 바빠요", "농담이에요", "재미있네요", "축구 이겼어요", "대출 상담이요",
    "호텔 방 있어요", "컴퓨터가 고장 났어요", "인터넷이 느려요", "세금 신고는 어떻게 해요", "여권 갱신이요",
)  # fmt: skip
"""Bare answers, fragments, other businesses: the router learns from these what to leave alone."""


def generalised(text: str, values: Sequence[SlotValue]) -> str:
    """The turn with one and the same example in place of every value."""
    for value in sorted(values, key=lambda value: -value.start):
        word = STANDS_FOR.get(value.kind)
        if word:
            text = f"{text[: value.start]}{word}{text[value.end :]}"
    return text


def meaningful(text: str) -> str:
    """The words that are left without function words and particles; the whole text if none are."""
    words = [word.strip(".,?!…") for word in text.split()]
    kept = [_PARTICLE.sub("", word) if len(word) > 2 else word for word in words if not _FILLING.match(word)]
    return " ".join(word for word in kept if word) or text
