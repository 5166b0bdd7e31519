"""Does the caller ask for a person, in Korean?"""

import re

_PERSON = (
    r"(?:상담\s?직원|상담원|상담사|직원|담당자|담당\s?직원|책임자|매니저|관리자|교환원|안내원|팀장|점장|"
    r"고객\s?센터|(?:다른|담당하시는|아시는)\s?분|사람|누군가|누구)(?:님|분)?"
)
_MACHINE = r"(?:기계|로봇|봇|챗봇|컴퓨터|인공\s?지능|에이아이|ai|자동\s?응답|녹음)"
_WITH = r"(?:이랑|랑|하고|과|와|한테|에게|께|으로|로|을|를|이라도|라도)?"
_HURRY = r"(?:\s*(?:좀|직접|바로|빨리|지금|그냥|먼저))*"
_LEAD = r"(?:(?:음+|어+|저기요?|저|그냥|아니요?|아뇨|네|예|좀|빨리|제발|혹시|그럼|그러면|됐고요?|진짜|실제)[,.\s]*)*"
_BARE = re.compile(
    rf"^{_LEAD}{_PERSON}(?:이요|요|으로요|로요|을요|를요|으로|로|이라도|라도)?"
    r"(?:\s*(?:좀|부탁\S*|주세요|빨리|바로|원해요|필요해요|있어요|있나요))*$"
)
_ASKS = re.compile(
    rf"{_PERSON}{_WITH}{_HURRY}\s*(?:연결|바꿔|통화|전화\s?연결|얘기|이야기|대화|말하|말할|말씀|상담|돌려)"
    r"(?!\S*(?:했|하셨|됐|되었|줬|주셨))(?!\s*(?:해\s?)?(?:줬|주셨|됐))"
)
_NO_MACHINE = re.compile(rf"{_MACHINE}\S*\s*(?:말고|아니라|싫|안\s?할|하기\s?싫|(?:얘기|말|대화|통화)\S*\s*싫)")
_REFUSED = re.compile(rf"{_PERSON}\s*(?:말고|아니라|아니고)|(?:안|않)\s?(?:해도|할|돼도|아도)|하지\s?마|필요\s?없|괜찮")


def asks_for_person(text: str) -> bool:
    """Whether these are words of somebody who wants to talk to a person."""
    plain = re.sub(r"[^\w\s]", " ", text.casefold()).strip()
    if _NO_MACHINE.search(plain):
        return True
    if _REFUSED.search(plain):
        return False
    return bool(_BARE.match(plain) or _ASKS.search(plain))
