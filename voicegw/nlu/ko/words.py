"""What is no figure: yes and no, names, e-mail addresses, choices."""

import re
from collections.abc import Iterator

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.ko.found import EXPLICIT, LIKELY, Found

YES = (
    r"네+(?=[\s,.!?]|$)", r"넵|넹|예(?=[\s,.!?]|$)", r"응(?=[\s,.!?]|$)", "맞아요", "맞습니다", "맞아", "그래요",
    "그렇습니다", "그럼요", "물론이죠", "좋아요", "좋습니다", "좋죠", "그렇게 해", "그렇게 하", "그걸로 해",
    r"부탁드(?:려요|립니다|릴게요)", "진행해", "확인했어요", r"^\s*해 ?주세요", "오케이", "알겠습니다",
)  # fmt: skip
NO = (
    "아니요", "아니오", "아뇨", r"아니(?=[\s,.!?]|$)", "아닙니다", "아니에요", "틀렸", "틀려", "싫어",
    "안 ?돼요", "안 ?됩니다", "안 ?할래요", "안 ?할게요", "하지 ?마", "됐어요", "됐습니다", "필요 ?없",
    "괜찮습니다", "괜찮아요", r"^(?:(?:음+|어+|저기)[,\s]+)?없(?:어요|습니다)", "원하지 않",
)  # fmt: skip
_YES, _NO = re.compile("|".join(YES)), re.compile("|".join(NO))
_INTRODUCES = re.compile(
    r"^(?:(?:네|음+|어+|저기요?)[,\s]+)*(?:(?:(?:제|내)\s*)?(?:이름|성함)(?:은|이)?\s*|(?:저는|전|나는)\s+)?"
)
_ENDS_NAME = re.compile(
    r"\s*(?:(?:이)?라고\s*(?:합니다|해요|하는데요|불러\s*주세요)|입니다|이에요|예요|이요|이고요|요|님)?\s*[.!]?\s*$"
)
_NAME = re.compile(r"[가-힣]{2,5}|[가-힣](?:\s[가-힣]){1,3}|[가-힣]\s[가-힣]{1,3}")
_EMAIL = re.compile(r"(?P<user>[\w.+-]+)\s*(?:@|골뱅이)\s*(?P<host>[\w-]+(?:\s*(?:\.|점|닷)\s*[\w-]+)+)")
_DOT = re.compile(r"\s*(?:점|닷|\.)\s*")


def find(text: str, expecting: Expecting) -> Iterator[Found]:
    """Everything that is named."""
    yield from _yes_or_no(text)
    for match in _EMAIL.finditer(text):
        value = f"{match['user']}@{_DOT.sub('.', match['host'])}"
        yield Found("email", value, match.start(), match.end(), EXPLICIT + 1)
    if expecting.kind == "name":
        yield from _name(text)
    if expecting.kind == "address" and text.strip():
        yield Found("address", text.strip(), 0, len(text), LIKELY)
    if expecting.kind == "choice":
        yield from _choices(text, expecting.phrases)


def _yes_or_no(text: str) -> Iterator[Found]:
    """A no weighs more: "네, 아니요" is none that lets anything be changed."""
    for match in _YES.finditer(text):
        yield Found("yes_no", True, match.start(), match.end(), LIKELY)
    for match in _NO.finditer(text):
        yield Found("yes_no", False, match.start(), match.end(), EXPLICIT)


def _name(text: str) -> Iterator[Found]:
    introduced = _INTRODUCES.match(text)
    begin = introduced.end() if introduced else 0
    end = begin + len(_ENDS_NAME.sub("", text[begin:]))
    name = text[begin:end].strip(" ,.")
    if _NAME.fullmatch(name):
        yield Found("name", name.replace(" ", ""), begin, end, EXPLICIT)


def _choices(text: str, phrases: tuple[str, ...]) -> Iterator[Found]:
    for phrase in phrases:
        spaced = r"\s?".join(re.escape(sign) for sign in phrase.replace(" ", ""))
        for match in re.finditer(spaced, text, re.IGNORECASE):
            yield Found("choice", phrase, match.start(), match.end(), EXPLICIT)
