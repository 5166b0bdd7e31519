"""Whether the caller sounds finished: Smart Turn v3.2 by Pipecat (BSD-2), on the last eight seconds of audio."""

from pathlib import Path

import numpy as np
import onnxruntime

from voicegw.audio.mel import BANDS, LogMel
from voicegw.audio.mel import RATE_HZ as MEL_RATE_HZ
from voicegw.audio.resample import resample

FILE = "smart-turn-v3.2-cpu.onnx"
WINDOW_S = 8
FRAMES = WINDOW_S * 100


class SmartTurn:
    """A loaded model.

    :param folder: where the catalogue keeps its file.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(folder / FILE), options)

    def finished(self, pcm: np.ndarray, rate_hz: int) -> float:
        """Probability that the turn is over, 0 to 1, when ``pcm`` (int16 mono) ends with a pause."""
        features = _features(resample(pcm, rate_hz, MEL_RATE_HZ))
        (probability,) = self._session.run(None, {"input_features": features})
        return float(np.asarray(probability).reshape(-1)[0])


def _features(pcm: np.ndarray) -> np.ndarray:
    """Whisper's log-mel of the last eight seconds, silence before them, of samples brought to unit variance.

    The variance is brought in afterwards: a louder signal is the same spectrum plus a constant.
    """
    window = WINDOW_S * MEL_RATE_HZ
    padded = np.concatenate([np.zeros(max(window - len(pcm), 0), np.int16), pcm[-window:]])
    mel = LogMel()
    mel.feed(padded)
    features = mel.features(0)[:, :FRAMES]
    deviation = float(padded.astype(np.float32).std()) / 32768
    return (features - 2 * np.log10(max(deviation, 1e-7)) / 4).reshape(1, BANDS, -1).astype(np.float32)
