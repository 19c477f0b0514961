"""Random deep linear networks of any hidden width, in the few hidden directions that count.

A Gaussian matrix looks the same in every orthonormal basis.  So the bases of the hidden
layers may be chosen as the matrices are drawn: the images of the inputs under W_1 come first
in the first hidden layer, the images of these under W_2 in the second, the images of the outputs
under the transposes from above, and then, sweep after sweep, the images of those directions
back and forth.  In such a basis a matrix with w rows is a triangle of χ's and normal numbers
(Bartlett; the bidiagonal form of Golub and Kahan where there is one input and no output), and
only the numbers of degrees of freedom know w.  Thus a network of 2⁶⁴ hidden neurons costs as
much as one of sixteen, and its law is exact, not asymptotic.

What is left out are hidden directions that W_1, …, W_L meet only after more sweeps.  A step
inside those drawn is a step of the whole network: A_θ, norms of steps and critical points are
those of the whole network.  For two layers nothing is left out that A_θ and its derivatives see.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.values import ByValue

Array = NDArray[np.float64]

#: ‖W‖ > √a + √b + t for a Gaussian a × b matrix with a probability below exp(−t²/2) = 2e-11.
_TAIL = 7.0
#: With so many hidden directions in a layer no further sweep is made: beyond three layers they multiply.
_ENOUGH = 30


@dataclass(frozen=True, eq=False, repr=False)
class WideNetwork(ByValue, Documented):
    """A draw of (W_1, …, W_L) with i.i.d. normal entries.

    Attributes:
        layers: the layers between the hidden directions drawn.
        norms: an upper bound of the operator norm of each layer: its norm where nothing is left
            out, else one that fails with a probability below 2e-11.
    """

    layers: tuple[Array, ...]
    norms: tuple[float, ...]

    def scaled(self, factor: float) -> tuple[list[Array], list[float]]:
        """Layers and norms times a number."""
        return [factor * w for w in self.layers], [factor * norm for norm in self.norms]

    def __repr__(self) -> str:
        met = [len(w) for w in self.layers[:-1]]
        return f"WideNetwork({len(self.layers)} layers, hidden directions {met})"


def wide_network(
    target_shape: tuple[int, int], width: int, depth: int, generator: np.random.Generator, sweeps: int = 3
) -> WideNetwork:
    """Draw a network of standard normal weights, in the hidden directions met within some sweeps.

    Args:
        target_shape: (n_L, n_0).
        width: hidden width w of all hidden layers, of any size.
        depth: L.
        generator: of the normal numbers.
        sweeps: how often directions are followed up and down the network; less often where a
            layer has more than 30 of them already.

    Raises:
        BadInputError: sides, width or sweeps below 1, or fewer than two layers.

    >>> net = wide_network((2, 3), 2**64, 2, np.random.default_rng(0))
    >>> net, round(float(np.linalg.norm(net.layers[0])) / 2**32, 6) == round(3**0.5, 6)
    (WideNetwork(2 layers, hidden directions [5]), True)
    """
    n_out, n_in = target_shape
    if min(n_out, n_in, width, sweeps) < 1 or depth < 2:
        raise BadInputError(
            f"shape {n_out} x {n_in}, width {shown(width)}, depth {depth}, {sweeps} sweeps",
            needed="one at least of each, and two layers",
        )
    drawn = _Drawn([n_in, *[width] * (depth - 1), n_out], generator)
    for sweep in range(sweeps):
        if sweep and max(len(w) for w in drawn.layers[:-1]) > _ENOUGH:
            break
        for k in range(depth):
            drawn.upwards(k)
        for k in reversed(range(depth)):
            drawn.downwards(k)
    return WideNetwork(tuple(drawn.layers), tuple(drawn.norm(k) for k in range(depth)))


class _Drawn:
    """Layers between the directions met so far, layer k from the space k to the space k + 1.

    Every entry is drawn.  The first ``columns[k]`` columns of layer k have no part outside
    the directions met above it, the first ``rows[k]`` rows none outside those below it.
    """

    def __init__(self, sizes: list[int], generator: np.random.Generator) -> None:
        self.sizes, self.generator = sizes, generator
        met = [sizes[0], *[0] * (len(sizes) - 2), sizes[-1]]
        self.layers = [generator.standard_normal((b, a)) for a, b in pairwise(met)]
        self.columns = [0] * len(self.layers)
        self.rows = [0] * len(self.layers)

    def upwards(self, k: int) -> None:
        """Meet the images of the directions below layer k."""
        layer, met = self.layers[k], self.columns[k]
        fresh = self._triangle(self.sizes[k + 1] - layer.shape[0], layer.shape[1] - met)
        self.layers[k] = np.vstack([layer, np.hstack([np.zeros((len(fresh), met)), fresh])])
        self.columns[k] = layer.shape[1]
        if len(fresh):
            above, known = self.layers[k + 1], self.rows[k + 1]
            new = self.generator.standard_normal((above.shape[0], len(fresh)))
            new[:known] = 0.0
            self.layers[k + 1] = np.hstack([above, new])

    def downwards(self, k: int) -> None:
        """Meet the images of the directions above layer k under its transpose."""
        layer, met = self.layers[k], self.rows[k]
        fresh = self._triangle(self.sizes[k] - layer.shape[1], layer.shape[0] - met).T
        self.layers[k] = np.hstack([layer, np.vstack([np.zeros((met, fresh.shape[1])), fresh])])
        self.rows[k] = layer.shape[0]
        if fresh.shape[1]:
            below, known = self.layers[k - 1], self.columns[k - 1]
            new = self.generator.standard_normal((fresh.shape[1], below.shape[1]))
            new[:, :known] = 0.0
            self.layers[k - 1] = np.vstack([below, new])

    def _triangle(self, rows: int, columns: int) -> Array:
        """R in the QR decomposition of a Gaussian matrix of as many rows and columns."""
        size = min(rows, columns)
        out = np.triu(self.generator.standard_normal((size, columns)), 1)
        freedom = [float(rows - i) for i in range(size)]
        out[range(size), range(size)] = np.sqrt(2 * self.generator.standard_gamma(np.array(freedom) / 2))
        return out

    def norm(self, k: int) -> float:
        """An upper bound of the operator norm of layer k."""
        layer = self.layers[k]
        inside = float(np.linalg.norm(layer, 2))
        if self.columns[k] == self.sizes[k] or self.rows[k] == self.sizes[k + 1]:
            return inside
        return max(inside, sqrt(self.sizes[k]) + sqrt(self.sizes[k + 1]) + _TAIL)
