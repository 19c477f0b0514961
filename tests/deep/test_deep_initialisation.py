"""Distances at initialisation: brackets for one θ, and exponents in the width."""

import json
from itertools import pairwise

import numpy as np
import pytest

from saddlesym.cli.main import main
from saddlesym.deep.experiments.distances import distances
from saddlesym.deep.experiments.initialisation import initialisation_study, predicted_exponent
from saddlesym.errors import BadInputError
from saddlesym.figures.deep.initialisation import draw_initialisation

TARGET = np.array([[1.0, 0.5], [0.0, 1.0]])


def theta(depth, width, gamma, seed):
    sizes = [2, *[width] * (depth - 1), 2]
    generator = np.random.default_rng(seed)
    scale = width ** (-gamma / 2)
    return [scale * generator.standard_normal((b, a)) for a, b in pairwise(sizes)]


@pytest.mark.parametrize("depth", [2, 3, 4])
@pytest.mark.parametrize("gamma", [0.8, 1.0, 2.0])
def test_lower_bounds_lie_below_upper_ones(depth, gamma):
    for seed in range(4):
        found = distances(theta(depth, 12, gamma, seed), TARGET)
        assert 0 < found.minima.lower < found.minima.upper
        assert 0 < found.saddles.lower < found.saddles.upper


def test_distance_to_the_hyperbola_of_minima():
    """Width one, L = 2: the minima are x y = s, whose nearest point solves a quartic."""
    a, b, s = 0.7, 0.2, 1.0
    roots = np.roots([1, -a, 0, s * b, -s * s])
    x = roots[np.isreal(roots)].real
    exact = min(np.hypot(x - a, s / x - b))
    found = distances([[[a]], [[b]]], [[s]])
    assert found.minima.upper == pytest.approx(exact, rel=1e-5)
    # the only saddle is the origin
    assert found.saddles.upper == pytest.approx(np.hypot(a, b))
    assert found.saddle_rank == 0


def test_nearest_saddle_of_a_start_near_a_known_one():
    u, s, vt = np.linalg.svd(TARGET)
    root = np.sqrt(s[0])
    W1, W2 = np.zeros((3, 2)), np.zeros((2, 3))
    W1[0], W2[:, 0] = root * vt[0], root * u[:, 0]
    push = 1e-3 * np.random.default_rng(0).standard_normal((2, 3))
    found = distances([W1, W2 + push], TARGET)
    assert found.saddle_rank == 1
    assert found.saddles.upper <= np.linalg.norm(push)
    # and the minima are as far as it takes to build the missing mode out of nothing
    assert found.minima.upper == pytest.approx(np.sqrt(2 * s[1]), abs=1e-2)


def test_far_from_everything_the_minima_are_at_their_distance_from_the_origin():
    """As θ → 0 the distance tends to the norm of balanced minima, √(L Σ σ^{2/L})."""
    sigma = np.linalg.svd(TARGET, compute_uv=False)
    for depth in (2, 3):
        found = distances(theta(depth, 40, 6.0, 1), TARGET)
        assert found.minima.upper == pytest.approx(np.sqrt(depth * np.sum(sigma ** (2 / depth))), rel=1e-3)


FEW = [2**k for k in (40, 56, 72, 88, 104)]


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("gamma", [0.9, 1.25, 2.0])
def test_exponents_of_both_distances(depth, gamma):
    study = initialisation_study(TARGET, depth=depth, gammas=[gamma], widths=FEW, samples=2)
    for fit in study.fits:
        assert fit.agrees
        assert fit.high - fit.low < 2e-3


def test_where_the_theorem_ends_another_law_is_seen():
    """γ < 1 − 1/L is refused; the law of γ = 0.9 is not that of 0.89, nor that of another depth."""
    minima, saddles = (
        initialisation_study(TARGET, depth=3, gammas=[0.9], widths=FEW, samples=2).of(quantity)[0]
        for quantity in ("minima", "saddles")
    )
    assert not minima.low <= predicted_exponent("minima", 0.89, 3) <= minima.high
    assert not saddles.low <= predicted_exponent("saddles", 0.89, 3) <= saddles.high
    assert not minima.low <= predicted_exponent("minima", 0.9, 2) <= minima.high
    with pytest.raises(BadInputError, match=r"gamma = 0\.6 at depth 3"):
        predicted_exponent("minima", 0.6, 3)


def test_widths_that_can_be_stored_give_wide_intervals_that_hold():
    """At γ = 0.75 two corrections are no smaller there than what is fitted, and nearly powers themselves."""
    stored, wide = (
        initialisation_study(TARGET, depth=2, gammas=[0.75], widths=widths, samples=4).of("minima")[0]
        for widths in ([64, 128, 256, 512, 1024, 2048], FEW)
    )
    assert stored.agrees
    assert wide.agrees
    assert stored.high - stored.low > 30 * (wide.high - wide.low)


def test_the_exponents_do_not_depend_on_the_unit_of_the_data():
    for depth in (2, 3):
        gammas = [1 - 0.7 / depth, 1.1]
        one, small = (
            initialisation_study(c * TARGET, depth=depth, gammas=gammas, widths=FEW, samples=2, seed=7)
            for c in (1, 2.0**-20)
        )
        assert (one.unit, small.unit) == (1, pytest.approx(2 ** (-20 / depth)))
        for a, b in zip(one.fits, small.fits, strict=True):
            assert b.agrees
            assert (a.exponent, a.low, a.high, a.correction) == (b.exponent, b.low, b.high, b.correction)
            assert b.means == pytest.approx([small.unit * mean for mean in a.means])


def test_the_unit_is_that_of_the_draws():
    """Far above γ = 1 the nearest saddle is the one without θ's part in A: n_0 + n_L = 2 normal vectors."""
    study = initialisation_study([[3e-7]], depth=2, gammas=[2.0], widths=FEW, samples=2)
    (fit,) = study.of("saddles")
    assert fit.means == pytest.approx([study.unit * (2 / w) ** 0.5 for w in FEW], rel=1e-4)


@pytest.mark.parametrize("depth", [2, 3])
def test_nothing_is_claimed_where_the_widths_are_not_asymptotic(depth):
    """At γ = 1.1 and the least of these widths a saddle that keeps the mode of 0.01 is the nearest one."""
    target, near = np.diag([100, 0.01]), round(1 - 0.1 / depth, 4)
    study = initialisation_study(target, depth=depth, gammas=[near, 1.1, 2.0])
    assert {(fit.gamma, fit.agrees) for fit in study.fits} == {(near, True), (1.1, None), (2.0, True)}
    assert repr(study) == f"InitialisationStudy(depth {depth}, 8 of 8 exponents agree, 4 not asymptotic)"
    greater = initialisation_study(
        target, depth=depth, gammas=[1.1], widths=[2**k for k in range(180, 261, 16)], samples=2
    )
    assert all(fit.agrees for fit in greater.fits)

    def beside_the_origin(study):
        """The distance to the nearest saddle over that to the nearest of rank zero: n_0 + n_L = 4 vectors."""
        (fit,) = (fit for fit in study.of("saddles") if fit.gamma == 1.1)
        return [mean / (study.unit * 2 * w**-0.05) for w, mean in zip(study.widths, fit.means, strict=True)]

    assert beside_the_origin(study)[0] < 0.8
    assert beside_the_origin(greater) == pytest.approx([1] * 6, rel=1e-3)


@pytest.mark.long
@pytest.mark.parametrize("seed", [101, 102, 103])
@pytest.mark.parametrize("depth", [2, 3])
def test_exponents_on_both_sides_of_one(depth, seed):
    study = initialisation_study(TARGET, depth=depth, seed=seed)
    assert sum(g < 1 for g in study.gammas) == sum(g > 1 for g in study.gammas) == 5
    assert all(fit.agrees for fit in study.fits)
    assert max(fit.high - fit.low for fit in study.fits) < 2e-3


def test_a_wrong_law_is_rejected():
    study = initialisation_study(TARGET, depth=2, gammas=[2.0], widths=[64, 128, 256, 512, 1024], samples=6)
    (fit,) = study.of("saddles")
    assert fit.high < predicted_exponent("saddles", 1.8, 2)


def test_the_figure_shows_the_fits_beside_the_predicted_lines():
    study = initialisation_study(
        [[1]], depth=2, gammas=[0.75, 2.0], widths=[64, 128, 256, 512, 1024], samples=2
    )
    for axes, quantity in zip(draw_initialisation(study).axes, ("minima", "saddles"), strict=True):
        line, *_ = axes.lines
        knots, heights = line.get_data()
        assert list(knots) == [0.75, 1, 2]
        assert list(heights) == [predicted_exponent(quantity, g, 2) for g in knots]
        for part, bound in zip(axes.containers, ("upper", "lower"), strict=True):
            fits = study.of(quantity, bound)
            assert part.get_label() == f"{bound} bound"
            assert list(part.lines[0].get_ydata()) == [fit.exponent for fit in fits]
            ends = [segment[:, 1].tolist() for segment in part.lines[2][0].get_segments()]
            assert ends == [pytest.approx([fit.low, fit.high]) for fit in fits]


def test_the_figure_sets_fits_apart_of_which_nothing_is_claimed():
    study = initialisation_study(
        [[1]], depth=2, gammas=[1.05, 2.0], widths=[64, 128, 256, 512, 1024], samples=2
    )
    for axes in draw_initialisation(study).axes:
        shown = {part.get_label(): len(part.lines[0].get_ydata()) for part in axes.containers}
        assert shown == {
            f"{bound} bound{more}": 1 for bound in ("upper", "lower") for more in ("", ", not asymptotic")
        }


def test_draws_depend_on_the_seed_alone():
    a, b, c = (
        initialisation_study([[1]], depth=2, gammas=[2.0], widths=[4, 8, 16, 32, 64], samples=2, seed=seed)
        for seed in (5, 5, 6)
    )
    assert a == b
    assert a.fits != c.fits


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"gammas": [0.3]}, "gamma = 0.3"),
        ({"gammas": [float("nan")]}, "finite"),
        ({"gammas": []}, "no gamma"),
        ({"widths": [8, 16]}, "five"),
        ({"widths": [1, 8, 16, 32, 64]}, "hidden width 1"),
        ({"widths": [2**k for k in (40, 80, 160, 320, 640)]}, "width .* needed: below"),
        ({"gammas": [9.0], "widths": [2**k for k in (40, 60, 80, 100, 120)]}, "width .* needed: below"),
        ({"samples": 1}, "samples"),
        ({"confidence": 1.0}, "confidence"),
        ({"target": [[0.0, 0.0], [0.0, 0.0]]}, "A\\* = 0"),
        ({"target": [[float("nan")]]}, "finite"),
    ],
)
def test_bad_input_is_named(keywords, words):
    arguments = {"target": TARGET, "gammas": [2.0], "widths": [8, 16, 32, 64, 128], "samples": 2} | keywords
    with pytest.raises(BadInputError, match=words):
        initialisation_study(**arguments)


def test_shapes_that_do_not_fit():
    with pytest.raises(BadInputError, match="W_2 has 3 columns"):
        distances([np.ones((2, 2)), np.ones((2, 3))], TARGET)
    with pytest.raises(BadInputError, match="1 layers"):
        distances([np.ones((2, 2))], TARGET)


def test_command(capsys, tmp_path):
    figure = tmp_path / "i.svg"
    common = [
        "deep",
        "initialisation",
        "svd-3x3",
        "--gammas",
        "0.75,2.5",
        "--widths",
        ",".join(map(str, FEW)),
        "--samples",
        "2",
    ]
    assert main([*common, "--plot", str(figure)]) == 0
    assert "predicted" in capsys.readouterr().out
    assert figure.stat().st_size > 1000
    assert main([*common, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["fits"]) == 8


def test_command_makes_no_claim_where_the_widths_are_not_asymptotic(capsys, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("100,0\n0,0.01\n")
    common = ["deep", "initialisation", str(file), "--gammas", "1.1,2", "--samples", "2"]
    assert main(common) == 0
    out = capsys.readouterr().out
    inside = [line.split()[-1] for line in out.splitlines() if "minima" in line or "saddles" in line]
    assert inside == ["-", "yes", "-", "yes"]
    assert "no claim, not asymptotic at these widths: at 2^40" in out
    assert main([*common, "--json"]) == 0
    fits = json.loads(capsys.readouterr().out)["fits"]
    assert {(fit["gamma"], fit["asymptotic"], fit["agrees"]) for fit in fits} == {
        (1.1, False, None), (2.0, True, True)
    }  # fmt: skip


@pytest.mark.parametrize(
    "extra", [["--gammas", "a"], ["--gammas", "0.2"], ["--widths", "8,9"], ["--confidence", "2"], ["-o", "x"]]
)
def test_command_refuses(capsys, extra):
    assert main(["deep", "initialisation", "svd-3x3", *extra]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_command_refuses_what_float64_cannot_hold(capsys, tmp_path):
    file = tmp_path / "a.csv"
    for entries in ("1e301,0\n0,1\n", "1,0\n0,-1e400\n", "1e-301,0\n0,0\n"):
        file.write_text(entries)
        assert main(["deep", "initialisation", str(file)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "needed: one between 1e-300 and 1e300" in captured.err
        assert captured.err.count("\n") == 1


def test_command_refuses_a_completion(capsys):
    assert main(["deep", "initialisation", "completion-3x3"]) == 2
    assert "matrix completion" in capsys.readouterr().err
