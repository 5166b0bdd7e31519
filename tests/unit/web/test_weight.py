"""What a page makes a browser fetch stays small, and comes from here."""

import re

import pytest

from voicegw.accounts.record import Role

MOST_BYTES = 250_000


@pytest.mark.parametrize("path", ["/calls", "/insights", "/status", "/users", "/audit", "/account", "/api/"])
async def test_scripts_and_styles_of_a_page_are_light_and_our_own(signed_in, path):
    client = await signed_in(Role.ADMIN)
    page = (await client.get(path)).text
    fetched = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', page)
    assert fetched
    assert all(address.startswith("/static/") for address in fetched)
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on[a-z]+=", page)
    sizes = []
    for address in fetched:
        async with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"].startswith("public, max-age")
            sizes.append(sum([len(piece) async for piece in answer.aiter_raw()]))
    assert sum(sizes) <= MOST_BYTES


async def test_a_page_that_holds_a_token_is_not_compressed(signed_in):
    answer = await (await signed_in(Role.ADMIN)).get("/calls", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
