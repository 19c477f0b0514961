"""Claims are built exactly: a rounded number, or a truth value of Python's making, proves nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from types import FrameType
from typing import Any, TypeVar

import sympy as sp
from sympy.core.sympify import _sympy_converter

from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.proof import ClaimOutcome

Built = TypeVar("Built")

#: SymPy's arithmetic, and what it rounds within for purposes of its own, to give exact answers
_ARITHMETIC = ("sympy.core.", "sympy.strategies.", "sympy.matrices.")
_INTERNAL = ("sympy.core.evalf", "sympy.core.assumptions", "sympy.core.relational", "sympy.core.sorting")
#: SymPy's Boolean functions, from the call to the conversion of an argument
_BOOLEAN = ("sympy.core.sympify", "sympy.core.operations", "sympy.core.function", "sympy.core.cache",
            "sympy.logic.boolalg")  # fmt: skip


class NotExactError(NotImplementedError):
    """A claim whose expressions were rounded or decided while they were built."""


def exactly(build: Callable[[], Built]) -> Built:
    """What a claim is about, built under watch.

    A float may cancel before anyone sees the expression, as in ``big·A + A − big·A``, and
    ``x**2 != x`` is Python's True, whatever x is, before SymPy or z3 sees a formula.

    Raises:
        NotExactError: a float took part in it, or a truth value stands where a formula should.

    >>> A = sp.MatrixSymbol("A", 2, 2)
    >>> exactly(lambda: 2 * A - A)
    A
    >>> big = sp.Float(10) ** 30
    >>> exactly(lambda: big * A + A - big * A)
    Traceback (most recent call last):
    ...
    saddlesym.theorems.claims.exactness.NotExactError: a rounded number took part in building the claim
    """
    with _watched() as seen:
        built = build()
    if seen:
        raise NotExactError(f"{seen[0]} took part in building the claim")
    return built


def inexact(*exprs: Any) -> ClaimOutcome | None:
    """UNDECIDED if a float or a truth value of Python's occurs in one of the expressions, else None.

    >>> x = sp.Symbol("x")
    >>> inexact(x + sp.Rational(1, 2)) is None, inexact(x + 0.5).verdict, inexact(x**2 != x).verdict
    (True, <Verdict.UNDECIDED: 'UNDECIDED'>, <Verdict.UNDECIDED: 'UNDECIDED'>)
    """
    for expr in exprs:
        if isinstance(expr, bool):
            return ClaimOutcome(
                Verdict.UNDECIDED, f"Python has evaluated a formula to {expr}: use Eq, Ne, And, Or"
            )
        if sp.sympify(expr).has(sp.Float):
            return ClaimOutcome(Verdict.UNDECIDED, f"a rounded number occurs in {expr!s:.80}")
    return None


@contextmanager
def _watched() -> Iterator[list[str]]:
    """A list of what this thread makes meanwhile and must not: floats, and truth values in formulas."""
    seen: list[str] = []
    thread, new, convert = get_ident(), sp.Float.__dict__["_new"], _sympy_converter[bool]

    def watched_new(cls: Any, *arguments: Any, **options: Any) -> Any:
        if get_ident() == thread and _called_through(_ARITHMETIC, _INTERNAL):
            seen.append("a rounded number")
        return new.__func__(cls, *arguments, **options)

    def watched_convert(value: bool) -> Any:
        if get_ident() == thread and _called_through(_BOOLEAN):
            seen.append("a truth value of Python's")
        return convert(value)

    sp.Float._new, _sympy_converter[bool] = classmethod(watched_new), watched_convert
    try:
        yield seen
    finally:
        sp.Float._new, _sympy_converter[bool] = new, convert


def _called_through(modules: tuple[str, ...], never: tuple[str, ...] = ()) -> bool:
    """Whether code that is not SymPy's came here through these modules alone."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith("sympy."):
            return True
        if module in never or not module.startswith(modules):
            return False
        frame = frame.f_back
    return False
