"""How a caller sounds by the words alone: coarse, and enough for the person who picks up."""

import re
from collections.abc import Sequence

UPSET = re.compile(
    r"\b(angry|annoy\w*|awful|complain\w*|disappoint\w*|disgust\w*|fed up|frustrat\w*|furious|hate|horrible|"
    r"nonsense|pathetic|ridiculous|rubbish|scam|sick of|stupid|terrible|third time|unacceptable|unbelievable|upset|"
    r"useless|waste of|worst|not listening|sue|lawyer|damn|hell)\b"
)
PLEASED = re.compile(
    r"\b(amazing|appreciate|awesome|brilliant|excellent|fantastic|glad|great|happy|helpful|kind of you|"
    r"lovely|perfect|pleased|thank you so much|wonderful)\b"
)
TURNS = 4
"""Of the caller's last, looked at."""


def sentiment(turns: Sequence[str]) -> str:
    """``upset``, ``pleased`` or ``neutral``, of what the caller said, oldest first."""
    last = " ".join(turns[-TURNS:]).casefold()
    upset, pleased = len(UPSET.findall(last)), len(PLEASED.findall(last))
    if upset == pleased:
        return "neutral"
    return "upset" if upset > pleased else "pleased"
