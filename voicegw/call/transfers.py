"""Why a person could not be reached, in words that a dialplan can ask for: ``handoff_failed is busy``."""

BUSY = (486, 600)
NO_ANSWER = (408, 480, 487)
UNKNOWN = (404, 410, 484, 485, 604)
REASONS = ("busy", "no_answer", "refused", "unreachable")


def why(sip_status: int) -> str:
    """One of ``REASONS``, of the status that ended the attempt (RFC 3261 §21)."""
    if sip_status in BUSY:
        return "busy"
    if sip_status in NO_ANSWER:
        return "no_answer"
    if sip_status in UNKNOWN or (sip_status >= 500 and sip_status != 603):
        return "unreachable"
    return "refused"
