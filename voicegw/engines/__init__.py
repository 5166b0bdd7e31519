"""Engine roles as protocols: hearing (stt, vad), speaking (tts), deciding (llm, embed).

One protocol per role, as few methods as it can have. Providers live in ``engines/providers``, one vendor and
role per file; ``engines/registry.py`` makes them from settings. Retry, fallback, caching and metrics wrap an
engine, they are not inherited.

Audio everywhere is mono ``numpy.ndarray`` of ``int16`` with its rate in the name or beside it.
"""
