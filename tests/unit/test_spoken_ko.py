"""Values spoken in Korean."""

from datetime import date

import pytest

from voicegw.dialplan import spoken
from voicegw.dialplan.speaking import FORMATS, speak
from voicegw.dialplan.spoken_ko import with_particles
from voicegw.nlu.ko.numerals import NATIVE, counting, read_sino, sino

MONDAY = date(2026, 3, 16)


@pytest.mark.parametrize(
    ("form", "value", "words"),
    [
        ("digits", "4507", "사 오 공 칠"),
        ("digits", "12345678", "일 이 삼 사, 오 육 칠 팔"),
        ("phone", "01012345678", "공 일 공, 일 이 삼 사, 오 육 칠 팔"),
        ("phone", "0212345", "공 이 일, 이 삼 사 오"),
        ("number", 2026, "이천이십육"),
        ("number", 12345, "만 이천삼백사십오"),
        ("number", 1.5, "1.5"),
        ("money", "12000", "만 이천 원"),
        ("money", {"amount": "12.50", "currency": "USD"}, "십이 달러 오십 센트"),
        ("date", "2026-03-19", "삼월 십구일 목요일"),
        ("date", "2027-10-06", "이천이십칠년 시월 육일 수요일"),
        ("day", "2026-03-16", "오늘"),
        ("day", "2026-03-18", "모레"),
        ("day", "2026-03-20", "금요일"),
        ("day", "2026-06-01", "유월 일일"),
        ("time", "15:00", "오후 세 시"),
        ("time", "10:30:00", "오전 열 시 반"),
        ("time", "12:05", "오후 열두 시 오 분"),
        ("time", "12:00", "정오"),
        ("duration", 150, "두 시간 삼십 분"),
        ("duration", 1440, "하루"),
        ("spelled", "a4-2", "A, 사, 하이픈, 이"),
        ("email", "kim@a.kr", "kim 골뱅이 a 점 kr"),
        ("plain", True, "예"),
        ("list", ["예약", "취소"], "예약, 그리고 취소"),
        ("time", ["09:00", "16:30"], "오전 아홉 시, 그리고 오후 네 시 반"),
    ],
)
def test_values_are_spoken_as_koreans_say_them(form, value, words):
    assert speak(form, value, MONDAY, "ko") == words


def test_both_languages_have_every_format():
    assert FORMATS["ko"].keys() == FORMATS["en"].keys() == spoken.FORMATS.keys()


def test_what_is_no_value_of_the_format_is_said_as_it_is():
    for form in ("money", "date", "day", "time", "duration", "number"):
        assert speak(form, "곧", MONDAY, "ko") == "곧"


@pytest.mark.parametrize("number", [0, 1, 10, 11, 19, 20, 100, 101, 110, 1000, 2026, 9999, 10_000, 12_345, 100_000_000])
def test_a_number_in_words_is_read_back(number):
    assert read_sino(sino(number).replace(" ", "")) == number


def test_native_numerals_are_read_in_both_forms():
    assert [counting(number) for number in (1, 3, 20, 21, 99)] == ["한", "세", "스무", "스물한", "아흔아홉"]
    assert (NATIVE["스물"], NATIVE["스무"], NATIVE["열셋"], NATIVE["열세"]) == (20, 20, 13, 13)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("오전 아홉 시(으)로", "오전 아홉 시로"),
        ("아홉 시 반(으)로", "아홉 시 반으로"),
        ("교실(으)로", "교실로"),
        ("목요일은(는) 쉽니다", "목요일은 쉽니다"),
        ("내일모레은(는) 쉽니다", "내일모레는 쉽니다"),
        ("열한 시 반이(가) 비었고 사과을(를) 과(와)", "열한 시 반이 비었고 사과를 과(와)"),
    ],
)
def test_particles_fit_the_value_before_them(text, spoken):
    assert with_particles(text) == spoken
