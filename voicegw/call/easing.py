"""What a loaded machine leaves out, so that those who are on the line are answered in time."""

from enum import IntEnum


class Easing(IntEnum):
    """Each step leaves out what those before it do, too."""

    NOTHING = 0
    SPECULATION = 1
    """No speech is made, nothing looked up and nothing thought about ahead of a turn's end."""
    REASONING = 2
    """The language model is not asked: what the examples leave open is asked again, in words of the dialplan."""
    HEARING = 3
    """New callers are not listened to: they get a menu of keys, which costs a third of a conversation."""
    CALLS = 4
    """New calls get 503 with Retry-After. Both come by lateness alone; that there is no place for a call is no step."""
