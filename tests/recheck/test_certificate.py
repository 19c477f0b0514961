"""A certificate must reject every path that is wrong in any one claim."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from saddlesym import DiagonalProblem, RationalVector, SaddlePath, certify, saddle_path
from saddlesym.diagonal import Hit, L1Certificate
from saddlesym.diagonal.saddles.enumeration import saddles
from saddlesym.recheck.path import Certificate, Claim
from saddlesym.recheck.saddles import certify_saddles

DATA = ([[-3, -1], [-1, 0]], [-1, 1])
TIED = ([[1, 1, 1], [0, 1, 2]], [1, 0])
TWINS = ([[3, 3, 1], [1, 1, 2]], [2, -3])


def changed(path: SaddlePath, k: int, **changes: Any) -> SaddlePath:
    jumps = list(path.jumps)
    jumps[k] = dataclasses.replace(jumps[k], **changes)
    return dataclasses.replace(path, jumps=tuple(jumps))


def nudged(vector: RationalVector, i: int, by: Any) -> RationalVector:
    return RationalVector.of([x + (by if j == i else 0) for j, x in enumerate(vector)])


TAMPERINGS: dict[str, Callable[[SaddlePath], SaddlePath]] = {
    "time": lambda p: changed(p, 1, time=p.jumps[1].time + Fraction(1, 10**40)),
    "order": lambda p: dataclasses.replace(p, jumps=(p.jumps[1], p.jumps[0], p.jumps[2])),
    "dual": lambda p: changed(p, 1, dual=nudged(p.jumps[1].dual, 0, Fraction(1, 10**40))),
    "dual length": lambda p: changed(p, 1, dual=RationalVector.of([1])),
    "beta": lambda p: changed(p, 2, beta=nudged(p.jumps[2].beta, 1, Fraction(1, 10**40))),
    "gradient": lambda p: changed(p, 0, gradient=nudged(p.jumps[0].gradient, 0, 1)),
    "loss": lambda p: changed(p, 0, loss=p.jumps[0].loss + Fraction(1, 10**40)),
    "hit missing": lambda p: changed(p, 1, hits=()),
    "hit bound": lambda p: changed(p, 1, hits=(Hit(p.jumps[1].hits[0].coordinate, -1),)),
    "hit extra": lambda p: changed(p, 1, hits=(*p.jumps[1].hits, *p.jumps[1].hits)),
    "entered": lambda p: changed(p, 1, entered=()),
    "left": lambda p: changed(p, 1, left=()),
    "flipped": lambda p: changed(p, 2, flipped=()),
    "flipped too early": lambda p: changed(p, 0, flipped=(0,)),
    "cut but called complete": lambda p: dataclasses.replace(p, jumps=p.jumps[:2]),
    "skipped jump": lambda p: dataclasses.replace(p, jumps=(p.jumps[0], p.jumps[2])),
    "horizon too far": lambda p: dataclasses.replace(
        p, jumps=p.jumps[:2], complete=False, horizon=p.jumps[2].time
    ),
    "horizon missing": lambda p: dataclasses.replace(p, complete=False, horizon=None),
    "no certificate": lambda p: dataclasses.replace(p, certificate=None),
    "norm": lambda p: dataclasses.replace(
        p, certificate=dataclasses.replace(p.certificate, l1_norm=Fraction(6))
    ),
    "combination": lambda p: dataclasses.replace(
        p, certificate=L1Certificate(RationalVector.of([1, 1]), p.certificate.dual, Fraction(5))
    ),
    "dual of the certificate": lambda p: dataclasses.replace(
        p,
        certificate=L1Certificate(
            RationalVector.of(2 * x for x in p.certificate.combination),
            RationalVector.of(2 * x for x in p.certificate.dual),
            Fraction(10),
        ),
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_path_wrong_in_one_claim_is_rejected(name: str) -> None:
    path = saddle_path(DiagonalProblem(*DATA))
    assert certify(path).holds
    assert not certify(TAMPERINGS[name](path)).holds


def test_other_data_are_rejected() -> None:
    path = saddle_path(DiagonalProblem(*DATA))
    other = DiagonalProblem(DATA[0], [-1, Fraction(101, 100)])
    assert not certify(dataclasses.replace(path, problem=other)).holds
    diabetes = DiagonalProblem.from_csv("diabetes").centred().scaled()
    prepared = saddle_path(diabetes, max_jumps=3)
    raw = dataclasses.replace(prepared, problem=DiagonalProblem.from_csv("diabetes").centred())
    assert certify(prepared).holds
    assert not certify(raw).holds


def test_a_minimiser_that_is_not_unique_is_rejected() -> None:
    tied = saddle_path(DiagonalProblem(*TIED))
    assert certify(tied).holds
    assert not certify(changed(tied, 0, separator=None)).holds
    flat = RationalVector.of([0, 0, 0])
    assert not certify(changed(tied, 0, separator=flat)).holds
    twins = saddle_path(DiagonalProblem(*TWINS))
    k = next(k for k, jump in enumerate(twins.jumps) if jump.beta[0] != 0)
    unequal = nudged(nudged(twins.jumps[k].beta, 0, Fraction(1, 100)), 1, Fraction(-1, 100))
    failures = certify(changed(twins, k, beta=unequal)).failures
    assert [claim.text for claim in failures] == [
        "β is the only such minimiser (equal columns share equally)"
    ]


def test_a_face_of_minimisers_is_rejected_although_every_other_claim_holds() -> None:
    """The refused tie of three dependent columns, with one point of its face put in by hand."""
    problem = DiagonalProblem([[2, 0, 1], [0, 2, 1]], [2, 2])
    beta = RationalVector.of([1, 1, 0])
    honest = saddle_path(DiagonalProblem([[2, 0], [0, 2]], [2, 2]))
    jump = dataclasses.replace(
        honest.jumps[0],
        beta=beta,
        dual=RationalVector.of([1, 1, 1]),
        gradient=RationalVector.of([0, 0, 0]),
        hits=(Hit(0, 1), Hit(1, 1), Hit(2, 1)),
    )
    certificate = L1Certificate(RationalVector.of(["1/2", "1/2", 0]), jump.dual, Fraction(2))
    path = SaddlePath(problem, (jump,), complete=True, certificate=certificate)
    assert [c.text for c in certify(path).failures] == [
        "β is the only such minimiser (equal columns share equally)"
    ]


def saddle_document(problem: DiagonalProblem) -> dict[str, Any]:
    return {
        "kind": "saddles",
        "problem": problem.to_dict(),
        "max_support": problem.d,
        "complete": True,
        "saddles": [s.to_dict() for s in saddles(problem)],
    }


SADDLE_TAMPERINGS: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "missing": lambda s: s.pop(2),
    "twice": lambda s: s.append(s[2]),
    "loss": lambda s: s[1].update(loss="3"),
    "index": lambda s: s[1].update(morse_index=s[1]["morse_index"] + 1),
    "nullity": lambda s: s[1].update(nullity=s[1]["nullity"] + 1),
    "signs": lambda s: s[1].update(signs=[-x for x in s[1]["signs"]]),
    "beta": lambda s: s[1].update(beta=["1/3", *s[1]["beta"][1:]]),
    "gradient": lambda s: s[1].update(gradient=["1"] * len(s[1]["gradient"])),
    "support": lambda s: s[1].update(support=[0, 1]),
    "dimension": lambda s: s[-1].update(dimension=2),
    "direction": lambda s: s[-1]["directions"][0].__setitem__(0, "7"),
}


@pytest.mark.parametrize("name", SADDLE_TAMPERINGS)
def test_a_list_of_saddles_wrong_in_one_claim_is_rejected(name: str) -> None:
    document = saddle_document(DiagonalProblem([[1, 2, 1], [3, 1, -1]], [2, 5]))
    assert document["saddles"][-1]["kind"] == "family"
    assert certify_saddles(document).holds
    SADDLE_TAMPERINGS[name](document["saddles"])
    assert not certify_saddles(document).holds


def test_a_summary_never_counts_what_was_not_checked() -> None:
    true, false, unknown = Claim("a", True), Claim("b", False), Claim("c", None, "too large")
    evidence = Claim("d", None, aside=True)
    for claims, holds in (
        ((true, evidence), True),
        ((true, unknown), None),
        ((unknown, false), False),
        ((true, Claim("e", False, aside=True)), False),
    ):
        assert Certificate(claims).holds is holds
    mixed = Certificate((true, false, unknown, evidence))
    assert mixed.summary == (
        "1 of 3 claims hold, decided exactly from the data; 1 FALSE; 1 NOT CHECKED;"
        " besides, 1 of numerical evidence NOT CHECKED"
    )
    assert repr(mixed) == "Certificate(4 claims, 1 fail: b, 2 not checked: c)"
    assert [claim.verdict for claim in mixed.claims] == ["holds", "FALSE", "NOT CHECKED", "NOT CHECKED"]
