"""Where this machine's pip finds packages: the same indexes, folders, proxy and certificates serve the models.

No registry's address is written here. pip knows its own default and the site's configuration; the page of a
package is read as PEP 503 (HTML) or PEP 691 (JSON).
"""

import ast
import functools
import json
import re
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx

from voicegw.errors import SetupError
from voicegw.models.remote import SourceFailed

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_PIP_TIMEOUT_S = 60
_CONNECT_S = 10
_ANSWER_S = 30
_TRIES = 3
_PAUSE_S = 0.5


@dataclass(frozen=True)
class PackageIndexes:
    """What pip would use."""

    indexes: tuple[str, ...]
    """Addresses of simple indexes, the first one first."""
    find_links: tuple[str, ...] = ()
    """Folders that hold wheels."""
    certificates: str = ""
    """File of the certificate authorities to trust; empty: the usual ones."""
    proxy: str = ""
    """Empty: as the environment says."""

    def client(self) -> httpx.Client:
        """An HTTP client that reaches what pip reaches.

        :raises SetupError: pip's certificates or proxy are not usable.
        """
        try:
            verify = ssl.create_default_context(cafile=self.certificates) if self.certificates else True
            timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
            return httpx.Client(verify=verify, proxy=self.proxy or None, follow_redirects=True, timeout=timeout)
        except (OSError, ValueError, httpx.InvalidURL) as error:
            settings = f"cert = {self.certificates!r}, proxy = {_public(self.proxy)!r}"
            raise SetupError(f"pip's settings cannot be used ({settings}): {error}") from None

    def wheel(self, client: httpx.Client, package: str, version: str) -> str:
        """Address of the package's wheel.

        :raises SourceFailed: no index has it; says what each one answered.
        """
        for folder in self.find_links:
            for file in sorted(_local(folder).glob("*.whl")):
                if _is_wheel_of(file.name, package, version):
                    return file.resolve().as_uri()
        answers = []
        for index in self.indexes:
            page = f"{index.rstrip('/')}/{_normal(package)}/"
            try:
                links = _links(client, page)
            except SourceFailed as error:
                answers.append(f"{_public(index)}: {error}")
                continue
            for name, address in links:
                if _is_wheel_of(name, package, version):
                    return address
            answers.append(f"{_public(index)}: no wheel of {package} {version}")
        raise SourceFailed("; ".join(answers) or "pip is told to use no index (no-index)")


@functools.cache
def from_pip() -> PackageIndexes:
    """What the pip of this Python is configured to use, by its files and the environment.

    :raises SetupError: this Python has no pip.
    """
    values = _configuration(_pip("config", "list"))
    main = values.get("index-url") or _default_index(_pip("--isolated", "download", "--help"))
    more = values.get("extra-index-url", "").split()
    offline = values.get("no-index", "").lower() in ("1", "true", "yes", "on")
    return PackageIndexes(
        indexes=() if offline else (main, *more),
        find_links=tuple(values.get("find-links", "").split()),
        certificates=values.get("cert", ""),
        proxy=values.get("proxy", ""),
    )


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PIP_TIMEOUT_S, check=True)
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise SetupError(f"pip does not run, so packages cannot be found: {said.strip().splitlines()[-1]}") from None
    return done.stdout


def _configuration(listing: str) -> dict[str, str]:
    """Options by name from `pip config list`: ``global`` is overridden by ``download`` and that by ``:env:``."""
    found: dict[str, dict[str, str]] = {"global": {}, "download": {}, ":env:": {}}
    for line in listing.splitlines():
        match = re.fullmatch(r"(global|download|:env:)\.([\w-]+)=(['\"].*['\"])", line.strip())
        if match:
            found[match[1]][match[2]] = str(ast.literal_eval(match[3]))
    return found["global"] | found["download"] | found[":env:"]


def _default_index(help_text: str) -> str:
    """pip's own default, which its help tells."""
    match = re.search(r"--index-url\b.*?\(default\s+(\S+?)\)", help_text, re.DOTALL)
    if match is None:
        raise SetupError("pip does not say which index it uses: set PIP_INDEX_URL")
    return match[1]


def _links(client: httpx.Client, page: str) -> list[tuple[str, str]]:
    """File names and addresses on a package's page."""
    if page.startswith("file:"):
        return _local_links(page)
    response = _get(client, page)
    if "json" in response.headers.get("Content-Type", ""):
        return _json_links(response.text, str(response.url))
    return _html_links(response.text, str(response.url))


def _get(client: httpx.Client, page: str) -> httpx.Response:
    """The page; asks again when the server is busy or the connection breaks."""
    for more in reversed(range(_TRIES)):
        try:
            response = client.get(page, headers={"Accept": _ACCEPT})
        except httpx.HTTPError as error:
            reason = f"no answer ({error or type(error).__name__})"
        else:
            if response.status_code == httpx.codes.OK:
                return response
            reason = f"HTTP {response.status_code}"
            if response.status_code < 500:
                break
        if more:
            time.sleep(_PAUSE_S)
    raise SourceFailed(reason)


def _local_links(page: str) -> list[tuple[str, str]]:
    """A package's folder on this machine, with or without a page in it."""
    folder = _local(page)
    index = folder / "index.html"
    if index.is_file():
        return _html_links(index.read_text(encoding="utf-8"), page)
    if folder.is_dir():
        return [(file.name, file.resolve().as_uri()) for file in sorted(folder.iterdir())]
    raise SourceFailed("no such folder")


def _json_links(text: str, page: str) -> list[tuple[str, str]]:
    try:
        files = json.loads(text)["files"]
        return [(str(file["filename"]), urldefrag(urljoin(page, file["url"])).url) for file in files]
    except (ValueError, KeyError, TypeError):
        raise SourceFailed("not a page of PEP 691") from None


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _html_links(text: str, page: str) -> list[tuple[str, str]]:
    anchors = _Anchors()
    anchors.feed(text)
    addresses = [urldefrag(urljoin(page, address)).url for address in anchors.addresses]
    return [(unquote(urlsplit(address).path).rpartition("/")[2], address) for address in addresses]


def _is_wheel_of(name: str, package: str, version: str) -> bool:
    """By the file name convention of wheels: ``name-version-python-abi-platform.whl``."""
    fields = name.removesuffix(".whl").split("-")
    return (
        name.endswith(".whl") and len(fields) >= 5 and _normal(fields[0]) == _normal(package) and fields[1] == version
    )


def _normal(package: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", package).lower()


def _local(address: str) -> Path:
    return Path(unquote(urlsplit(address).path)) if address.startswith("file:") else Path(address)


def _public(index: str) -> str:
    """Without a name and password."""
    return urlsplit(index).hostname or index
