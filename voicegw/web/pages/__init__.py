"""Pages, a module each; ``PAGES`` is all of them, in the order of the navigation.

To add one: a module here with ``PAGE = Page(router, Nav(...))`` whose routes take
``who: Annotated[Who, Depends(needs(Role.…))]`` and answer ``render(request, "NAME.html", {...}, who=who)``, a
template that extends ``frame.html``, and its line below.
"""

from voicegw.web.page import Page
from voicegw.web.pages import (
    account,
    audit,
    beginning,
    call,
    calls,
    dialplans,
    health,
    insights,
    live,
    signing_in,
    single_sign_on,
    trying,
    users,
)

PAGES: tuple[Page, ...] = (
    live.PAGE,
    calls.PAGE,
    call.PAGE,
    insights.PAGE,
    beginning.PAGE,  # before the pages of those that have a name
    dialplans.PAGE,
    trying.PAGE,
    health.PAGE,
    users.PAGE,
    audit.PAGE,
    account.PAGE,
    signing_in.PAGE,
    single_sign_on.PAGE,
)
