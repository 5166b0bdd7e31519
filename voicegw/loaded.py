"""What a process has loaded and keeps as long as it runs."""

import gc


def keep_loaded() -> None:
    """Have the collector leave alone what is there now, to be called when all is loaded.

    Else a full collection looks through every module: 150 ms for the 250,000 objects of the web process, in the midst
    of a page or of a call from a browser; and in a process that is forked it copies what is shared.
    """
    gc.collect()
    gc.freeze()
