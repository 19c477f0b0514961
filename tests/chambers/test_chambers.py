"""Chambers of families: disjoint, told rightly, nothing between them but walls."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import combinations_with_replacement, permutations, product

import numpy as np
import pytest

from saddlesym import BadInputError, BudgetError, DiagonalProblem, saddle_path
from saddlesym.chambers.bernstein import CellSigns
from saddlesym.chambers.census import census, up_to_symmetry
from saddlesym.chambers.family import Family, read_family, shipped_families
from saddlesym.chambers.partition import chambers
from saddlesym.chambers.two_columns import chambers_of_two_columns, coordinates
from saddlesym.cli.main import main
from saddlesym.diagonal.symbolic.path import sign_sequence
from saddlesym.diagonal.symbolic.regions import path_intervals
from saddlesym.errors import NonUniqueMinimiserError

THREE = {
    "parameters": {"a": [-2, 2], "b": ["-1/2", "3/2"]},
    "X": [[1, "a", 2], ["b", 1, 1], [1, 1, "a*b"]],
    "y": [1, 2, "1 - b"],
}
EQUAL = {"parameters": {"a": [0, 1], "b": [0, 1]}, "M": [["a", "a"], ["a", "a"]], "r": ["a", "b*a"]}
PAIR = {"parameters": {"m": [-2, 2], "x": [-1, 1]}, "M": [[1, "m"], ["m", 1]], "r": [1, "x"]}


def in_box(family: Family, chance: random.Random, most: int = 997) -> tuple[Fraction, ...]:
    return tuple(a + (b - a) * Fraction(chance.randrange(1, most), most) for a, b in family.ranges)


def sequence_at(family: Family, point: tuple[Fraction, ...]):
    return sign_sequence(saddle_path(family.problem.at(dict(zip(family.names, point, strict=True)))))


@pytest.fixture(scope="module", params=["three", "pair", "sign-flip"])
def found(request):
    content = {"three": THREE, "pair": PAIR}.get(request.param)
    return chambers(Family.of(content) if content else read_family(request.param), depth=6)


def test_every_point_is_in_one_chamber_with_the_path_told_or_on_a_wall(found):
    chance, told = random.Random(1), 0
    for _ in range(300):
        point = in_box(found.family, chance)
        chamber = found.chamber_at(point)
        try:
            sequence = sequence_at(found.family, point)
        except BadInputError:  # M is no Gram matrix there
            assert found.outside > 0
            continue
        if chamber is None:
            # a chamber thinner than a cell, or a wall: the path is then not that of a chamber, or one is on its edge
            assert not any(
                one.signs == sequence and one.path.holds_at(where(found, point)) for one in found.chambers
            )
        else:
            assert found.chambers[chamber].signs == sequence
            told += 1
    assert told > 100


def where(found, point):
    return dict(zip(found.family.names, point, strict=True))


def test_cells_that_are_decided_hold_their_chamber_alone(found):
    chance = random.Random(2)
    shares = [Fraction(0)] * len(found.chambers)
    outside = Fraction(0)
    for level, _, _, chamber in found.cells:
        size = Fraction(1, 4**level)
        if chamber < 0:
            outside += size
            continue
        shares[chamber] += size
    assert [one.share for one in found.chambers] == shares
    assert outside == found.outside
    assert sum(shares, outside) + found.undecided + sum(s for _, s in found.excluded) == 1
    for level, i, j, chamber in chance.sample(list(found.cells), 120):
        place = (i + Fraction(chance.randrange(1, 50), 50), j + Fraction(chance.randrange(1, 50), 50))
        point = tuple(
            a + (b - a) * part / 2**level for (a, b), part in zip(found.family.ranges, place, strict=True)
        )
        if chamber < 0:
            with pytest.raises(BadInputError):
                sequence_at(found.family, point)
        else:
            assert found.chamber_at(point) == chamber
            assert sequence_at(found.family, point) == found.chambers[chamber].signs


def test_walls_have_their_two_paths_on_their_two_sides(found):
    assert found.walls
    for wall in found.walls:
        values = []
        for side, chamber in zip(wall.sides, wall.between, strict=True):
            assert sequence_at(found.family, side) == found.chambers[chamber].signs
            values.append(wall.polynomial.xreplace(found.family.problem.substitution(where(found, side))))
        assert values[0] * values[1] < 0
        # and nothing else that the two paths ask for changes between the two points
        signs = [found.table.sign_at(side) for side in wall.sides]
        used = {k for c in wall.between for one in found.chambers[c].regions for k in one.odd}
        assert sum(signs[0](k) != signs[1](k) for k in used) == 1


def test_times_inside_are_those_of_the_path(found):
    for one in found.chambers:
        exact = saddle_path(found.family.problem.at(where(found, one.sample)))
        assert [time for time, _ in one.path.at(where(found, one.sample))] == exact.times()


def test_a_family_of_one_parameter_is_cut_at_its_exact_ends():
    family = read_family("correlated")
    found = chambers(family)
    pieces = path_intervals(family.problem, *family.ranges[0])
    assert [ends for one in found.chambers for ends in one.ends] == [(p.lower, p.upper) for p in pieces]
    assert [str(wall.polynomial) for wall in found.walls] == ["9*rho + 2", "3*rho - 1"]
    assert sum(one.share for one in found.chambers) == 1
    assert found.chamber_at({"rho": "1/3"}) is None  # on a wall


def test_equal_columns_have_no_chamber_and_that_is_said():
    found = chambers(Family.of(EQUAL), depth=3)
    for one in found.chambers:
        for point in (one.sample, *(in_box(found.family, random.Random(k)) for k in range(20))):
            if found.chamber_at(point) is not None:
                assert sequence_at(found.family, point) == found.chambers[found.chamber_at(point)].signs
    assert found.undecided + sum((s for _, s in found.excluded), Fraction(0)) > 0


def points_of_two_columns(number: int):
    found = chambers_of_two_columns(read_family("two-columns"))
    assert len(found.chambers) == 10
    chance, seen = random.Random(3), 0
    while seen < number:
        c, q, x = (Fraction(chance.randrange(-50, 51), chance.randrange(1, 30)) for _ in range(3))
        if q <= c * c or x == 0 or abs(x) == 1 or c == x or c * x == q:
            continue
        seen += 1
        chamber = found.chamber_at([c, q, x])
        path = saddle_path(DiagonalProblem.from_gram([[1, c], [c, q]], [1, x]))
        assert chamber is not None, (c, q, x)
        assert found.chambers[chamber].signs == sign_sequence(path)


def test_the_chambers_of_two_columns_partition_all_data():
    points_of_two_columns(1_500)


@pytest.mark.long
def test_the_chambers_of_two_columns_partition_a_hundred_thousand_data():
    points_of_two_columns(100_000)


def test_two_columns_by_their_coordinates():
    found = chambers_of_two_columns(read_family("two-columns"))
    flip = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])
    sign = 1 if flip.r[0] > 0 else -1
    told = found.chambers[found.chamber_at(coordinates(flip))].signs
    assert [tuple(sign * s for s in state) for state in told] == list(sign_sequence(saddle_path(flip)))
    with pytest.raises(BadInputError):
        coordinates(DiagonalProblem([[1, 1]], [0]))


@pytest.mark.parametrize("seed", range(12))
def test_signs_on_cells_are_those_of_the_polynomial(seed):
    """Against exact evaluation; also where it vanishes along an edge or at a corner."""
    chance = random.Random(seed)
    degrees = (chance.randrange(0, 6), chance.randrange(0, 6))
    terms = {
        (i, j): Fraction(chance.randrange(-9, 10), chance.randrange(1, 5))
        for i in range(degrees[0] + 1)
        for j in range(degrees[1] + 1)
    }
    if seed % 3 == 0:  # divisible by x − 1: zero along an edge
        terms = multiplied(terms, {(1, 0): Fraction(1), (0, 0): Fraction(-1)})
    box = ((Fraction(-1, 3), Fraction(1)), (Fraction(-2), Fraction(1, 7)))
    cells, signs, decided = [(0, 0)], CellSigns(terms, box), 0
    for level in range(5):
        for (i, j), known in zip(cells, signs.known, strict=True):
            if known == 0:
                continue
            decided += 1
            for _ in range(3):
                x, y = (
                    a + (b - a) * (k + Fraction(chance.randrange(1, 20), 20)) / 2**level
                    for (a, b), k in zip(box, (i, j), strict=True)
                )
                value = sum(c * x**p * y**q for (p, q), c in terms.items())
                assert value * int(known) > 0
        open_ = np.flatnonzero(signs.known == 0)
        cells = [(2 * cells[k][0] + s, 2 * cells[k][1] + t) for k in open_ for s in (0, 1) for t in (0, 1)]
        signs = signs.halved(open_)
    assert decided > 0


def multiplied(a, b):
    out = {}
    for (i, j), c in a.items():
        for (p, q), e in b.items():
            out[i + p, j + q] = out.get((i + p, j + q), Fraction(0)) + c * e
    return out


def test_a_sign_is_only_told_above_the_rounding_of_floats():
    """x² − 2x + 1 − 1e-20 near x = 1 has zeros that floats do not see."""
    terms = {(2, 0): Fraction(1), (1, 0): Fraction(-2), (0, 0): 1 - Fraction(1, 10**20)}
    box = ((1 - Fraction(2, 10**10), 1 + Fraction(2, 10**10)), (Fraction(0), Fraction(1)))
    assert CellSigns(terms, box).known.tolist() == [0]
    whole = ((Fraction(0), Fraction(2)), (Fraction(0), Fraction(1)))
    signs, left = CellSigns(terms, whole), [(Fraction(0), Fraction(2))]
    for _ in range(40):
        open_ = np.flatnonzero(signs.known == 0)
        assert any(left[k][0] <= 1 - Fraction(1, 10**10) <= left[k][1] for k in open_)
        left = [half for k in open_ for half in halves(left[k])]
        signs = signs.halved(open_)
        # halving in the second parameter too gives each half twice
        keep = np.array([k for k in range(4 * len(open_)) if k % 2 == 0])
        signs = signs.kept(keep)


def halves(ends):
    middle = (ends[0] + ends[1]) / 2
    return [(ends[0], middle), (middle, ends[1])]


def test_a_census_against_plain_enumeration():
    types: dict = {}
    rows = [row for row in product((-1, 0, 1), repeat=3) if any(row)]
    for n in (1, 2):
        for data in combinations_with_replacement(rows, n):
            X, y = [row[:2] for row in data], [row[2] for row in data]
            try:
                path = saddle_path(DiagonalProblem(X, y))
            except NonUniqueMinimiserError:
                continue
            sequence = up_to_symmetry(sign_sequence(path), 2)
            size = (max(abs(e) for row in data for e in row), n, sum(abs(e) for row in data for e in row))
            types[sequence] = min(types.get(sequence, size), size)
    found = census(2, 2, 1)
    assert {one.signs for one in found.types} == set(types)
    for one in found.types:
        size = (
            max(abs(e) for row in one.rows for e in row),
            len(one.rows),
            sum(abs(e) for row in one.rows for e in row),
        )
        assert size == types[one.signs]
        path = saddle_path(DiagonalProblem([row[:-1] for row in one.rows], [row[-1] for row in one.rows]))
        assert up_to_symmetry(sign_sequence(path), 2) == one.signs


def test_a_census_of_three_columns_has_each_type_once():
    found = census(3, 2, 1)
    assert len(found.types) == 7
    assert sum(one.count for one in found.types) + found.not_unique == found.classes == 42
    images = [
        {
            tuple(tuple(s * state[i] for i, s in zip(order, signs, strict=True)) for state in one.signs)
            for order in permutations(range(3))
            for signs in product((1, -1), repeat=3)
        }
        for one in found.types
    ]
    assert all(not (a & b) for k, a in enumerate(images) for b in images[:k])


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"parameters": {}, "M": [[1]], "r": [1]},
        {"parameters": {"a": [1, 0]}, "M": [["a"]], "r": [1]},
        {"parameters": {"a": [0, 1]}, "M": [["a"]]},
        {"parameters": {"a": [0, 1]}, "M": [["a"]], "r": [1], "X": [[1]], "y": [1]},
        {"parameters": {"a": [0, 1]}, "M": [["__import__('os')"]], "r": [1]},
        {"parameters": {"a": [0, 1]}, "M": [["b"]], "r": [1]},
        {"parameters": {"a": [0, 1]}, "M": 3, "r": 3},
        {"parameters": {"a": ["x", 1]}, "M": [["a"]], "r": [1]},
        {"parameters": {"a": [0, 1], "b": [0, 1], "c": [0, 1]}, "M": [[1, 0, 0]] * 3, "r": [1, 1, 1]},
        {"parameters": {"a": [0, 1]}, "X": [["a"] * 13], "y": [1]},
        {"parameters": [["a", 0, 1]], "M": [["a"]], "r": [1]},
        {"surprise": 1, "parameters": {"a": [0, 1]}, "M": [["a"]], "r": [1]},
    ],
)
def test_what_is_no_family_is_refused_in_one_line(content):
    with pytest.raises(BadInputError, match="needed"):
        Family.of(content)


def test_shipped_families_are_read_back_from_their_own_fields():
    assert set(shipped_families()) == {"correlated", "four-columns", "sign-flip", "two-columns"}
    for name in shipped_families():
        family = read_family(name)
        assert Family.of(family.to_dict()) == family


def test_too_large_a_census_is_refused_before_it_is_begun():
    with pytest.raises(BudgetError):
        census(3, 9, 9)


def test_the_commands(tmp_path, capsys):
    assert main(["chambers", "sign-flip", "--depth", "5", "--at", "3/10,1/2", "--at", "0,0", "--times"]) == 0
    out = capsys.readouterr().out
    assert "10*c*x - 1 = 0" in out
    assert "At c = 3/10, x = 1/2: chamber 2: {+0} -> {+1} -> {-0, +1}" in out
    assert "At c = 0, x = 0: on a wall" in out
    assert "t3 = (10*c**2*x" in out
    target, figure = tmp_path / "c.json", tmp_path / "c.svg"
    assert main(["chambers", "correlated", "--json", "-o", str(target), "--plot", str(figure)]) == 0
    document = json.loads(target.read_text(encoding="utf-8"))
    assert document["kind"] == "chambers"
    assert document["chambers"][0]["ends"] == [["-1/2", "-2/9"]]
    assert figure.read_text(encoding="utf-8").startswith("<?xml")
    assert main(["chambers", "two-columns", "--plot", str(tmp_path / "x.svg")]) == 2
    assert main(["chambers", "nowhere"]) == 2
    assert main(["chambers", "sign-flip", "--at", "1"]) == 2
    assert not (tmp_path / "x.svg").exists()
    capsys.readouterr()
    assert main(["census", "--columns", "2", "--rows", "2", "--entries", "2"]) == 0
    assert "-2 -1 -2; -1 0 1 {+0} -> {+1} -> {-0, +1}" in " ".join(capsys.readouterr().out.split())
