"""How values are spoken in Korean. One function per format, as in ``spoken``."""

import re
from datetime import date, time

from voicegw.dialplan.spoken import Speak, as_date, as_decimal, groups
from voicegw.nlu.ko.numerals import DIGITS, counting, sino

ZERO = "공"
"""A zero in a string of digits; as a number it is 영."""
DAYS = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
MONTHS = ("일월", "이월", "삼월", "사월", "오월", "유월", "칠월", "팔월", "구월", "시월", "십일월", "십이월")
SYMBOLS = {"@": "골뱅이", ".": "점", "-": "하이픈", "_": "밑줄", "+": "플러스", "/": "슬래시", "#": "샵"}
CURRENCIES = {"KRW": "원", "USD": "달러", "EUR": "유로", "GBP": "파운드"}
NEAR_DAYS = {-2: "그저께", -1: "어제", 0: "오늘", 1: "내일", 2: "모레"}
DAYS_COUNTED = {1: "하루", 2: "이틀", 3: "사흘", 4: "나흘"}
MOBILE = (3, 4, 4)
"""How a mobile number is read: 010, 1234, 5678."""


def plain(value: object, today: date) -> str:
    """As it is written."""
    if isinstance(value, bool):
        return "예" if value else "아니요"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "" if value is None else str(value)


def digits(value: object, today: date) -> str:
    """``사 오 육 칠``; longer ones in groups."""
    figures = _figures(value)
    return ", ".join(" ".join(figures[start : start + size]) for start, size in groups(len(figures)))


def phone(value: object, today: date) -> str:
    """``공 일 공, 일 이 삼 사, 오 육 칠 팔``."""
    figures = _figures(value)
    if len(figures) != sum(MOBILE):
        return digits(value, today)
    first, second, _ = MOBILE
    parts = (figures[:first], figures[first : first + second], figures[first + second :])
    return ", ".join(" ".join(part) for part in parts)


def _figures(value: object) -> list[str]:
    spoken = (ZERO, *DIGITS[1:])
    return [spoken[int(one)] if one in "0123456789" else one for one in str(value) if one.isalnum()]


def spelled(value: object, today: date) -> str:
    """One character after another: ``A, 사, 이``."""
    return ", ".join(SYMBOLS.get(one) or (_figures(one) or [one])[0].upper() for one in str(value) if not one.isspace())


def email(value: object, today: date) -> str:
    """``joe 골뱅이 example 점 com``."""
    text = str(value)
    for symbol, word in SYMBOLS.items():
        text = text.replace(symbol, f" {word} ")
    return " ".join(text.split())


def number(value: object, today: date) -> str:
    """In Sino-Korean words."""
    amount = as_decimal(value)
    if amount is None or amount % 1:
        return plain(value, today)
    return ("마이너스 " if amount < 0 else "") + sino(abs(int(amount)))


def money(value: object, today: date) -> str:
    """``만 이천 원``. ``{"amount": "12.50", "currency": "USD"}``, or won where none is named."""
    currency = "KRW"
    if isinstance(value, dict):
        currency = str(value.get("currency", currency))
        value = value.get("amount")
    amount = as_decimal(value)
    if amount is None:
        return plain(value, today)
    whole, cents = divmod(round(abs(amount) * 100), 100)
    unit = CURRENCIES.get(currency, currency)
    words = f"{sino(whole)} {unit}" + (f" {sino(cents)} 센트" if cents and currency != "KRW" else "")
    return ("마이너스 " if amount < 0 else "") + words


def calendar_date(value: object, today: date) -> str:
    """``삼월 십구일 목요일``; with the year if it is not near."""
    day = as_date(value)
    if day is None:
        return plain(value, today)
    text = f"{MONTHS[day.month - 1]} {sino(day.day)}일 {DAYS[day.weekday()]}"
    return text if abs((day - today).days) < 300 else f"{sino(day.year)}년 {text}"


def near_day(value: object, today: date) -> str:
    """As near as can be: ``오늘``, ``내일``, ``목요일``, ``삼월 십구일``."""
    day = as_date(value)
    if day is None:
        return plain(value, today)
    ahead = (day - today).days
    if ahead in NEAR_DAYS:
        return NEAR_DAYS[ahead]
    return DAYS[day.weekday()] if 2 < ahead < 7 else f"{MONTHS[day.month - 1]} {sino(day.day)}일"


def clock_time(value: object, today: date) -> str:
    """``오후 세 시``, ``오전 열 시 반``, ``정오``."""
    try:
        at = time.fromisoformat(str(value)[-8:] if "T" in str(value) else str(value))
    except ValueError:
        return plain(value, today)
    if (at.hour, at.minute) in ((0, 0), (12, 0)):
        return "정오" if at.hour else "자정"
    minutes = f" {'반' if at.minute == 30 else sino(at.minute) + ' 분'}" if at.minute else ""
    return f"{'오전' if at.hour < 12 else '오후'} {counting(at.hour % 12 or 12)} 시{minutes}"


def duration(value: object, today: date) -> str:
    """Minutes as ``두 시간 삼십 분``."""
    minutes = as_decimal(value)
    if minutes is None:
        return plain(value, today)
    days, rest = divmod(int(minutes), 1440)
    hours, left = divmod(rest, 60)
    parts = [DAYS_COUNTED.get(days, f"{sino(days)} 일")] if days else []
    parts += [f"{counting(hours)} 시간"] if hours else []
    parts += [f"{sino(left)} 분"] if left else []
    return " ".join(parts) or "영 분"


def listed(value: object, today: date) -> str:
    """``사과, 배, 그리고 자두``."""
    items = [plain(item, today) for item in value] if isinstance(value, list | tuple) else [plain(value, today)]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])}, 그리고 {items[-1]}" if items else "없음"


PARTICLES = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로"}
"""After a consonant, and after a vowel."""
_PAIR = re.compile(
    r"(?P<before>\S)(?P<pair>은\(는\)|\(은\)는|이\(가\)|\(이\)가|을\(를\)|\(을\)를|과\(와\)|\(과\)와|\(으\)로)"
)
_L = 8
"""Number of the final consonant ㄹ, after which 로 stands alone."""


def with_particles(text: str) -> str:
    """ "{time}(으)로", "{day}은(는)": the particle that fits the value before it."""
    return _PAIR.sub(lambda match: match["before"] + _particle(match["before"], match["pair"]), text)


def _particle(before: str, pair: str) -> str:
    with_consonant = next(each for each in PARTICLES if each[0] in pair)
    final = (ord(before) - ord("가")) % 28 if "가" <= before <= "힣" else 0
    if not final or (final == _L and with_consonant == "으로"):
        return PARTICLES[with_consonant]
    return with_consonant


FORMATS: dict[str, Speak] = {
    "plain": plain,
    "digits": digits,
    "spelled": spelled,
    "number": number,
    "money": money,
    "date": calendar_date,
    "day": near_day,
    "time": clock_time,
    "duration": duration,
    "phone": phone,
    "email": email,
    "list": listed,
}
