"""What is loaded at the start is no work for the collector later."""

import gc

from voicegw.loaded import keep_loaded


def test_what_is_there_is_left_alone_by_the_collector():
    loaded = [{"a module's": [name]} for name in range(1000)]
    keep_loaded()
    try:
        watched = gc.get_objects()
        assert not any(each is loaded[0] for each in watched)
        assert gc.get_freeze_count() > len(loaded)
    finally:
        gc.unfreeze()
