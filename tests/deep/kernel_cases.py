"""Verdicts, ranks and counts of everything that floats propose or help to decide, as JSON.

Run by test_kernels.py under several kernels of OpenBLAS, whose results differ in their last digits.  An
argument is the size of a relative noise that is planted in all of numpy's decompositions besides.
"""

from __future__ import annotations

import json
import random
import sys
from fractions import Fraction

import numpy as np

from saddlesym import DeepLinearProblem, DiagonalProblem, errors, flow, saddle_path
from saddlesym.deep.escape import escape
from saddlesym.deep.experiments.distances import distances
from saddlesym.deep.experiments.initialisation import initialisation_study
from saddlesym.deep.flow.graded_flow import graded_flow
from saddlesym.deep.greedy.path import greedy_path
from saddlesym.deep.greedy.prediction import predict_jump_times

whitened, completion = DeepLinearProblem.whitened, DeepLinearProblem.matrix_completion


def planted(size):
    """numpy with decompositions as good as those of another library with errors of this size."""
    rng = np.random.default_rng(20)

    def shaken(array):
        array = np.asarray(array, dtype=float)
        return array + size * np.abs(array).max(initial=0.0) * rng.uniform(-1, 1, array.shape)

    for name in ("svd", "eigh", "eigvalsh", "qr", "solve", "lstsq", "pinv", "norm"):
        before = getattr(np.linalg, name)
        setattr(np.linalg, name, lambda a, *more, _f=before, **named: _f(shaken(a), *more, **named))


def orthogonal(n, rng):
    """A rational orthogonal matrix that no kernel multiplies exactly: a product of reflections."""
    out = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    for _ in range(2):
        v = [Fraction(rng.randint(1, 9) * rng.choice((-1, 1))) for _ in range(n)]
        square = sum(x * x for x in v)
        out = [
            [
                a - 2 * sum(x * y for x, y in zip(row, v, strict=True)) * w / square
                for a, w in zip(row, v, strict=True)
            ]
            for row in out
        ]
    return out


def target(values, rng):
    """A matrix with these singular values, repeated, tiny or zero as they may be."""
    n = len(values)
    U, V = orthogonal(n, rng), orthogonal(n, rng)
    scaled = [[x * Fraction(s) for x, s in zip(row, values, strict=True)] for row in U]
    return [[sum(a * b for a, b in zip(row, c, strict=True)) for c in zip(*V, strict=True)] for row in scaled]


#: Twenty kinds of problems in which rounding could decide: values, depth, alpha, end, kind of start.
SPECTRA = [
    ("2 1", 2, "1e-40", None), ("2 2", 2, "1e-30", None), ("3 0", 2, "1e-60", None),
    ("2 1e-13", 2, "1e-40", "1"), ("1 1 0", 2, "1e-25", None), ("2 1 1e-20", 2, "1e-200", "2"),
    ("3 1 0", 2, "1e-12", None), ("2 1", 2, "1e-3", None), ("1 1 1", 2, "1e-50", None),
    ("3 3 1", 2, "1e-20", "1/2"), ("2 1", 3, "1e-18", "1/2"), ("3 1", 3, "1e-25", "1/4"),
    ("2 0", 3, "1e-2", None), ("1 1", 3, "1e-2", None), ("3 1 0", 3, "1e-30", "1/10"),
    ("2 1", 4, "1e-12", "1/5"), ("2 1e-9", 3, "2e-2", "1/2"), ("3 2", 4, "1e-25", "1/20"),
    ("2 1 1e-18", 2, "1e-100", None), ("2 2 1e-12", 2, "1e-30", "1"),
]  # fmt: skip


def followed(values, depth, alpha, end, seed, thin=False):
    rng = random.Random(seed)
    A = target(values.split(), rng)
    start = None
    if thin:  # one hidden unit that never moves
        n = len(A)
        start = [
            [[rng.randint(1, 9) if i < n - 1 else 0 for _ in range(n)] for i in range(n)]
            for _ in range(depth)
        ]
        start[-1] = [[x if j < n - 1 else 0 for j, x in enumerate(row)] for row in start[-1]]
        start[-1][n - 1][0] = 1
    found = flow(
        whitened(A, depth=depth), alpha, digits=6, until=end, direction=start, seed=seed, max_steps=3000
    )
    return [
        found.ranks,
        found.steps,
        found.settled,
        [str(t) for t in found.times()],
        found.to_dict()["plateaus"],
    ]


def greedy(problem):
    path = greedy_path(problem, digits=12)
    return [path.ranks, path.stopped, *([s.certified, s.isolated, s.is_minimum] for s in path.steps)]


def predicted(problem):
    found = predict_jump_times(problem, digits=12)
    return [[f"{t:.7f}" for t in found.times], found.follows_greedy, [j.block for j in found.jumps]]


def graded(problem):
    found = graded_flow(problem, "1e-60", until=6)
    return [[[j.rank, f"{j.time:.8f}", f"{j.onset:.7f}"] for j in found.jumps], found.settled]


def near(values):
    """The greedy path where the target is nearly of lower rank, or its values nearly repeated."""
    return greedy(whitened(target(values.split(), random.Random(5))))


def initialised(A, depth):
    study = initialisation_study(
        A, depth=depth, gammas=[1.5], widths=[2**k for k in (40, 50, 60, 70, 80)], samples=2
    )
    return [[fit.quantity, fit.bound, fit.agrees] for fit in study.fits]


def saddle_rank(values):
    rng = np.random.default_rng(3)
    A = np.array([[float(x) for x in row] for row in target(values.split(), random.Random(2))])
    return distances([rng.standard_normal((5, len(A))), rng.standard_normal((len(A), 5))], A).saddle_rank


def diagonal(seed):
    rng = random.Random(seed)
    X = [[rng.randint(-3, 3) for _ in range(6)] for _ in range(4)]
    return saddle_path(DiagonalProblem(X, [rng.randint(1, 5) for _ in range(4)])).to_dict()


def cases():
    for k, case in enumerate(SPECTRA):
        yield f"flow {case}", lambda k=k, case=case: followed(*case, seed=k)
    for depth, alpha in ((2, "1e-40"), (3, "1e-2")):
        yield (
            f"thin {depth}",
            lambda depth=depth, alpha=alpha: followed("3 2 1", depth, alpha, None, 7, thin=True),
        )
    yield "masked flow", lambda: flow(MASKED, "1e-6", digits=6).ranks
    for name, problem in PROBLEMS.items():
        yield f"greedy {name}", lambda p=problem: greedy(p)
        yield f"predicted {name}", lambda p=problem: predicted(p)
        yield f"graded {name}", lambda p=problem: graded(p)
        yield f"escape {name}", lambda p=problem: escape(p).to_dict(12)
    for name, problem in OWN_RANK.items():
        yield f"graded {name}", lambda p=problem: graded(p)
    for values in (
        "1 1e-8",
        "1 1e-7",
        "1 1e-9",
        "3 1e-7 1e-7",
        "2 1 1",
        "2 1e-3 0.000999999999",
        "2 1e-7 0.99999999e-7",
    ):
        yield f"near {values}", lambda v=values: near(v)
    for values in ("1 1", "2 1e-12", "2 1e-11", "2 1e-14", "2 1 1", "3 0 0"):
        yield f"saddle rank {values}", lambda v=values: saddle_rank(v)
    yield "initialisation 2", lambda: initialised([[2, 0], [0, 1]], 2)
    yield "initialisation 3", lambda: initialised([[2]], 3)
    for seed in range(6):
        yield f"path {seed}", lambda seed=seed: diagonal(seed)


MASKED = completion([[1, 2, 3], [2, 4, 5], [1, 0, 1]], [[1, 1, 0], [1, 1, 1], [0, 1, 1]])
#: Masks on which a flow from a small start meets a saddle unstable within its own rank.
OWN_RANK = {
    "3x3": completion([[3, 0, -2], [2, 2, -2], [-1, -3, 0]], [[0, 0, 1], [1, 1, 0], [1, 1, 1]]),
    "of rank two": completion([[2, 3, -3], [-1, 2, 0], [-2, 3, -3]], [[1, 1, 1], [0, 1, 1], [1, 1, 1]]),
    "of ranks one and two": completion(
        [[0, 3, 0], [2, 2, -3], [0, 0, -1]], [[0, 1, 1], [1, 0, 1], [1, 1, 1]]
    ),
    "slow": completion([[2, 0, -2], [2, 0, 3], [-2, -1, 2]], [[0, 1, 0], [0, 1, 1], [0, 1, 0]]),
    "chain": completion([[0, 3, -2], [2, 1, -3], [-1, 3, 0]], [[1, 1, 1], [1, 0, 0], [1, 0, 1]]),
    "left in time": completion([[-2, 0, -1], [-2, -1, -2], [0, 0, 1]], [[1, 1, 0], [0, 1, 1], [1, 0, 1]]),
}
PROBLEMS = {
    "generic": whitened([[3, 1, 0], [1, 2, -1], [0, 0, 1]]),
    "completion": DeepLinearProblem.from_csv("completion-3x3"),
    "masked": MASKED,
    "symmetric": completion([[0, 1, 1], [1, 0, 1], [1, 1, 0]], [[0, 1, 1], [1, 0, 1], [1, 1, 0]]),
    "repeated": whitened([[0, 2], [2, 0]]),
    "blocks": whitened([[2, 0, 0], [0, 1, 1], [0, 1, -1]]),
    "runs off": completion([[-2, 2, 1], [-3, 1, -2], [0, -1, -2]], [[0, 1, 0], [1, 1, 1], [0, 1, 1]]),
}


def told(case):
    try:
        return case()
    except errors.SaddlesymError as error:
        return [type(error).__name__, str(error).split(":")[0][:40]]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        planted(float(sys.argv[1]))
    print(json.dumps({name: told(case) for name, case in cases()}))
