"""Values are spoken as people say them."""

from datetime import date

import pytest

from voicegw.dialplan.spoken import FORMATS

MONDAY = date(2026, 3, 16)


@pytest.mark.parametrize(
    ("form", "value", "words"),
    [
        ("digits", "4567", "4 5 6 7"),
        ("digits", "45678901", "4 5 6 7, 8 9 0 1"),
        ("digits", "5550100", "5 5 5, 0 1 0 0"),
        ("digits", "123456", "1 2 3, 4 5 6"),
        ("digits", "4539578763621486", "4 5 3 9, 5 7 8 7, 6 3 6 2, 1 4 8 6"),
        ("spelled", "AB1-2", "A, B, 1, dash, 2"),
        ("email", "joe.doe@example.com", "joe dot doe at example dot com"),
        ("money", "12.50", "12 dollars and 50 cents"),
        ("money", "1", "1 dollar"),
        ("money", "0.05", "5 cents"),
        ("money", "0", "0 dollars"),
        ("money", {"amount": "3.02", "currency": "GBP"}, "3 pounds and 2 pence"),
        ("money", "1234", "1,234 dollars"),
        ("money", "-3", "minus 3 dollars"),
        ("number", 1500, "1,500"),
        ("number", 2.5, "2.5"),
        ("number", "ten", "ten"),
        ("date", "2026-03-19", "Thursday, March 19th"),
        ("date", "2028-03-01", "Wednesday, March 1st, 2028"),
        ("day", "2026-03-16", "today"),
        ("day", "2026-03-17", "tomorrow"),
        ("day", "2026-03-15", "yesterday"),
        ("day", "2026-03-19", "on Thursday"),
        ("day", "2026-03-23", "on March 23rd"),
        ("day", "2026-03-12", "on March 12th"),
        ("time", "18:35", "6:35 PM"),
        ("time", "09:00", "9 AM"),
        ("time", "12:00", "noon"),
        ("time", "00:00", "midnight"),
        ("time", "2026-03-19T15:30:00", "3:30 PM"),
        ("duration", 150, "2 hours and 30 minutes"),
        ("duration", 1440, "1 day"),
        ("list", ["a", "b", "c"], "a, b and c"),
        ("list", ["09:00", "13:30:00"], "9 AM and 1:30 PM"),
        ("list", [], "nothing"),
        ("plain", True, "yes"),
        ("plain", 3.0, "3"),
        ("plain", None, ""),
        ("date", "soon", "soon"),
    ],
)
def test_a_value_is_spoken(form, value, words):
    assert FORMATS[form](value, MONDAY) == words
