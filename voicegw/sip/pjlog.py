"""PJSIP's own log, as debug lines of ours."""

import pjsua2 as pj

from voicegw.log import get_logger

_log = get_logger()


class LogWriter(pj.LogWriter):
    """Called on any of PJSIP's threads."""

    def write(self, entry: pj.LogEntry) -> None:
        """One line."""
        _log.debug("pjsip", level_pjsip=entry.level, text=entry.msg.strip())
