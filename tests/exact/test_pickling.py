"""FLINT's numbers pickle to the last bit, results cross the borders of processes and forks."""

from __future__ import annotations

import copy
import os
import pickle
from contextlib import nullcontext
from signal import alarm
from threading import Event, Thread

import pytest
from flint import arb, ctx, fmpq, fmpq_mat, fmpq_poly, fmpz_mat, fmpz_poly
from results import diagonal

import saddlesym
from saddlesym import DiagonalProblem
from saddlesym.exact.pickling import ball_bits
from saddlesym.exact.precision import workprec
from saddlesym.workers import performed


def test_results_cross_process_borders() -> None:
    result = saddlesym.flow(diagonal(), "1e-10", digits=8)
    [(_, found)] = performed(_beta, [(result,)], 1)
    assert found == result.beta("1/2")


def _beta(result: saddlesym.diagonal.Flow) -> tuple[saddlesym.Ball, ...]:
    return result.beta("1/2")


@pytest.mark.parametrize("bits", [20, 53, 2000])
def test_flint_numbers_come_back_to_the_last_bit(bits: int) -> None:
    with workprec(1000):
        balls = [(arb(k) / 7).exp() for k in range(1, 100)] + [arb(0, 1e-20), arb(3), arb(10) ** 10**6 / 3]
        balls += [arb("inf"), arb("-inf"), arb("nan"), arb("5 +/- inf")]
        saved = pickle.dumps(balls)
    with workprec(bits):
        again = pickle.loads(saved)
    assert [ball_bits(x) for x in again] == [ball_bits(x) for x in balls]
    matrix, polynomial = fmpq_mat(1, 2, [fmpq(1, 3), fmpq(2)]), fmpq_poly([1, 2, 3]) / 7
    for value in (matrix, polynomial, fmpz_mat(0, 3), fmpz_poly([1, 0, 5])):
        assert copy.deepcopy(value) == value


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("inside", [False, True])
def test_a_fork_beside_a_thread_at_work_has_the_precision_for_itself(inside: bool) -> None:
    """The lock of another thread is not held for ever in a child, nor is its precision kept."""
    entered, leave = Event(), Event()

    def hold() -> None:
        with workprec(777):
            entered.set()
            leave.wait()

    thread = Thread(target=hold)
    if not inside:  # another thread holds it; else this one does
        thread.start()
        entered.wait()
    before = 53
    with workprec(300) if inside else nullcontext():
        child = os.fork()
        if child == 0:
            alarm(20)  # a deadlock ends the child, and the test is red
            good = ctx.prec == (300 if inside else before)
            with workprec(100):
                good = good and ctx.prec == 100
            os._exit(0 if good else 1)
        _, status = os.waitpid(child, 0)
    leave.set()
    if not inside:
        thread.join()
    assert status == 0


def test_problems_are_equal_by_value() -> None:
    one, other = DiagonalProblem([[1, 2]], [3]), DiagonalProblem([["1", "2.0"]], [3])
    gram = DiagonalProblem.from_gram([[1, 2], [2, 4]], [3, 6])
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other, gram}) == 2
    for different in (
        DiagonalProblem([[1, 2]], [4]),
        DiagonalProblem([[1, 2]], [3], ["a", "b"]),
        DiagonalProblem([[1, 2], [1, 2]], [3, 3]),
        gram,
        None,
    ):
        assert one != different
    assert DiagonalProblem([[1], [3]], [0, 1]).centred() != DiagonalProblem([[1], [3]], [0, 1])
