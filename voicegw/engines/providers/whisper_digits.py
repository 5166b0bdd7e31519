"""Digits that Whisper says over and over, said once.

Read "4, 5, 6, 7" after a short utterance and Whisper may not find the end: it writes "4, 5, 6, 7, 4, 5, 6, 7, 4, …".
People repeat digits too, so this is only taken back where it is known how many there are to be.
"""

DIGITS_PER_S = 3.5
"""People read numbers out at two to three a second."""
LEAST_REPEATED = 3
"""One digit too many may have been said; three that repeat what came before were not."""
TOKENS_PER_DIGIT = 2
TOKENS_AROUND = 14
"""For "my account number is" before the digits."""


def most_tokens(length: int) -> int:
    """So many are enough to write a number of so many digits."""
    return TOKENS_AROUND + TOKENS_PER_DIGIT * length


def said_once(text: str, length: int, audio_s: float) -> str:
    """``text`` without the digits that only repeat those before them. "4 5 6 7, no wait, 4 5 6 8 8 8" is two numbers:
    only the last can have been written too long.

    :param length: how many digits were asked for.
    :param audio_s: in how much audio; digits that there was no time to say are a repetition too.
    """
    words_end = max((place for place, character in enumerate(text) if character.isalpha()), default=-1) + 1
    return text[:words_end] + _number_once(text[words_end:], length, audio_s)


def _number_once(text: str, length: int, audio_s: float) -> str:
    places = [place for place, character in enumerate(text) if character.isdigit()]
    digits = [text[place] for place in places]
    possible = audio_s * DIGITS_PER_S
    period = _period(digits, length)
    if period is not None:
        keep = length if possible >= length else period
    elif len(digits) > possible and _equal_at_end(digits) >= LEAST_REPEATED:
        keep = len(digits) - _equal_at_end(digits) + 1
    else:
        return text
    return text[: places[keep - 1] + 1]


def _equal_at_end(digits: list[str]) -> int:
    """How many of the last digits are the same."""
    count = 0
    for digit in reversed(digits):
        if digit != digits[-1]:
            break
        count += 1
    return count


def _period(digits: list[str], length: int) -> int | None:
    """After how many digits those beyond ``length`` repeat; None if they do not."""
    if len(digits) == length + 2 and _equal_at_end(digits) > 2:
        return 1
    if len(digits) < length + min(LEAST_REPEATED, length):
        return None
    repeats = (
        period
        for period in range(1, length + 1)
        if all(digits[index] == digits[index - period] for index in range(length, len(digits)))
    )
    return next(repeats, None)
