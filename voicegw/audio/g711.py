"""Mu-law and A-law, 8 bits a sample (ITU-T G.711), by tables made from its definition."""

import numpy as np

MU_LAW_BIAS = 132
"""G.711 table 2a in 16 bits: 33 of the 14-bit code, times 4."""


def mu_law_decode(code: np.ndarray) -> np.ndarray:
    """Uint8 codes to int16 samples."""
    return MU_LAW_SAMPLES[code]


def mu_law_encode(pcm: np.ndarray) -> np.ndarray:
    """Int16 samples to uint8 codes."""
    return _MU_LAW_CODES[pcm.view(np.uint16)]


def a_law_decode(code: np.ndarray) -> np.ndarray:
    """Uint8 codes to int16 samples."""
    return A_LAW_SAMPLES[code]


def a_law_encode(pcm: np.ndarray) -> np.ndarray:
    """Int16 samples to uint8 codes."""
    return _A_LAW_CODES[pcm.view(np.uint16)]


def _mu_law_samples() -> np.ndarray:
    # Codes go inverted over the line (G.711 table 2a note 2).
    code = ~np.arange(256, dtype=np.uint8)
    segment, step = (code >> 4 & 7).astype(int), (code & 15).astype(int)
    magnitude = ((step << 3) + MU_LAW_BIAS << segment) - MU_LAW_BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _a_law_samples() -> np.ndarray:
    # Even bits go inverted over the line (G.711 table 1a note 2).
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    segment, step = (code >> 4 & 7).astype(int), (code & 15).astype(int)
    magnitude = np.where(segment, (step << 4) + 0x108 << np.maximum(segment - 1, 0), (step << 4) + 8)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _all_int16() -> np.ndarray:
    """Every int16 value in the order of its bits seen as uint16."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(int)


def _mu_law_codes() -> np.ndarray:
    fourteen_bits = _all_int16() >> 2
    magnitude = np.minimum(np.abs(fourteen_bits), 8158) + 33
    segment = np.log2(magnitude).astype(int) - 5
    code = segment << 4 | magnitude >> segment + 1 & 15
    return np.where(fourteen_bits < 0, code ^ 0x7F, code ^ 0xFF).astype(np.uint8)


def _a_law_codes() -> np.ndarray:
    thirteen_bits = _all_int16() >> 3
    magnitude = np.where(thirteen_bits < 0, -thirteen_bits - 1, thirteen_bits)
    segment = np.maximum(np.log2(np.maximum(magnitude, 1)).astype(int) - 4, 0)
    code = segment << 4 | magnitude >> np.maximum(segment, 1) & 15
    return np.where(thirteen_bits < 0, code ^ 0x55, code ^ 0xD5).astype(np.uint8)


MU_LAW_SAMPLES = _mu_law_samples()
A_LAW_SAMPLES = _a_law_samples()
_MU_LAW_CODES = _mu_law_codes()
_A_LAW_CODES = _a_law_codes()
