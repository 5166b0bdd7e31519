"""Ridge logistic regression, one against the rest, for few rows and many columns. Deterministic, numpy alone."""

from dataclasses import dataclass

import numpy as np

from voicegw.nlu.arrays import Array, sigmoid

STEPS = 120
RIDGE = 0.01
"""Weight of the squared coefficients (1/C)."""


@dataclass(frozen=True)
class Logistic:
    """Coefficients of one model per class."""

    weights: Array
    """``[columns, classes]``."""
    offsets: Array
    """``[classes]``."""

    def margins(self, rows: Array) -> Array:
        """Log odds, ``[rows, classes]``."""
        return np.asarray(rows @ self.weights + self.offsets)


def fit(rows: Array, labels: Array) -> Logistic:
    """Fit all classes at once.

    The curvature of the loss is at most a quarter of the rows' Gram matrix (Böhning 1992), the same for every class:
    one inverse serves all steps, which are accelerated as in Nesterov 1983.

    :param rows: ``[samples, columns]``; work is cubic in samples, not in columns.
    :param labels: 0 or 1, ``[samples, classes]``.
    """
    values, basis = np.linalg.eigh((rows @ rows.T).astype(np.float64))
    kept = values > 1e-8
    lengths = np.sqrt(values[kept])
    samples = np.hstack([basis[:, kept] * lengths, np.ones((len(rows), 1))])
    ridge = np.append(np.full(int(kept.sum()), RIDGE), 1e-3)
    step = np.linalg.inv(samples.T @ samples / 4 + np.diag(ridge))
    point = ahead = np.zeros((samples.shape[1], labels.shape[1]))
    for k in range(STEPS):
        slope = samples.T @ (sigmoid(samples @ ahead) - labels) + ridge[:, None] * ahead
        moved = ahead - step @ slope
        point, ahead = moved, moved + k / (k + 3) * (moved - point)
    weights = rows.T @ ((basis[:, kept] / lengths) @ point[:-1])
    return Logistic(weights.astype(np.float32), point[-1].astype(np.float32))
