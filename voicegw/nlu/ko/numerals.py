"""Korean numerals, Sino-Korean (일 이 삼) and native (하나 둘 셋): the words, and numbers written in them."""

DIGITS = ("영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
DIGIT_OF = {word: value for value, word in enumerate(DIGITS)} | {"공": 0, "륙": 6, "빵": 0, "제로": 0}
"""Also what is said on the phone: 공 for 0."""
SMALL_UNITS = {"십": 10, "백": 100, "천": 1000}
LARGE_UNITS = {"만": 10_000, "억": 100_000_000}

NATIVE_ONES = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
COUNTING_ONES = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
"""Before what is counted: 세 시, 두 명."""
NATIVE_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
COUNTING_TENS = ("", "열", "스무", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
NATIVE_BELOW = 100
"""Native numerals end at 99."""


def sino(number: int) -> str:
    """12,345 as 만 이천삼백사십오; spaces after 억 and 만, as it is spoken."""
    if number == 0:
        return DIGITS[0]
    parts: list[str] = []
    for unit, size in (("억", 100_000_000), ("만", 10_000), ("", 1)):
        count, number = divmod(number, size)
        if count:
            # 만 alone is ten thousand; 일억 is said in full.
            parts.append(unit if unit == "만" and count == 1 else _below_ten_thousand(count) + unit)
    return " ".join(parts)


def _below_ten_thousand(number: int) -> str:
    words = ""
    for unit, size in (("천", 1000), ("백", 100), ("십", 10), ("", 1)):
        count, number = divmod(number, size)
        if count:
            words += ("" if unit and count == 1 else DIGITS[count]) + unit
    return words


def counting(number: int) -> str:
    """As before what is counted: 3 as 세, 20 as 스무, 25 as 스물다섯; from 100 on Sino-Korean."""
    if not 0 < number < NATIVE_BELOW:
        return sino(number)
    tens, ones = divmod(number, 10)
    return COUNTING_TENS[tens] if not ones else NATIVE_TENS[tens] + COUNTING_ONES[ones]


def _native_words() -> dict[str, int]:
    found: dict[str, int] = {}
    for number in range(1, NATIVE_BELOW):
        tens, ones = divmod(number, 10)
        found[NATIVE_TENS[tens] + NATIVE_ONES[ones]] = number
        found[counting(number)] = number
    return found | {"세네": 3, "서너": 3, "너": 4, "석": 3, "넉": 4}


NATIVE = _native_words()
"""Every native numeral, in both forms."""


def read_sino(text: str) -> int | None:
    """The number that Sino-Korean words without spaces write; None if they write none. 이천이십육 is 2026."""
    total = part = digit = 0
    seen = False
    for character in text:
        if character in LARGE_UNITS:
            total += (part + digit or 1) * LARGE_UNITS[character]
            part = digit = 0
        elif character in SMALL_UNITS:
            part += (digit or 1) * SMALL_UNITS[character]
            digit = 0
        elif character in DIGIT_OF and not digit:
            digit = DIGIT_OF[character]
        else:
            return None
        seen = True
    return total + part + digit if seen else None
