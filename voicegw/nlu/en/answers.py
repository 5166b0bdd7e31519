"""What callers answer to questions for one type of value, in the words they use."""

ANSWERS = {
    "time": (
        "half past nine", "at a quarter to four", "ten thirty in the morning", "at quarter past four",
        "quarter to ten in the morning", "at three o'clock", "nine am", "two pm", "in the afternoon", "in the evening",
        "at noon", "midnight", "five thirty pm", "twenty past six", "ten to eight", "at seven", "around five",
        "any time after two", "as early as possible",
    ),
    "date": (
        "tomorrow", "on Thursday", "next Tuesday", "March the 17th", "today", "on Monday", "Wednesday", "this Friday",
        "Saturday", "Sunday", "the day after tomorrow", "next week", "Monday then", "the first of April",
        "May the twenty first", "June", "July", "August", "September", "October", "November", "December", "January",
        "February", "in two days", "on the tenth", "Friday at nine am", "next Tuesday at three pm",
    ),
    "yes_no": (
        "yes", "yes please", "yeah", "yep", "no", "no thanks", "no thank you", "that's right", "correct",
        "that's wrong", "sure", "okay", "not really", "yes that's right", "no that's not right",
    ),
}  # fmt: skip
"""By type; the first of each the most typical."""
