"""Signatures of webhooks are made and checked as a pair, and fit the published example."""

import pytest

from ..addresses import is_email, is_phone
from ..signing import NotGenuine, check, key_of, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_the_example_of_the_standard_comes_out():
    headers = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_was_signed_is_genuine():
    assert check(SECRET, sign(SECRET, "e1", 1000, BODY), BODY, 1100.0) == "e1"


@pytest.mark.parametrize(
    "changed",
    [{"webhook-id": "e2"}, {"webhook-timestamp": "1001"}, {"webhook-signature": "v1,AAAA"}, {"webhook-signature": ""}],
)
def test_a_changed_request_is_not_genuine(changed):
    with pytest.raises(NotGenuine):
        check(SECRET, {**sign(SECRET, "e1", 1000, BODY), **changed}, BODY, 1000.0)


def test_another_body_and_another_secret_are_not_genuine():
    headers = sign(SECRET, "e1", 1000, BODY)
    for secret, body in ((SECRET, BODY + b" "), ("whsec_" + "A" * 32, BODY)):
        with pytest.raises(NotGenuine):
            check(secret, headers, body, 1000.0)


@pytest.mark.parametrize("now", [1301.0, 699.0])
def test_a_recorded_request_is_not_believed_later(now):
    with pytest.raises(NotGenuine, match="too long ago"):
        check(SECRET, sign(SECRET, "e1", 1000, BODY), BODY, now)


@pytest.mark.parametrize("secret", ["", "whsec_short", "not base64!"])
def test_a_weak_secret_is_none(secret):
    with pytest.raises(ValueError, match="openssl rand"):
        key_of(secret)


@pytest.mark.parametrize("text", ["joe@example.com", "j.o+e@mail.example.co.uk", "jö@exämple.de"])
def test_an_address_is_one(text):
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    ["joe", "joe@example", "a@b.c, d@e.f", "joe@example.com\nBcc: x@y.z", "Joe <joe@example.com>", "joe@.com", "@x.y"],
)
def test_a_list_a_name_and_a_line_break_are_no_address(text):
    assert not is_email(text)


def test_a_phone_number_is_one():
    assert is_phone("+1 (555) 0111-22")
    assert not is_phone("crm")
