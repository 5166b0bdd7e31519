"""What callers say that they do not want: "취소 말고 변경이요", "예약하려는 게 아니라 확인하려고요"."""

import re

from voicegw.nlu.en.denials import Split

_INSTEAD = re.compile(
    r"^(?P<refused>.+?)(?:은|는|이|가|을|를|하려는\s?게|하는\s?게)?\s*(?:말고|아니고|아니라)"
    r"[\s,]*(?P<wanted>.*)$"
)


def split(text: str) -> Split | None:
    """The refusal in ``text`` and the rest; None if there is none."""
    found = _INSTEAD.match(text.strip())
    if found is None or not found["wanted"].strip(" .?!"):
        return None
    return Split(found["wanted"], re.sub(r"^(?:아니(?:요|오)?|아뇨)[\s,]*", "", found["refused"]))
