"""The result types of a saddle path: jumps, and the piecewise-constant trajectory.

All times are accelerated times ``t = T / ln(1/α)``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, Literal, overload

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.documents.results import Documented, Fields, entry, read
from saddlesym.exact.forms import MisfitError
from saddlesym.exact.scalars import rational, to_fmpq
from saddlesym.exact.text import abbreviated, decimal_string, exact_string
from saddlesym.exact.values import at_times
from saddlesym.exact.vectors import RationalVector, to_mpf, to_sympy
from saddlesym.grids import Cell, Displayed, Drawn, Grid, Math, Name, Piece, Rounded


@dataclass(frozen=True)
class Hit(Documented):
    """A dual coordinate that reached its bound: why a jump happened.

    Attributes:
        coordinate: index (0-based).
        bound: +1 or −1.
    """

    coordinate: int
    bound: int


@dataclass(frozen=True)
class Jump(Documented):
    """One jump of the limiting trajectory, and the saddle it leads to.

    Attributes:
        time: accelerated time t of the jump.
        beta: the saddle held from this time on (d).
        dual: s at this time (d), ``|s_i| ≤ 1``.
        gradient: ∇L(β) at the new saddle (d); s moves along its negative.
        loss: L(β) at the new saddle.
        hits: the coordinates with non-zero gradient whose s reached ±1.
        entered: indices that became non-zero.
        left: indices that became zero.
        flipped: the entered ones that had been active before, with the other sign.
        separator: certificate of uniqueness of β where independence of columns
            does not give it (see SignConstrainedMinimiser).
    """

    time: Fraction
    beta: RationalVector
    dual: RationalVector
    gradient: RationalVector
    loss: Fraction
    hits: tuple[Hit, ...]
    entered: tuple[int, ...]
    left: tuple[int, ...]
    flipped: tuple[int, ...]
    separator: RationalVector | None = field(default=None, repr=False)

    @property
    def support(self) -> tuple[int, ...]:
        """Indices of the active set after the jump."""
        return self.beta.support()

    def event(self, names: Sequence[str]) -> tuple[Piece, ...]:
        """What the jump does, in words.

        Args:
            names: of the d columns.
        """
        signs, out = self.beta.signs(), list[Piece]()
        for i in self.entered:
            verb = "returns with the other sign" if i in self.flipped else "enters"
            out += [", " if out else "", Name(names[i]), f" {verb} ({'+' if signs[i] > 0 else '−'})"]
        for i in self.left:
            out += [", " if out else "", Name(names[i]), " leaves"]
        return tuple(piece for piece in out if piece)

    def sympy(self) -> dict[str, Any]:
        """Time, saddle, dual and loss as exact SymPy objects, by name."""
        return {
            "time": to_sympy(self.time),
            "beta": self.beta.sympy(),
            "dual": self.dual.sympy(),
            "loss": to_sympy(self.loss),
        }

    def to_dict(self, digits: int = 30, *, exact: bool = True) -> dict[str, Any]:
        """JSON-ready, numbers as strings; indices are 0-based.

        Args:
            digits: see :meth:`entry`.
            exact: see there; what is rounded is not read back.
        """
        kind = {"kind": self._kind if exact else f"rounded {self._kind}"}
        gradient = {"gradient": self.gradient.strings()} if exact else {}
        return kind | self.entry(digits, exact=exact) | gradient

    def entry(self, digits: int = 30, *, exact: bool = True) -> dict[str, Any]:
        """The jump within the document of a path, whose data give the gradient.

        Args:
            digits: of ``time_decimal``, and of all numbers if they are rounded.
            exact: fractions with all their digits; else everything is rounded to decimals.
        """
        write: Any = exact_string if exact else partial(decimal_string, digits=digits)
        vector: Any = RationalVector.strings if exact else partial(RationalVector.decimals, digits=digits)
        out: dict[str, Any] = {
            "time": write(self.time),
            "time_decimal": decimal_string(self.time, digits),
            "beta": vector(self.beta),
            "dual": vector(self.dual),
            "loss": write(self.loss),
            "hit": [[hit.coordinate, hit.bound] for hit in self.hits],
            "entered": list(self.entered),
            "left": list(self.left),
            "flipped": list(self.flipped),
        }
        if self.separator is not None:
            out["separator"] = vector(self.separator)
        return out

    @classmethod
    def _read(cls, given: Fields, gradient: Callable[[RationalVector], Iterable[Any]] | None = None) -> Jump:
        beta = given("beta", RationalVector)
        pairs = given("hit", tuple[tuple[int, Literal[-1, 1]], ...], ())
        slope = given("gradient", RationalVector) if gradient is None else RationalVector.of(gradient(beta))
        return cls(
            time=given("time", Fraction),
            beta=beta,
            dual=given("dual", RationalVector),
            gradient=slope,
            loss=given("loss", Fraction),
            hits=tuple(Hit(*pair) for pair in pairs),
            entered=given("entered", tuple[int, ...]),
            left=given("left", tuple[int, ...]),
            flipped=given("flipped", tuple[int, ...]),
            separator=given("separator", RationalVector | None, None),
        )

    def __repr__(self) -> str:
        changes = " ".join(
            f"{sign}{','.join(map(str, group))}"
            for sign, group in (("+", self.entered), ("-", self.left))
            if group
        )
        return f"Jump(t={abbreviated(self.time)}, {changes}, beta={self.beta!r})"


@dataclass(frozen=True)
class L1Certificate(Documented):
    """Proof that a global minimiser of L has the smallest ℓ1 norm among them.

    With ``s = Mc``, ``‖s‖_∞ ≤ 1`` and ``sᵀβ = ‖β‖₁``, every b with ``Mb = r`` has
    ``‖b‖₁ ≥ sᵀb = cᵀr = sᵀβ = ‖β‖₁`` (PF23; duality of basis pursuit).

    Attributes:
        combination: c (d).
        dual: s (d).
        l1_norm: ‖β‖₁.
    """

    combination: RationalVector
    dual: RationalVector
    l1_norm: Fraction


@dataclass(frozen=True)
class SaddlePath(Displayed, Drawn, Documented):
    """The limiting trajectory of a diagonal linear network, exact.

    Attributes:
        problem: the problem it belongs to.
        jumps: in order of time; the initial saddle β = 0 at t = 0 is not listed.
        complete: whether the last saddle is a global minimum.
        horizon: the time up to which the path is known; None when complete.
        certificate: minimality of the ℓ1 norm at the end; None when not complete.
    """

    problem: DiagonalProblem
    jumps: tuple[Jump, ...]
    complete: bool
    horizon: Fraction | None = None
    certificate: L1Certificate | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """The number of jumps."""
        return len(self.jumps)

    def __bool__(self) -> bool:
        """True: a path is there even if nothing jumps."""
        return True

    def __iter__(self) -> Iterator[Jump]:
        """The jumps in order of time."""
        return iter(self.jumps)

    @overload
    def __getitem__(self, k: int) -> Jump: ...
    @overload
    def __getitem__(self, k: slice) -> tuple[Jump, ...]: ...
    def __getitem__(self, k: int | slice) -> Jump | tuple[Jump, ...]:
        """The jump of this index (from 0), or several by a slice."""
        return self.jumps[k]

    @property
    def final(self) -> RationalVector:
        """The last saddle (d); zero when there was no jump."""
        return self.jumps[-1].beta if self.jumps else _zero(self.problem.d)

    def times(self, dps: int | None = None) -> list[Any]:
        """Jump times: Fractions, or mpmath numbers with ``dps`` digits."""
        return [j.time if dps is None else to_mpf(j.time, dps) for j in self.jumps]

    def saddles(self, dps: int | None = None) -> list[Any]:
        """The saddles after each jump: exact vectors, or lists of mpmath numbers."""
        return [j.beta if dps is None else j.beta.mpf(dps) for j in self.jumps]

    def _dwell(self, t: Any) -> tuple[Fraction, int]:
        time = rational(t)
        if time < 0:
            raise BadInputError(f"time {shown(t)} is negative", needed="an accelerated time t >= 0")
        if self.horizon is not None and time > self.horizon:
            raise BadInputError(
                f"time {shown(t)} lies beyond the computed path",
                needed=f"t <= {abbreviated(self.horizon)}",
                hint="compute the path further",
            )
        return time, bisect_right([jump.time for jump in self.jumps], time) - 1

    def beta(self, t: Any, *, numpy: bool = False) -> Any:
        """The saddle (d) held at accelerated time t; at a jump time, the new one.

        Args:
            t: one time, or a list or an array of them, which gives as many saddles.
            numpy: a float array, (d) or (times × d), in place of exact vectors.

        Raises:
            BadInputError: a time is negative, or beyond the computed path; so for all that take times.
        """
        return at_times(self._beta, t, numpy)

    def _beta(self, t: Any) -> RationalVector:
        _, k = self._dwell(t)
        return self.jumps[k].beta if k >= 0 else _zero(self.problem.d)

    def dual(self, t: Any, *, numpy: bool = False) -> Any:
        """s (d) at accelerated time t, or at each of several (see :meth:`beta`).

        It moves along −∇L(β) on each dwell.
        """
        return at_times(self._dual, t, numpy)

    def _dual(self, t: Any) -> RationalVector:
        time, k = self._dwell(t)
        if k >= 0:
            start, dual, slope = self.jumps[k].time, self.jumps[k].dual, self.jumps[k].gradient
        else:
            start, dual = Fraction(0), _zero(self.problem.d)
            slope = self.problem.gradient(dual)
        column = dual.column() - slope.column() * to_fmpq(time - start)
        return RationalVector.of(column.entries())

    def loss(self, t: Any, *, numpy: bool = False) -> Any:
        """L(β) at accelerated time t, or at each of several (see :meth:`beta`)."""
        return at_times(self._loss, t, numpy)

    def _loss(self, t: Any) -> Fraction:
        _, k = self._dwell(t)
        return self.jumps[k].loss if k >= 0 else self.problem.loss(_zero(self.problem.d))

    def sympy(self) -> list[dict[str, Any]]:
        """Every jump as exact SymPy objects (see :meth:`Jump.sympy`)."""
        return [jump.sympy() for jump in self.jumps]

    def to_dict(self, digits: int = 30, *, exact: bool = True) -> dict[str, Any]:
        """The path with its data as one JSON-ready document; read by ``saddlesym check``.

        Args:
            digits: see :meth:`Jump.to_dict`.
            exact: else numbers are rounded, which makes long paths short and leaves nothing to check.
        """
        document = self.document(digits, exact=exact)
        document["jumps"] = [jump.entry(digits, exact=exact) for jump in self.jumps]
        return document

    def document(self, digits: int = 30, *, exact: bool = True) -> dict[str, Any]:
        """The document of :meth:`to_dict` without its jumps, to be written one by one."""
        document: dict[str, Any] = {
            "kind": "saddle path" if exact else "rounded saddle path",
            "features": list(self.problem.feature_names),
            "jumps": [],
            "complete": self.complete,
            "horizon": None if self.horizon is None else exact_string(self.horizon),
        }
        if not exact:
            document["digits"] = digits
        elif self.certificate is not None:
            document["certificate"] = entry(self.certificate)
        document["problem"] = self.problem.data_document()
        return document

    @property
    def exact_size(self) -> int:
        """About how many characters the exact numbers of the jumps take."""
        digits = (3 * (j.beta.bits * len(j.support) + j.dual.bits * self.problem.d) // 5 for j in self.jumps)
        return sum(digits) + 12 * self.problem.d * len(self.jumps)

    @classmethod
    def from_dict(
        cls,
        document: Any,
        problem: DiagonalProblem | None = None,
        gradient: Callable[[RationalVector], Iterable[Any]] | None = None,
    ) -> SaddlePath:
        """Read a document back, as a claim that nothing has checked yet; :func:`saddlesym.certify` does.

        Args:
            document: of :meth:`to_dict`.
            problem: the data; default those in the document.
            gradient: ∇L, which documents do not hold; by default that of ``problem``.

        Raises:
            BadInputError: a field is missing, of the wrong kind or out of range.
            BudgetError: numbers that do not fit into memory.
        """
        path: SaddlePath = read(cls, document, problem=problem, gradient=gradient)
        return path

    @classmethod
    def _read(
        cls,
        given: Fields,
        problem: DiagonalProblem | None = None,
        gradient: Callable[[RationalVector], Iterable[Any]] | None = None,
    ) -> SaddlePath:
        if problem is None:
            names = given("features", tuple[str, ...] | None, None)
            problem = given.one("problem", DiagonalProblem, feature_names=names)
        complete, horizon = given("complete", bool, True), given("horizon", Fraction | None, None)
        if complete == (horizon is not None):
            raise MisfitError(complete, "complete without a horizon, or a horizon", "has complete")
        jumps = given.each("jumps", Jump, gradient=gradient or problem.gradient)
        return cls(problem, jumps, complete, horizon, given("certificate", L1Certificate | None, None))

    def grid(self, limit: int | None = None) -> Grid:
        """One row per saddle: when it is reached, what happens, how many columns are active, its loss."""
        first = (
            0,
            Rounded(Fraction(0)),
            ("start at ", Math(r"\beta = 0", "β = 0")),
            0,
            Rounded(self.loss(0)),
        )
        rows: list[tuple[Cell, ...]] = [first] + [
            (k, Rounded(j.time), j.event(self.problem.feature_names), len(j.support), Rounded(j.loss))
            for k, j in enumerate(self.jumps[:limit], 1)
        ]
        header = ("jump", Math("t"), "event", "active", Math("L"))
        more = len(self.jumps) + 1 - len(rows)
        return Grid(repr(self), header, tuple(rows), frozenset({2}), more, frozenset({1}))

    def __repr__(self) -> str:
        end = "complete" if self.complete else f"known to t={abbreviated(self.horizon or 0)}"
        return f"SaddlePath({len(self.jumps)} jumps, d={self.problem.d}, {end})"


def _zero(d: int) -> RationalVector:
    return RationalVector.of([0] * d)
