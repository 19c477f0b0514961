"""Re-checking a saddle path from the data alone.

Nothing here comes from the solver: the data are centred and scaled again, M and
r formed again, and every claim of the path is decided by direct products and
comparisons of rationals.  What is checked is a proof that the path is right, in
the sense of PF23, Algorithm 1, and that its end has the smallest ℓ1 norm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import fmpq, fmpz

from saddlesym.errors import BudgetError
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.text import decimal_string
from saddlesym.exact.vectors import RationalVector
from saddlesym.recheck.loss import RecheckedLoss, dot

if TYPE_CHECKING:
    from saddlesym.diagonal.path.trajectory import Jump, SaddlePath


@dataclass(frozen=True)
class Claim(Documented):
    """One claim of a result, decided exactly or not at all.

    Attributes:
        text: what is claimed.
        holds: whether it is true; None when that was not checked.
        detail: where it fails, or why it was not checked.
        aside: whether the result stands without it, such as numerical evidence kept beside it.
    """

    text: str
    holds: bool | None
    detail: str = ""
    aside: bool = False

    @property
    def verdict(self) -> str:
        """``holds``, ``FALSE`` or ``NOT CHECKED``."""
        return "NOT CHECKED" if self.holds is None else "holds" if self.holds else "FALSE"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; ``holds`` is null when the claim was not checked."""
        return {"kind": self._kind} | (
            {"claim": self.text, "holds": self.holds}
            | ({"detail": self.detail} if self.detail else {})
            | ({"aside": True} if self.aside else {})
        )

    @classmethod
    def _read(cls, given: Fields) -> Claim:
        holds = given("holds", bool | None)
        return cls(given("claim", str), holds, given("detail", str, ""), given("aside", bool, False))


def all_hold(answers: Iterable[bool | None]) -> bool | None:
    """The conjunction of answers that may be unknown.

    >>> all_hold([True, None]), all_hold([None, False]), all_hold([])
    (None, False, True)
    """
    known: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        known = known if answer else None
    return known


@dataclass(frozen=True)
class Certificate(Documented):
    """All claims of a result, each decided in rational arithmetic from the data, or marked as not checked.

    Attributes:
        claims: in order.
        given: fields of a saved result that no data decide, by name; the result stands without them.
    """

    claims: tuple[Claim, ...]
    given: tuple[str, ...] = ()

    @property
    def holds(self) -> bool | None:
        """Whether every claim is true; None when none is false, but one of the result is not checked."""
        return all_hold(claim.holds for claim in self.claims if claim.holds is not None or not claim.aside)

    @property
    def failures(self) -> tuple[Claim, ...]:
        """The claims that are false."""
        return tuple(claim for claim in self.claims if claim.holds is False)

    @property
    def unchecked(self) -> tuple[Claim, ...]:
        """The claims that were not checked."""
        return tuple(claim for claim in self.claims if claim.holds is None)

    @property
    def summary(self) -> str:
        """How many claims hold, and how many are false or were not checked, as the end of a sentence."""
        aside = sum(claim.aside for claim in self.unchecked)
        total, bad, open_ = len(self.claims) - aside, len(self.failures), len(self.unchecked) - aside
        parts = [f"{total - bad - open_} of {total} claims hold, decided exactly from the data"]
        parts += [f"{bad} FALSE"] * bool(bad) + [f"{open_} NOT CHECKED"] * bool(open_)
        parts += [f"besides, {aside} of numerical evidence NOT CHECKED"] * bool(aside)
        return "; ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        found = {"kind": self._kind, "holds": self.holds, "claims": list(map(entry, self.claims))}
        return found | ({"not_checked": list(self.given)} if self.given else {})

    @classmethod
    def _read(cls, given: Fields) -> Certificate:
        return cls(given("claims", tuple[Claim, ...]), given("not_checked", tuple[str, ...], ()))

    def __repr__(self) -> str:
        bad, open_ = self.failures, self.unchecked
        counted = ((bad, "fail"), (open_, "not checked"))
        parts = [f"{len(claims)} {verb}: {claims[0].text}" for claims, verb in counted if claims]
        return f"Certificate({len(self.claims)} claims, {', '.join(parts) or 'all hold'})"


def within_budget(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Claims as long as there is work left; what is then not looked at is not said to hold."""
    try:
        yield from claims
    except BudgetError as error:
        yield Claim("all else that the document claims", None, f"beyond the budget: {error}")


def certify(path: SaddlePath, quadratic: RecheckedLoss | None = None) -> Certificate:
    """Decide every claim of a path from the data alone.

    Args:
        path: computed, or read back from a file.
        quadratic: the loss, formed from its recorded data; by default it is formed here.

    Returns:
        A certificate whose ``holds`` is true exactly when the path is right.

    Source: PF23, Algorithm 1 (dynamics and KKT conditions), Theorem 2 (minimal ℓ1 norm).

    >>> from saddlesym import DiagonalProblem, saddle_path
    >>> certify(saddle_path(DiagonalProblem([[2, 0], [0, 3]], [3, -1])))
    Certificate(11 claims, all hold)
    """
    return Certificate(tuple(within_budget(_claims(path, quadratic))))


def _claims(path: SaddlePath, quadratic: RecheckedLoss | None) -> Iterator[Claim]:
    audit = _Audit(path, quadratic or RecheckedLoss(path.problem.data_document()))
    if bad := audit.misfit():
        yield Claim("every vector has one entry per column", False, bad)
        return
    steps: list[tuple[str, Callable[[int], bool]]] = [
        ("jump times are positive and increase", audit.time_increases),
        ("s moves along −∇L(β) on every dwell", audit.dual_moves),
        ("|s_i| ≤ 1 throughout", audit.dual_bounded),
        ("the hits are the moving coordinates that reach ±1, and there is one", audit.hits_right),
        ("β vanishes where |s_i| < 1 and has the sign of s_i elsewhere", audit.signs_agree),
        ("∇L(β) is zero where β is not, and points inward at |s_i| = 1 (KKT)", audit.kkt),
        ("β is the only such minimiser (equal columns share equally)", audit.unique),
        ("the loss is exact and falls at every jump", audit.loss_falls),
        ("entered, left and flipped coordinates are as listed", audit.changes_right),
    ]
    for text, test in steps:
        failed = next((k for k in range(len(path.jumps)) if not test(k)), None)
        yield Claim(text, failed is None, "" if failed is None else f"at jump {failed + 1}")
    yield from audit.end()


class _Audit:
    """The path with what belongs to it recomputed; index k is the k-th jump, −1 the start."""

    def __init__(self, path: SaddlePath, quadratic: RecheckedLoss) -> None:
        self.path, self.jumps, self.quadratic = path, path.jumps, quadratic
        self.signs = [jump.beta.signs() for jump in path.jumps]
        self.d = self.quadratic.r.nrows()
        self.zero = RationalVector.of([0] * self.d)

    def misfit(self) -> str:
        for k, jump in enumerate(self.jumps):
            for name, vector in (("beta", jump.beta), ("dual", jump.dual)):
                if len(vector) != self.d:
                    return f"{name} of jump {k + 1} has {len(vector)} entries, not {self.d}"
        self.gradients = [self.quadratic.slope(self.beta(k)) for k in range(-1, len(self.jumps))]
        self.losses = [self.quadratic.loss(self.beta(k)) for k in range(-1, len(self.jumps))]
        return ""

    def beta(self, k: int) -> RationalVector:
        return self.jumps[k].beta if k >= 0 else self.zero

    def dual(self, k: int) -> RationalVector:
        return self.jumps[k].dual if k >= 0 else self.zero

    def time(self, k: int) -> fmpq:
        return to_fmpq(self.jumps[k].time) if k >= 0 else fmpq(0)

    def gradient(self, k: int) -> RationalVector:
        return self.gradients[k + 1]

    def push(self, k: int) -> list[fmpz]:
        """∇L(β) up to a positive factor."""
        entries: list[fmpz] = self.gradient(k).numerators.entries()
        return entries

    def moved(self, k: int, duration: fmpq) -> RationalVector:
        """s after ``duration`` on the dwell that follows jump k."""
        s, g = self.dual(k), self.gradient(k)
        numerators = s.numerators * (g.denominator * duration.q) - g.numerators * (s.denominator * duration.p)
        return RationalVector(numerators, s.denominator * g.denominator * duration.q)

    def at_bound(self, k: int) -> dict[int, int]:
        """The coordinates with |s_i| = 1 at jump k, with their signs."""
        entries = self.dual(k).numerators.entries()
        one = self.dual(k).denominator
        return {i: 1 if p > 0 else -1 for i, p in enumerate(entries) if abs(p) == one}

    def time_increases(self, k: int) -> bool:
        return self.time(k) > self.time(k - 1)

    def dual_moves(self, k: int) -> bool:
        return self.moved(k - 1, self.time(k) - self.time(k - 1)) == self.dual(k)

    def dual_bounded(self, k: int) -> bool:
        one = self.dual(k).denominator
        return all(abs(p) <= one for p in self.dual(k).numerators.entries())

    def hits_right(self, k: int) -> bool:
        before = self.push(k - 1)
        moving = {i: s for i, s in self.at_bound(k).items() if before[i] != 0}
        listed = {hit.coordinate: hit.bound for hit in self.jumps[k].hits}
        return bool(moving) and moving == listed and len(self.jumps[k].hits) == len(listed)

    def signs_agree(self, k: int) -> bool:
        bound = self.at_bound(k)
        return all(sign in (0, bound.get(i, 0)) for i, sign in enumerate(self.beta(k).signs()))

    def kkt(self, k: int) -> bool:
        g, bound = self.push(k), self.at_bound(k)
        critical = all(g[i] == 0 for i in self.beta(k).support())
        listed = self.jumps[k].gradient == self.gradient(k)
        return critical and listed and all(s * g[i] >= 0 for i, s in bound.items())

    def unique(self, k: int) -> bool:
        """Whether no other vector with the signs of s has the same loss, up to equal columns."""
        g, beta, signs = self.push(k), self.beta(k), self.at_bound(k)
        face = [i for i in signs if g[i] == 0]
        M = self.quadratic.block(face)
        leaders: list[int] = []
        for a, i in enumerate(face):
            twin = next((b for b in range(a) if abs(M[a, b]) == M[a, a] == M[b, b]), None)
            if twin is None:
                leaders.append(i)
            elif beta[i] * (1 if M[a, twin] > 0 else -1) != beta[face[twin]]:
                return False
        separator = self.jumps[k].separator
        if self.quadratic.block(leaders).rank() == len(leaders):
            return separator is None
        support = [i for i in leaders if beta[i] != 0]
        if separator is None or len(separator) != self.d:
            return False
        if self.quadratic.block(support).rank() < len(support):
            return False
        push = self.quadratic.image(separator).numerators.entries()
        return set(separator.support()) <= set(leaders) and all(
            push[i] == 0 if beta[i] != 0 else signs[i] * push[i] > 0 for i in leaders
        )

    def loss_falls(self, k: int) -> bool:
        before, value = self.losses[k : k + 2]
        return value == to_fmpq(self.jumps[k].loss) and value < before

    def changes_right(self, k: int) -> bool:
        old, new = self.signs[k - 1] if k else (0,) * self.d, self.signs[k]
        entered = tuple(i for i in range(self.d) if new[i] and not old[i])
        left = tuple(i for i in range(self.d) if old[i] and not new[i])
        flipped = tuple(i for i in entered if self._earlier_sign(k, i) == -new[i])
        jump: Jump = self.jumps[k]
        return (jump.entered, jump.left, jump.flipped) == (entered, left, flipped)

    def _earlier_sign(self, k: int, i: int) -> int:
        """The sign coordinate i had when it was last active before jump k, or 0."""
        earlier = (self.signs[m][i] for m in range(k - 1, -1, -1))
        return next((sign for sign in earlier if sign), 0)

    def end(self) -> Iterator[Claim]:
        """Claims about the end of the path."""
        last = len(self.jumps) - 1
        if not self.path.complete:
            quiet = self._quiet(last) and self.path.certificate is None  # of an end that is not reached
            yield Claim("nothing happens from the last jump to the horizon", quiet)
            return
        vanishing = not any(self.push(last))
        yield Claim("the path ends at a global minimum: ∇L(β) = 0", vanishing)
        proof = self.path.certificate
        if proof is None or {len(proof.combination), len(proof.dual)} != {self.d}:
            yield Claim("the end has the least ℓ1 norm of all minimisers", False, "no dual certificate")
            return
        s, beta = proof.dual, self.beta(last)
        pairing = dot(s, beta)
        norm = fmpq(sum(map(abs, beta.numerators.entries()), fmpz(0)), beta.denominator)
        in_range = self.quadratic.image(proof.combination) == s
        bounded = all(abs(p) <= s.denominator for p in s.numerators.entries())
        right = pairing == norm == to_fmpq(proof.l1_norm)
        yield Claim(
            "the end has the least ℓ1 norm of all minimisers (s = Mc, ‖s‖∞ ≤ 1, sᵀβ = ‖β‖₁)",
            vanishing and in_range and bounded and right,
        )

    def _quiet(self, last: int) -> bool:
        """No moving coordinate reaches its bound up to the horizon of a path that was cut."""
        horizon = self.path.horizon
        if horizon is None or to_fmpq(horizon) < self.time(last):
            return False
        s, g = self.moved(last, to_fmpq(horizon) - self.time(last)), self.push(last)
        if to_fmpq(horizon) == self.time(last):
            return True
        one = s.denominator
        return all(abs(p) < one if g[i] else abs(p) <= one for i, p in enumerate(s.numerators.entries()))


def decimal_is_nearest(decimal: str, value: Fraction) -> bool:
    """Whether a printed decimal is ``value`` rounded to the digits that it shows.

    >>> decimal_is_nearest("0.333", Fraction(1, 3)), decimal_is_nearest("0.334", Fraction(1, 3))
    (True, False)
    """
    digits = decimal.partition("e")[0].lstrip("-").replace(".", "").lstrip("0")
    return decimal == decimal_string(value, max(1, len(digits)))
