"""Values in words, in the language of a dialplan."""

from datetime import date

from voicegw.dialplan import spoken, spoken_ko

FORMATS = {"en": spoken.FORMATS, "ko": spoken_ko.FORMATS}
"""By language."""


def finished(text: str, language: str) -> str:
    """A sentence with its values in it: what they ask of the words around them."""
    return spoken_ko.with_particles(text) if language == "ko" else text


def speak(form: str, value: object, today: date, language: str) -> str:
    """A value in words. Several values are spoken one by one: ``{times|time}`` as "9 AM, noon and 4 PM".

    :param form: what stands after ``|`` in a template.
    """
    say = FORMATS[language][form]
    if form != "list" and isinstance(value, list | tuple):
        return FORMATS[language]["list"]([say(item, today) for item in value], today)
    return say(value, today)
