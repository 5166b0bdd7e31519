"""Reading Korean: days, times, figures, yes and no, names, and what replaces what."""

from datetime import date, time

import pytest

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.languages import LANGUAGES
from voicegw.nlu.understanding import Completeness

MONDAY = date(2026, 3, 16)
KOREAN = LANGUAGES["ko"]


def read(text: str, kind: str = "any", **asked):
    return KOREAN.parse(text, Expecting(kind, **asked), MONDAY, time(12))


def value(text: str, kind: str, **asked):
    return next((each.value for each in read(text, kind, **asked) if each.kind == kind), None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("내일이요", "2026-03-17"),
        ("모레 가능할까요", "2026-03-18"),
        ("내일모레요", "2026-03-18"),
        ("오늘 오후에요", "2026-03-16"),
        ("어제요", "2026-03-15"),
        ("목요일에 갈게요", "2026-03-19"),
        ("월요일이요", "2026-03-23"),
        ("이번 주 금요일", "2026-03-20"),
        ("다음 주 화요일이요", "2026-03-24"),
        ("다음주 화 요일", "2026-03-24"),
        ("다다음 주 월요일", "2026-03-30"),
        ("삼월 십구일", "2026-03-19"),
        ("3월 19일이요", "2026-03-19"),
        ("삼 월 이십 일 일", "2026-03-21"),
        ("유월 육일", "2026-06-06"),
        ("시월 삼일이요", "2026-10-03"),
        ("일월 오일", "2027-01-05"),
        ("이천이십칠년 일월 오일", "2027-01-05"),
        ("천구백팔십육년 사월 구일이요", "1986-04-09"),
        ("십구일에요", "2026-03-19"),
        ("다음 달 오일이요", "2026-04-05"),
        ("사흘 뒤요", "2026-03-19"),
        ("일주일 후에", "2026-03-23"),
        ("십일 뒤", "2026-03-26"),
        ("이번 달 말일", "2026-03-31"),
        ("이월 삼십일", None),
    ],
)
def test_days(text, day):
    assert value(text, "date") == day


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("오후 세 시요", "15:00"),
        ("오후 세시 반에요", "15:30"),
        ("오전 열 시", "10:00"),
        ("열한 시 십오 분", "11:15"),
        ("세 시쯤", "15:00"),
        ("아침 일곱 시", "07:00"),
        ("저녁 일곱 시 이십오 분", "19:25"),
        ("열두 시요", "12:00"),
        ("오전 열두 시", "00:00"),
        ("15시 30분", "15:30"),
        ("14:30에요", "14:30"),
        ("정오에", "12:00"),
        ("두 시간", None),
    ],
)
def test_times(text, at):
    assert value(text, "time") == at


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("공일공 일이삼사 오육칠팔이요", "phone", "01012345678"),
        ("공일공에 일이삼사에 오육칠팔", "phone", "01012345678"),
        ("010-1234-5678입니다", "phone", "01012345678"),
        ("공 일 공 다시 일 이 삼 사 다시 오 육 칠 팔", "phone", "01012345678"),
        ("사오육칠", "digits", "4567"),
        ("사 오 육 칠이에요", "digits", "4567"),
        ("4567번이요", "digits", "4567"),
        ("만 이천 원이요", "money", {"amount": "12000", "currency": "KRW"}),
        ("35,000원", "money", {"amount": "35000", "currency": "KRW"}),
        ("세 명이요", "number", 3),
        ("스물다섯 개", "number", 25),
        ("십이", "number", 12),
        ("두 시간 반이요", "duration", 150),
        ("삼십 분 정도요", "duration", 30),
        ("두 시부터 네 시까지요", "datetime_range", {"start": "14:00", "end": "16:00"}),
        ("kim 골뱅이 naver 점 com", "email", "kim@naver.com"),
        ("제 이름은 김민수입니다", "name", "김민수"),
        ("이영희라고 합니다", "name", "이영희"),
        ("저는 박지훈이에요", "name", "박지훈"),
        ("김 민 수", "name", "김민수"),
        ("남궁민수요", "name", "남궁민수"),
    ],
)
def test_values_of_the_kind_that_was_asked_for(text, kind, expected):
    assert value(text, kind) == expected


@pytest.mark.parametrize(
    "text", ["네", "네 맞아요", "예, 그렇게 해 주세요", "맞습니다", "좋아요", "네 부탁드려요", "넵"]
)
def test_yes(text):
    assert value(text, "yes_no") is True


@pytest.mark.parametrize(
    "text", ["아니요", "아뇨 틀렸어요", "아닙니다", "안 돼요", "하지 마세요", "됐어요", "아니", "없어요"]
)
def test_no(text):
    assert value(text, "yes_no") is False


def test_words_that_only_sound_like_figures_are_none():
    texts = ("이 일은 어떻게 하나요", "사이트가 안 열려요", "오이 사 주세요", "예약해 주세요", "네이버에서 봤어요")
    for text in texts:
        assert [each for each in read(text) if each.kind in ("digits", "number", "yes_no", "date")] == []


def test_several_values_in_one_sentence():
    found = {each.kind: each.value for each in read("내일 오후 세 시에 두 명 예약해 주세요")}
    assert found == {"date": "2026-03-17", "time": "15:00", "number": 2}


@pytest.mark.parametrize("text", ["아니요 목요일이요", "화요일 말고 목요일이요", "화요일 아니고 목요일", "아니 목요일"])
def test_a_correction_replaces_what_was_said(text):
    (day,) = [each for each in read(text, "date", slot="day") if each.kind == "date"]
    assert (day.value, day.corrected, day.slot) == ("2026-03-19", True, "day")


@pytest.mark.parametrize(
    ("text", "asked", "complete"),
    [
        ("음", Expecting(), Completeness.INCOMPLETE),
        ("예약하고 싶은데", Expecting(), Completeness.INCOMPLETE),
        ("예약하고 싶어요", Expecting(), Completeness.COMPLETE),
        ("내일", Expecting("date"), Completeness.COMPLETE),
        ("사오", Expecting("digits", length=4), Completeness.INCOMPLETE),
        ("사오육칠", Expecting("digits", length=4), Completeness.COMPLETE),
        ("스케일링", Expecting(), Completeness.COULD_GO_ON),
    ],
)
def test_whether_the_turn_may_be_over(text, asked, complete):
    assert KOREAN.completeness(text, asked, MONDAY) is complete


def test_a_refusal_and_what_is_wanted_instead():
    split = KOREAN.refusal("예약 취소 말고 변경이요")
    assert split is not None
    assert (split.refused, split.wanted) == ("예약 취소", "변경이요")
    assert KOREAN.refusal("예약을 취소해 주세요") is None


def test_a_turn_is_made_general_and_its_meaning_kept():
    text = "삼월 십구일 오후 세 시에 예약해 주세요"
    assert KOREAN.generalised(text, read(text)) == "내일 세 시에 예약해 주세요"
    assert KOREAN.meaningful("제가 예약을 좀 하고 싶어요") == "예약"
