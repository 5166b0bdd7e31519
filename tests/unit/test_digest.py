"""Digest authentication: the RFCs' examples, and what a challenge and its answer must be."""

from dataclasses import replace

import pytest

from voicegw.sip.digest import NONCE_S, REALM, Answer, Authenticator, parse, response

USERS = {"trunk": "secret of the trunk"}
NOW = 1_795_000_000.0


def invite(authorization: str = "", call_id: str = "1@phone") -> str:
    header = f"Authorization: {authorization}\r\n" if authorization else ""
    return f"INVITE sip:5000@gw SIP/2.0\r\nCall-ID: {call_id}\r\n{header}CSeq: 1 INVITE\r\n\r\nv=0\r\n"


def challenge(authenticator: Authenticator, algorithm: str, message: str = "", now: float = NOW) -> str:
    refusal = authenticator.refusal(message or invite(), "INVITE", now)
    assert refusal is not None
    return next(value for _, value in refusal if f"algorithm={algorithm}" in value)


def answered(challenged: str, user: str = "trunk", password: str = USERS["trunk"], method: str = "INVITE") -> str:
    """What a phone sends back."""
    nonce, algorithm = challenged.partition('nonce="')[2].partition('"')[0], challenged.partition("algorithm=")[2]
    answer = Answer(user, REALM, nonce, "sip:5000@gw", "", algorithm, "auth", "00000001", "abcd")
    right = replace(answer, response=response(answer, password, method))
    return (
        f'Digest username="{user}", realm="{REALM}", nonce="{nonce}", uri="sip:5000@gw", algorithm={algorithm}, '
        f'response="{right.response}", qop=auth, nc=00000001, cnonce="abcd"'
    )


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, expected: str) -> None:
    answer = Answer(
        "Mufasa", "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "/dir/index.html", "",
        algorithm, "auth", "00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )  # fmt: skip
    assert response(answer, "Circle of Life", "GET") == expected


def test_the_example_of_rfc_2069_whose_answer_has_no_qop() -> None:
    answer = Answer("Mufasa", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html", "")
    assert response(answer, "CircleOfLife", "GET") == "1949323746fe6a43ef61f9606e7febea"


@pytest.mark.parametrize("algorithm", ["SHA-256", "MD5"])
def test_who_knows_the_password_comes_in(algorithm: str) -> None:
    ours = Authenticator(USERS)
    given = answered(challenge(ours, algorithm))
    assert ours.refusal(invite(given), "INVITE", NOW + 1) is None
    assert Authenticator(USERS).refusal(invite(given), "INVITE", NOW + 1) is None, "another cell asked"


@pytest.mark.parametrize(
    ("user", "password", "method"),
    [("trunk", "guessed", "INVITE"), ("stranger", USERS["trunk"], "INVITE"), ("trunk", USERS["trunk"], "OPTIONS")],
)
def test_who_does_not_is_asked_again(user: str, password: str, method: str) -> None:
    ours = Authenticator(USERS)
    given = answered(challenge(ours, "MD5"), user, password, method)
    assert "stale" not in challenge(ours, "MD5", invite(given))


def test_an_answer_is_good_for_one_call_and_for_a_minute() -> None:
    ours = Authenticator(USERS)
    given = answered(challenge(ours, "MD5"))
    assert "stale=true" in challenge(ours, "MD5", invite(given, call_id="2@phone"))
    assert "stale=true" in challenge(ours, "MD5", invite(given), now=NOW + NONCE_S + 1)


@pytest.mark.parametrize("header", ["", "Basic dHJ1bms6eA==", "Digest", 'Digest username="trunk"', "Digest ,=,\x00"])
def test_what_is_no_answer_is_none(header: str) -> None:
    assert parse(header) is None
