"""Headers of requests as trunks send them, and as attackers do."""

import pytest

from voicegw.sip import headers


def invite(*lines, target="sip:4711@10.0.0.1:5060"):
    return "\r\n".join((f"INVITE {target} SIP/2.0", *lines, "", "v=0", "X-In-Body: no"))


@pytest.mark.parametrize(
    ("address", "user"),
    [
        ("<sip:alice@example.com>", "alice"),
        ('"Alice <3" <sip:alice@example.com;user=phone>;tag=1', "alice"),
        ("Alice <sip:+49151@example.com>", "+49151"),
        ("sip:4711@example.com;tag=abc", "4711"),
        ("<tel:+1-212-555-0101;phone-context=x>", "+1-212-555-0101"),
        ("<sips:bob:secret@example.com>", "bob"),
        ("<sip:example.com>", ""),
        ("<sip:%2b49%31@example.com>", "+491"),
        ("<sip:a%0d%0aX-Evil:1@example.com>", "aX-Evil"),
        ('"unfinished <sip:alice@example.com>', ""),
        ("", ""),
        ("<http://example.com>", ""),
    ],
)
def test_the_user_part_is_found_in_every_form_of_address(address, user):
    assert headers.user(address) == user


def test_the_number_dialled_is_in_the_request_uri_or_else_in_to():
    assert headers.callee(invite("To: <sip:main@example.com>")) == "4711"
    assert headers.callee(invite("To: <sip:main@example.com>", target="sip:10.0.0.1")) == "main"
    assert headers.callee(invite("t: <sip:main@example.com>", target="sip:10.0.0.1")) == "main"


def test_an_asserted_identity_is_believed_before_from():
    assert headers.caller(invite("From: <sip:anonymous@anonymous.invalid>;tag=1")) == "anonymous"
    assert headers.caller(invite("f: <sip:bob@x>;tag=1", "P-Asserted-Identity: <tel:+4930>")) == "+4930"
    assert headers.caller(invite("Subject: none")) == ""


def test_context_headers_are_taken_and_nothing_else():
    message = invite(
        "X-Order: 4567", "x-lang: de", "User-to-User: 3132;encoding=hex", "Authorization: Digest secret", "Via: x"
    )
    assert headers.context(message) == {"X-Order": "4567", "x-lang": "de", "User-to-User": "3132;encoding=hex"}


def test_folded_headers_are_one_line_and_the_body_is_no_header():
    assert headers.context(invite("X-Long: one", "  two", "\tthree")) == {"X-Long": "one two three"}


def test_headers_are_bounded_in_number_and_length():
    message = invite(*(f"X-{n}: {'v' * 2000}" for n in range(100)))
    found = headers.context(message)
    assert len(found) == headers.MOST_HEADERS
    assert {len(value) for value in found.values()} == {headers.MOST_VALUE_CHARS}


def test_control_characters_do_not_get_through():
    assert headers.context(invite("X-A: one\x00\x1btwo")) == {"X-A": "onetwo"}


@pytest.mark.parametrize("message", ["", "INVITE", "\r\n\r\n", "INVITE  SIP/2.0\r\n:\r\n", "\x00" * 50])
def test_garbage_has_no_caller_and_no_callee(message):
    assert headers.caller(message) == ""
    assert headers.callee(message) == ""
    assert headers.context(message) == {}


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf", "5", "5"),
        ("application/dtmf", "Signal=a\r\nDuration=100\r\n", "A"),
        ("Application/DTMF; x=1", "#\r\n", "#"),
        ("application/dtmf", "55", ""),
        ("application/dtmf", "", ""),
        ("application/dtmf-relay", "Signal=5\r\n", ""),
        ("text/plain", "5", ""),
    ],
)
def test_a_key_is_read_from_a_plain_dtmf_body_alone(kind, body, key):
    assert headers.plain_dtmf(f"INFO sip:a@b SIP/2.0\r\nc: {kind}\r\n\r\n{body}") == key


def test_what_can_be_dialled_is_a_sip_or_tel_address():
    yes = ("sip:a@b", "<sip:b:5060>", "tel:+49-30", '"Front desk" <sips:desk@x;transport=tcp>')
    no = ("nobody knows", "sip:", "tel:", "mailto:a@b", "sip:a@b@c", "+4930", "")
    assert all(headers.is_address(text) for text in yes)
    assert not any(headers.is_address(text) for text in no)


def test_numbers_and_hosts_are_told_apart():
    assert all(headers.is_number(text) for text in ("7100", "+15550100", "*21#"))
    assert not any(headers.is_number(text) for text in ("sip:7100@x", "", "+", "front desk", "7100 "))
    assert headers.host("<sip:bob@10.0.0.1:5062;transport=udp>") == "10.0.0.1:5062"
    assert headers.host("sip:pbx.example") == "pbx.example"
    assert headers.host("tel:+4930") == ""
