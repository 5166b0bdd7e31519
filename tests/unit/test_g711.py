"""G.711 is the one on every phone line."""

import numpy as np
import pytest

from voicegw.audio import g711

ALL = np.arange(65536, dtype=np.uint16).view(np.int16)
CODES = np.arange(256, dtype=np.uint8)
LAWS = [(g711.mu_law_encode, g711.mu_law_decode), (g711.a_law_encode, g711.a_law_decode)]


@pytest.mark.parametrize(("encode", "decode"), LAWS)
def test_every_code_survives_decoding_and_encoding(encode, decode):
    back = encode(decode(CODES))
    # Mu-law has two zeros; the positive one is sent.
    assert set(CODES[back != CODES].tolist()) <= {0x7F}


@pytest.mark.parametrize(("encode", "decode"), LAWS)
def test_speech_is_kept_within_one_thirtieth(encode, decode):
    loud = ALL[np.abs(ALL.astype(int)) > 1000]
    loud = loud[np.abs(loud.astype(int)) < 32000]
    assert np.abs(decode(encode(loud)).astype(int) - loud).max() <= np.abs(loud.astype(int)).max() / 30


def test_known_codes_of_the_standard():
    # G.711 tables 1a, 2a: the character signals of the positive and negative ends and of zero.
    assert g711.mu_law_decode(np.array([0x80, 0x00, 0xFF], np.uint8)).tolist() == [32124, -32124, 0]
    assert g711.a_law_decode(np.array([0xAA, 0x2A, 0xD5], np.uint8)).tolist() == [32256, -32256, 8]
    assert g711.mu_law_encode(np.array([0], np.int16)).tolist() == [0xFF]
