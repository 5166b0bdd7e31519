"""Packages are found where pip would find them."""

from pathlib import Path

import httpx
import pytest

from voicegw.errors import SetupError
from voicegw.models import packages
from voicegw.models.packages import PackageIndexes
from voicegw.models.remote import SourceFailed

INDEX = "https://index.example/simple"
JSON = "application/vnd.pypi.simple.v1+json"


def _client(pages: dict[str, tuple[str, str]]) -> httpx.Client:
    """A client whose world is these pages: body and content type by address."""

    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) not in pages:
            return httpx.Response(404)
        body, kind = pages[str(request.url)]
        return httpx.Response(200, text=body, headers={"Content-Type": kind})

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_json_page_gives_the_wheel_of_that_version() -> None:
    body = """{"files": [
        {"filename": "my_pack-1.0-py3-none-any.whl", "url": "../../files/my_pack-1.0-py3-none-any.whl#sha256=00"},
        {"filename": "my_pack-1.1-py3-none-any.whl", "url": "https://files.example/my_pack-1.1-py3-none-any.whl"},
        {"filename": "my_pack-1.1.tar.gz", "url": "https://files.example/my_pack-1.1.tar.gz"}]}"""
    client = _client({f"{INDEX}/my-pack/": (body, JSON)})
    site = PackageIndexes((INDEX,))
    assert site.wheel(client, "my-pack", "1.1") == "https://files.example/my_pack-1.1-py3-none-any.whl"
    assert site.wheel(client, "My_Pack", "1.0") == "https://index.example/files/my_pack-1.0-py3-none-any.whl"


def test_an_html_page_gives_it_too() -> None:
    body = '<a href="/files/my%2Epack-2.0-py3-none-any.whl#sha256=00" data-x>my.pack</a><a name="x">'
    client = _client({f"{INDEX}/my-pack/": (body, "text/html")})
    address = PackageIndexes((INDEX + "/",)).wheel(client, "my.pack", "2.0")
    assert address == "https://index.example/files/my%2Epack-2.0-py3-none-any.whl"


def test_the_next_index_is_asked_and_each_answer_reported() -> None:
    client = _client({f"{INDEX}/pack/": ("{}", JSON)})
    site = PackageIndexes(("https://user:secret@empty.example/simple", INDEX))
    with pytest.raises(SourceFailed) as failure:
        site.wheel(client, "pack", "1.0")
    assert str(failure.value) == "empty.example: HTTP 404; index.example: not a page of PEP 691"


def test_folders_of_wheels_come_first(tmp_path: Path) -> None:
    wheel = tmp_path / "my_pack-1.0-cp311-abi3-linux_x86_64.whl"
    wheel.touch()
    site = PackageIndexes((), find_links=(str(tmp_path),))
    assert site.wheel(_client({}), "my-pack", "1.0") == wheel.as_uri()


def test_an_index_on_this_machine_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "my-pack"
    folder.mkdir()
    (folder / "index.html").write_text('<a href="my_pack-1.0-py3-none-any.whl">x</a>', encoding="utf-8")
    site = PackageIndexes((tmp_path.as_uri(),))
    address = site.wheel(_client({}), "my-pack", "1.0")
    assert address == (folder / "my_pack-1.0-py3-none-any.whl").as_uri()


def test_no_index_at_all_is_said() -> None:
    with pytest.raises(SourceFailed, match="no-index"):
        PackageIndexes(()).wheel(_client({}), "pack", "1.0")


def test_the_environment_overrides_pips_files_and_download_overrides_global() -> None:
    listing = (
        "global.index-url='https://a/simple'\nglobal.cert='/a.pem'\nglobal.proxy='http://proxy:1'\n"
        "download.cert='/b.pem'\ninstall.cert='/no.pem'\n:env:.index-url='https://b/simple'\nnonsense\n"
    )
    assert packages._configuration(listing) == {
        "index-url": "https://b/simple",
        "cert": "/b.pem",
        "proxy": "http://proxy:1",
    }


def test_pips_own_default_is_read_from_its_help() -> None:
    text = (
        "  -i, --index-url <url>   Base URL of the Python Package Index\n      (default\n      https://i/simple). This"
    )
    assert packages._default_index(text) == "https://i/simple"


def test_this_pip_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://mine.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://more.example/simple file:///srv/simple")
    site = packages.from_pip.__wrapped__()
    assert site.indexes == ("https://mine.example/simple", "https://more.example/simple", "file:///srv/simple")


@pytest.mark.parametrize("values", [{"certificates": "/no/such.pem"}, {"proxy": "nonsense://me:secret@proxy"}])
def test_settings_of_pip_that_cannot_be_used_are_named(values: dict[str, str]) -> None:
    with pytest.raises(SetupError, match="pip's settings cannot be used") as failure:
        PackageIndexes((INDEX,), **values).client()
    assert "secret" not in str(failure.value)
