"""YAML text to a ``Dialplan``, or every problem of it at once, each with line, column and a hint."""

from voicegw.dialplan.model import Dialplan
from voicegw.documents.parse import Kind, parse_as
from voicegw.documents.parse import Source as DocumentSource
from voicegw.errors import DialplanError

KIND = Kind("dialplan", "name: acme-orders", DialplanError)


class Source(DocumentSource):
    """The text of a dialplan as it was read, which knows where everything stands."""

    def __init__(self, text: str, file: str) -> None:
        """:raises DialplanError: it is not YAML, or not a mapping."""
        super().__init__(text, file, KIND)


def parse(text: str, file: str = "dialplan") -> Dialplan:
    """The dialplan that ``text`` writes.

    :raises DialplanError: with all problems.
    """
    return parse_source(Source(text, file))


def parse_source(source: Source) -> Dialplan:
    """The dialplan in a source.

    :raises DialplanError: with all problems.
    """
    return parse_as(Dialplan, source)
