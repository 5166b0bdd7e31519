"""The vault: a token outside, ciphertext in Redis, digits for whoever has the key and the token."""

import pytest

from voicegw.actions.secrets import is_token
from voicegw.errors import ServerAway, SettingsError
from voicegw.session.vault import Vault, key_bytes, new_key


class Memory:
    """A store that shows what it was given."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.away = False

    async def keep(self, key: str, text: str, expiry_s: int) -> None:
        if self.away:
            raise ServerAway("away")
        self.kept[key] = text

    async def load(self, key: str) -> str | None:
        return self.kept.get(key)


KEY = key_bytes(new_key())


async def test_another_worker_finds_a_secret_by_its_token():
    store = Memory()
    first = Vault(KEY, store)
    token = first.put("4111")
    await first.settle()
    assert is_token(token)
    assert await Vault(KEY, store).reveal(token) == "4111"


async def test_neither_digits_nor_token_lie_in_redis():
    store = Memory()
    vault = Vault(KEY, store)
    token = vault.put("4111111111111111")
    await vault.settle()
    assert "4111" not in str(store.kept)
    assert token not in str(store.kept)
    assert "4111" not in str(vars(vault))


async def test_a_secret_is_there_while_redis_is_away():
    store = Memory()
    store.away = True
    vault = Vault(KEY, store)
    token = vault.put("0427")
    await vault.settle()
    assert await vault.reveal(token) == "0427"


async def test_another_key_and_an_unknown_token_show_nothing():
    store = Memory()
    vault = Vault(KEY, store)
    token = vault.put("0427")
    await vault.settle()
    assert await Vault(key_bytes(new_key()), store).reveal(token) is None
    assert await vault.reveal("secret:unknown") is None


@pytest.mark.parametrize("text", ["", "short", "not base64 !", "QUJD"])
def test_a_key_that_is_none_says_how_to_make_one(text):
    with pytest.raises(SettingsError, match="openssl rand -base64 32"):
        key_bytes(text)
