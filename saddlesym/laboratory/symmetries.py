"""Which exchanges and changes of signs a law respects: declared, read off its text, or found by trying."""

from __future__ import annotations

import random
from collections.abc import Iterator

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.laboratory.conjecture import Conjecture
from saddlesym.laboratory.ensembles import Ensemble
from saddlesym.laboratory.language.evaluation import SYMMETRIES
from saddlesym.theorems.evidence.verdict import Kind

#: Data on which the symmetries of a law in Python are tried.
_TRIES = 60


def symmetries_of(conjecture: Conjecture, seed: int = 1) -> tuple[frozenset[str], str]:
    """The symmetries that a law respects, and how that is known: declared, read off its text, or tried."""
    if conjecture.deep or conjecture.kind is not Kind.EXACT:
        return frozenset(), "none is used"
    if conjecture.symmetries is not None:
        return conjecture.symmetries, "by the text of the law" if conjecture.text else "as declared"
    kept = set(SYMMETRIES)
    ensemble = Ensemble.of("integer", n=(1, 3), d=(1, 3), size=2)
    for problem in _data(ensemble, seed):
        verdict = conjecture.test(problem).verdict
        for one in sorted(kept):
            if conjecture.test(_moved(problem, one, seed)).verdict is not verdict:
                kept.discard(one)
    return frozenset(kept), f"found by trying, on {_TRIES} data sets"


def _data(ensemble: Ensemble, seed: int) -> Iterator[DiagonalProblem]:
    for number in range(_TRIES):
        problem = ensemble.instance(seed, number)
        assert isinstance(problem, DiagonalProblem)
        yield problem


def _moved(problem: DiagonalProblem, symmetry: str, seed: int) -> DiagonalProblem:
    """The data after one exchange or change of signs."""
    rng = random.Random(f"{symmetry}/{seed}/{problem.X}")
    X, y = [list(row) for row in problem.X], list(problem.y)
    n, d = len(X), len(X[0])
    if symmetry == "rows":
        order, signs = rng.sample(range(n), n), [rng.choice((-1, 1)) for _ in range(n)]
        return DiagonalProblem(
            [[signs[k] * x for x in X[k]] for k in order], [signs[k] * y[k] for k in order]
        )
    if symmetry == "columns":
        order = rng.sample(range(d), d)
        return DiagonalProblem([[row[j] for j in order] for row in X], y)
    signs = [rng.choice((-1, 1)) for _ in range(d)]
    return DiagonalProblem([[s * x for s, x in zip(signs, row, strict=True)] for row in X], y)
