"""Pages, a module each; ``PAGES`` is all of them, in the order of the navigation.

To add one: a module here with ``PAGE = Page(router, Nav(...))`` whose routes take
``who: Annotated[Who, Depends(needs(Role.…))]`` and answer ``render(request, "NAME.html", {...}, who=who)``, a
template that extends ``frame.html``, and its line below.
"""

from voicegw.web.page import Page
from voicegw.web.pages import account, audit, calls, health, signing_in, users

PAGES: tuple[Page, ...] = (calls.PAGE, health.PAGE, users.PAGE, audit.PAGE, account.PAGE, signing_in.PAGE)
