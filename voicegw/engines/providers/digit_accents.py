"""Digits as people say them whose first language is another: spelled so that espeak-ng's voice of that language says
them so. "zero" to "nine", variants with a slash; foreign speakers do not say "oh".
"""

ACCENTS = {
    "cs": "zírou/zéro uan/van tů srí/frí/trí fór fajv/fajf siks sevn/seven ejt najn",
    "de": "siro/siero wann/uann tuh sri/frie/trie fohr/for faif sicks/six ßewen/sefen äit/ejt nain",
    "es": "sirou/zero uan tu tri/sri for faiv/faif sics seven éit nain",
    "fi": "siirou/seero van/uan tuu srii/trii/frii foor/for faiv siks seven eit nain",
    "fr": "zéro/ziro ouane/ouanne tou sri/fri/tri/zri fore/for faïve/faïf sixe/sikse sévène/sévenne eïte/éite naïne",
    "hu": "ziró/zéró uan/van tú szrí/frí/trí fór fájv/fájf sziksz szeven éjt nájn",
    "id": "ziro wan tu tri/sri for faif siks seven eit nain",
    "it": "zirou/zero uan tu tri/fri for/foor faiv/faif sics seven éit nain",
    "nl": "ziero/zero wan/wun toe frie/srie/trie foor/for faaif/fajf siks sewen/seven eet/eejt nain/najn",
    "pl": "ziro/zero łan tu fri/tri/sri for fajw/fajf siks sewen ejt najn",
    "pt": "zirou/zero uãn/uan tu tri/fri fór faive sics séven êit nain",
    "ro": "zirou/zero uan tu tri/fri for faiv/faif sics sevăn eit nain",
    "sv": "siro/sero vann/oann to tri/fri for fajv siks seven ejt najn",
    "tr": "ziro van/uan tu tri/fri/sri for fayv siks sevın/sevin eyt nayn",
}
"""By espeak-ng's name of the language."""
VARIANTS = {
    "zero": ("zehro", "seero"), "one": ("won", "wan"), "three": ("tree", "sree", "free", "dree"), "four": ("fow",),
    "five": ("fife",), "seven": ("sefen",), "nine": ("nain",),
}  # fmt: skip
"""Other ways to say them in English, spelled for a natural voice."""
PHONES = {
    "zero": ("z iy r ow", "s iy r ow", "z eh r ow", "z ih r ao"), "one": ("w aa n", "v ah n", "w ao n", "uw aa n"),
    "two": ("d uw", "t uh", "t uw ax"),
    "three": ("s r iy", "t r iy", "f r iy", "z r iy", "d r iy", "s r ih", "th iy"),
    "four": ("f ao", "f ow r", "f ow", "v ao r"), "five": ("f ay f", "f ay b", "f ae v", "f ay"),
    "six": ("s iy k s", "z ih k s", "s ih s", "s iy s", "s eh k s"),
    "seven": ("s eh f ax n", "s eh b ax n", "z eh v ax n", "s eh v eh n", "s ae v ax n", "s eh v n"),
    "eight": ("eh t", "ey", "ey d", "ae t", "hh ey t", "eh iy t"),
    "nine": ("n aa n", "n ay", "n ay n ax", "n ae n"), "oh": ("ao",),
}  # fmt: skip
"""The same, in flite's phones."""
OTHERS = (
    "double", "triple", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred",
    "thousand", "and", "no", "um", "uh", "yes", "my order number is", "the number is", "it is", "sorry", "wait",
    "for the", "I have", "account", "please", "that is", "I think", "okay", "let me see", "your", "refund", "to check",
    "new", "well", "hello", "right", "phone", "card ending in", "what", "why", "not",
)  # fmt: skip
"""Words that stand around digits and are none."""
LEADS = (
    "it's", "yes it's", "it is", "my number is", "the number is", "um", "uh it's", "okay it's", "sure that's",
    "that's", "my order number is", "account number", "so", "yeah it's",
)  # fmt: skip
"""What a number begins with in a sentence; short and unstressed, it is easily taken for a digit ("it's" for six)."""
