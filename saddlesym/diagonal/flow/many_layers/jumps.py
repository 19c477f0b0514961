"""Jumps of a deep flow: all passages of coefficients through a level, each one isolated.

A coefficient is switched on while |β_i| is above a level that depends on the data alone.
On every piece of the flow either the level is excluded, or ∇L(β)_i has one sign, so that
β_i is monotone and passes at most once; else the piece is cut in two.  So the list of
passages is complete and every time is enclosed, whatever the steps were.  Passages that
lie closer together than √(α^{D−2}) in accelerated time make one jump.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import arb, arb_poly, fmpq

from saddlesym.diagonal.flow.many_layers.form import DeepForm
from saddlesym.diagonal.flow.many_layers.march import DeepPiece
from saddlesym.errors import PrecisionError
from saddlesym.exact.balls import Ball, dyadic
from saddlesym.exact.precision import workprec

_CUTS = 40


@dataclass(frozen=True)
class Passage:
    """One passage of a coefficient through its level.

    Attributes:
        coordinate: index i.
        sign: the sign of β_i there.
        rising: whether |β_i| rises.
        time: accelerated time.
    """

    coordinate: int
    sign: int
    rising: bool
    time: Ball


@dataclass(frozen=True)
class DeepJump:
    """A jump of a deep flow.

    Attributes:
        coordinate: the coordinate that is switched on first (off, if none is switched on).
        sign: its sign.
        time: accelerated time at which |β_i| passes its level, proved.
        entered: coordinates switched on, or on again with the other sign.
        left: coordinates switched off.
        passages: all passages of this jump, in order of time.
    """

    coordinate: int
    sign: int
    time: Ball
    entered: tuple[int, ...]
    left: tuple[int, ...]
    passages: tuple[Passage, ...]


class Reader:
    """β and ∇L(β) on parts of a piece, enclosed."""

    def __init__(self, form: DeepForm, piece: DeepPiece) -> None:
        self.form, self.piece = form, piece
        self._slack = [arb(0, w * piece.error) for w in form.spread]

    def layers(self, begin: arb, end: arb | None = None) -> tuple[list[arb], list[arb]]:
        """U and V (d each) at a part of the piece, or between two parts of it."""
        if end is None:
            Z = [z(begin) for z in self.piece.displacement]
        else:
            centre, radius = (begin + end) / 2, (end - begin) / 2
            Z = [_range(z(arb_poly([centre, radius]))) for z in self.piece.displacement]
        Z = [z + e for z, e in zip(Z, self._slack, strict=True)]
        origin = self.piece.origin
        up = [u - z for u, z in zip(origin.up, Z, strict=True)]
        return up, [v + z for v, z in zip(origin.down, Z, strict=True)]

    def beta(self, begin: arb, end: arb | None = None) -> list[arb]:
        """β (d) at a part of the piece, or a ball of all values between two parts."""
        if end is not None and self.piece.leap:
            # Z is linear and β_i increases with Z_i, so that the ends are enough; a ball of U
            # from 10^1000 down to 10^5 would reach below zero
            return [a.union(b) for a, b in zip(self.beta(begin), self.beta(end), strict=True)]
        up, down = self.layers(begin, end)  # U ↦ U^{−γ} is monotone
        power = arb(-self.form.gamma)
        return [_falling(u, power) - _falling(v, power) for u, v in zip(up, down, strict=True)]


def _range(path: arb_poly) -> arb:
    """A ball of all values of a polynomial on [−1, 1]."""
    first, *rest = path.coeffs() or [arb(0)]
    return first + arb(0, sum((abs(c) for c in rest), arb(0)).upper())


def _falling(value: arb, power: arb) -> arb:
    low, high = value.lower(), value.upper()
    if not low > 0:
        return arb(0, "inf")
    return (low**power).union(high**power)


def passages(form: DeepForm, pieces: Sequence[DeepPiece], levels: Sequence[arb]) -> Iterator[Passage]:
    """All passages of |β_i| through level i, coordinate by coordinate on every piece."""
    for piece in pieces:
        with workprec(piece.bits):
            reader = Reader(form, piece)
            whole = reader.beta(arb(0), arb(1))
            for i, level in enumerate(levels):
                if not (abs(whole[i]) < level or abs(whole[i]) > level):
                    for sign in (1, -1):
                        yield from _between(reader, i, sign, level, arb(0), arb(1), 0)


def _between(
    reader: Reader, i: int, sign: int, level: arb, begin: arb, end: arb, cuts: int
) -> Iterator[Passage]:
    beta = reader.beta(begin, end)
    if sign * beta[i] < level or sign * beta[i] > level:
        return
    speed = reader.form.velocity(beta)[i] if all(b.is_finite() for b in beta) else arb(0, "inf")
    if speed > 0 or speed < 0:
        first, last = (sign * reader.beta(s)[i] - level for s in (begin, end))
        if (first < 0 and last < 0) or (first > 0 and last > 0):
            return
        if (first < 0 < last) or (last < 0 < first):
            yield _located(reader, i, sign, level, begin, end, rising=bool(first < 0))
            return
    if cuts == _CUTS:
        raise _undecided(reader.form, reader.piece)
    middle = ((begin + end) / 2).mid()
    yield from _between(reader, i, sign, level, begin, middle, cuts + 1)
    yield from _between(reader, i, sign, level, middle, end, cuts + 1)


def _located(reader: Reader, i: int, sign: int, level: arb, begin: arb, end: arb, *, rising: bool) -> Passage:
    """The one passage between two parts of a piece, by bisection as long as the balls decide."""
    for _ in range(reader.piece.bits):
        middle = ((begin + end) / 2).mid()
        height = sign * reader.beta(middle)[i] - level
        if height < 0:
            begin, end = (middle, end) if rising else (begin, middle)
        elif height > 0:
            begin, end = (begin, middle) if rising else (middle, end)
        else:
            break
    piece, lift = reader.piece, reader.form.lift
    with workprec(2 * piece.bits + lift.p.bit_length()):
        fast = arb(piece.begin) + arb(piece.length) * begin.union(end)
        return Passage(i, sign, rising, Ball(fast / arb(lift)))


def _undecided(form: DeepForm, piece: DeepPiece) -> PrecisionError:
    return PrecisionError(
        f"near time {float(piece.begin / form.lift):.6g} a coefficient may touch its level or pass it",
        needed="a level that is passed",
        hint="another level",
    )


def jumps(form: DeepForm, found: Sequence[Passage]) -> tuple[DeepJump, ...]:
    """Passages put together to jumps; a group after which all is as before is left out."""
    ordered = sorted(found, key=_time)
    with workprec(64):
        gap = arb(1) / arb(form.lift).sqrt()
    groups: list[list[Passage]] = []
    for passage in ordered:
        if groups and arb(_time(passage) - _time(groups[-1][-1])) < gap:
            groups[-1].append(passage)
        else:
            groups.append([passage])
    signs, out = [0] * form.d, []
    for group in groups:
        before = list(signs)
        for passage in group:
            signs[passage.coordinate] = passage.sign if passage.rising else 0
        entered = tuple(i for i, (a, b) in enumerate(zip(before, signs, strict=True)) if b not in (0, a))
        left = tuple(i for i, (a, b) in enumerate(zip(before, signs, strict=True)) if a != 0 and b == 0)
        if entered or left:
            first = next((p for p in group if p.coordinate in entered and p.rising), group[0])
            out.append(DeepJump(first.coordinate, first.sign, first.time, entered, left, tuple(group)))
    return tuple(out)


def _time(passage: Passage) -> fmpq:
    return dyadic(passage.time.arb)
