"""Each kind of claim proves what is true, refutes what is false, and says when it cannot tell."""

from __future__ import annotations

import operator
import random
from fractions import Fraction
from functools import reduce

import mpmath
import pytest
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions import Identity as Unit
from sympy.matrices.expressions import Inverse, MatAdd, MatMul, MatPow, MatrixSymbol, Transpose, ZeroMatrix

from saddlesym.theorems.claims import (
    All,
    Each,
    Entails,
    Identity,
    Limit,
    Sign,
    SignFrom,
    SignOnBox,
    VectorIdentity,
)
from saddlesym.theorems.evidence.verdict import Verdict
from saddlesym.theorems.proof import decide, load_proofs

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
n, d = sp.symbols("n d", integer=True, positive=True)
X, M = MatrixSymbol("X", n, d), MatrixSymbol("M", d, d)
b, c = MatrixSymbol("b", d, 1), MatrixSymbol("c", d, 1)

HOLDS = [
    Identity(lambda: ((x + y) ** 2, x**2 + 2 * x * y + y**2)),
    Identity(lambda: (sp.sinh(2 * x), 2 * sp.sinh(x) * sp.cosh(x))),
    Identity(lambda: [(sp.exp(sp.log(p)), p), (sp.sqrt(p**2), p)]),
    VectorIdentity(lambda: (b.T * M * c, c.T * M.T * b)),
    VectorIdentity(lambda: (b.T * M * c, c.T * M * b), symmetric=("M",)),
    VectorIdentity(lambda: (M**-1 * (M * b), b)),
    VectorIdentity(lambda: (b * (b.T * c), b * (c.T * b))),
    Limit(lambda: (sp.sinh(x) / x, x, 0, "+", 1)),
    Limit(lambda: (p * x, x, sp.oo, "-", sp.oo)),
    Sign(lambda: [p**2 + x**2, 1 / p], ">"),
    Sign(lambda: x**2 - 2 * x * y + y**2),
    SignFrom(lambda: (sp.cosh(x) - 1 - x**2 / 2, x, 0), ">"),
    SignOnBox(lambda: (2 - sp.sin(x) * y, {x: (0, 3), y: (-1, 1)})),
    Entails(lambda: ([x > 1], x**2 > x)),
    Entails(lambda: ([], p > 0)),
    Entails(lambda: ([], sp.Eq(sp.Max(x, -x), sp.Abs(x)))),
    Each(
        scope="k < 4",
        build=lambda: [(str(k), Identity(lambda k=k: (x**k * x, x ** (k + 1)))) for k in range(4)],
    ),
]
FAILS = [
    Identity(lambda: ((x + y) ** 2, x**2 + y**2)),
    Identity(lambda: (sp.sqrt(x**2), x)),
    Identity(lambda: (sp.Function("f")(x), sp.Function("g")(x))),
    VectorIdentity(lambda: (b.T * M * c, c.T * M * b)),
    VectorIdentity(lambda: (M * b, b)),
    VectorIdentity(lambda: (b.T, b)),
    Limit(lambda: (sp.sinh(x) / x, x, 0, "+", 2)),
    Limit(lambda: (p * x, x, sp.oo, "-", p)),
    Sign(lambda: -p),
    Sign(lambda: x**2 - 1),
    SignFrom(lambda: (sp.sinh(x) - 2 * x, x, 0)),
    SignOnBox(lambda: (x**2, {x: (-1, 1)})),
    SignOnBox(lambda: (sp.exp(x) - x - Fraction(11, 10), {x: (-1, 1)})),
    Entails(lambda: ([x > 0], x**2 > x)),
    All(lambda: [("1", Identity(lambda: (x, x))), ("2", Identity(lambda: (x, y)))]),
]
UNDECIDED = [
    Identity(list),
    Identity(lambda: (sp.gamma(x), sp.gamma(y))),
    VectorIdentity(list),
    Limit(lambda: (sp.sin(1 / x), x, 0, "+", 0)),
    Sign(list),
    Sign(lambda: sp.gamma(x)),
    SignFrom(lambda: (x - sp.sin(x) + 0 * x, x, 0), order=1),
    SignOnBox(lambda: ((x - Fraction(1, 3)) ** 2, {x: (0, 1)}), pieces=200),
    Entails(lambda: ([x > 1, x < 0], x > 5)),
    All(list),
]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [(claim, v) for claims, v in ((HOLDS, Verdict.HOLDS), (FAILS, Verdict.FAILS)) for claim in claims]
    + [(claim, Verdict.UNDECIDED) for claim in UNDECIDED],
)
def test_a_claim_is_decided_or_said_to_be_undecided(claim, verdict):
    outcome = claim.check()
    assert outcome.verdict is verdict, outcome.detail
    assert outcome.detail


h = sp.Symbol("h", positive=True)  # a parameter with the name and domain of the claims' own variable
rounded = sp.Float("1e-20")
big = sp.Float(10) ** 30
A = MatrixSymbol("A", d, d)

MUST_NOT_HOLD = {
    "a parameter is not the distance": SignFrom(lambda: (x - h, x, 0)),
    "a parameter in a square": SignFrom(lambda: (1 - (x - h) ** 2, x, 0), ">"),
    "a jump": SignFrom(lambda: (sp.Piecewise((1, x < 1), (-1, True)), x, 0)),
    "a branch of atan": SignFrom(lambda: (sp.atan(1 / (1 - x)), x, 0), ">"),
    "a branch of acot": SignFrom(lambda: (sp.acot(1 - x), x, 0), ">"),
    "a pole": SignFrom(lambda: (1 / (1 - x), x, 0), ">"),
    "a sign": SignFrom(lambda: (sp.sign(1 - x), x, 0)),
    "a floor": SignFrom(lambda: (1 - sp.floor(x), x, 0)),
    "a domain smaller than the half line": SignFrom(lambda: (p, p, -1)),
    "a rounded sum": Identity(lambda: (x + 1 + rounded, x + 1)),
    "a rounded sign": Sign(lambda: x**2 + rounded),
    "a rounded start": SignFrom(lambda: (x**2 + rounded, x, 0)),
    "a rounded limit": Limit(lambda: (x + rounded, x, 0, "+", rounded)),
    "a rounded hypothesis": Entails(lambda: ([x > 1 + rounded], x > 1)),
    "a rounded box": SignOnBox(lambda: (x, {x: (0.1, 1)})),
    "sign of an imaginary root": SignOnBox(lambda: (2 + sp.sign(sp.sqrt(x)), {x: (-2, -1)})),
    "sign of a logarithm": SignOnBox(
        lambda: (Fraction(3, 2) + sp.sign(sp.log(x)), {x: (-2, -1)}),
    ),
    "maximum of a logarithm": SignOnBox(lambda: (sp.Max(1, sp.log(x)), {x: (-2, -1)})),
    "a quotient that does not exist": Entails(lambda: ([sp.Eq(x, 0), 1 / x > 3], 1 / x > 2)),
    "a conclusion that does not exist": Entails(lambda: ([sp.Eq(x, 0)], 1 / x > 2)),
    "a function without a z3 term": Entails(lambda: ([], sp.atan(x) < 2)),
    "a product without a normal form": VectorIdentity(
        lambda: (sp.HadamardProduct(A, M), sp.HadamardProduct(M, A))
    ),
    "the inverse of a sum": VectorIdentity(lambda: ((A + M).I * b, (M + 2 * A).I * b)),
    "a function without an enclosure": SignOnBox(lambda: (2 - sp.atan(x), {x: (0, 1)})),
    "a float that cancels": VectorIdentity(lambda: (big * A + A - big * A, ZeroMatrix(d, d))),
    "a float that cancels among scalars": Identity(lambda: (big + x - big, 0)),
    "a Python float that cancels": Identity(lambda: ((1e16 + 1 - 1e16) * x, 0)),
    "a float in a matrix": VectorIdentity(lambda: (sp.Float("0.5") * A, sp.Float("0.5") * A)),
    "an integral float": VectorIdentity(lambda: (2.0 * A, A + A)),
    "a float of mpmath that cancels": Identity(lambda: (x + mpmath.mpf(1) / 3 - mpmath.mpf(1) / 3 - x, 0)),
    "a float that cancels in a hypothesis": Entails(lambda: ([sp.Gt(x + big - big, 1)], x > 1)),
    "a float that cancels in a limit": Limit(lambda: ((big + 1 - big) / x, x, sp.oo, "-", 0)),
    "a float that cancels in a sign": Sign(lambda: big + 1 - big),
    "a float that cancels on a box": SignOnBox(lambda: (big + 1 - big + x, {x: (1, 2)})),
    "a conclusion that Python evaluated": Entails(lambda: ([x > 0], x**2 != x)),
    "a conclusion that Python denied": Entails(lambda: ([x > 0], not x**2 == x)),  # noqa: SIM201
    "a part that Python evaluated": Entails(lambda: ([x > 0], sp.And(x**2 != x, x > -1))),
    "a premise that Python evaluated": Entails(lambda: ([x > 0], sp.Implies(x**2 == x, x > 5))),
    "an alternative that Python evaluated": Entails(lambda: ([], sp.Or(x**2 != x, x > 5))),
    "an equivalence that Python evaluated": Entails(lambda: ([], sp.Equivalent(x**2 != x, p > 0))),
    "sides that Python evaluated": Identity(lambda: (x**2 != x, True)),
    "no sides at all": VectorIdentity(lambda: A == A),
    "a denominator under an implication": Entails(lambda: ([sp.Eq(x, 0)], sp.Implies(y > 0, 1 / x > 5))),
    "a denominator under two": Entails(
        lambda: ([sp.Eq(x, y)], sp.Implies(x > 0, sp.Implies(p > 1, 1 / (x - y) > 5)))
    ),
    "a denominator in an alternative": Entails(lambda: ([sp.Eq(x, 0)], sp.Or(y > 0, 1 / x > 5))),
    "a denominator that may vanish": Entails(lambda: ([x >= 0], 1 / x > 0)),
    "a negative power that may vanish": Entails(lambda: ([x >= y], (x - y) ** -2 > 0)),
    "a denominator in a maximum": Entails(lambda: ([x >= 0], sp.Max(1, 1 / x) >= 1)),
    "a parameter that may be 0": Limit(lambda: (1 / (1 + y * x), x, sp.oo, "-", 0)),
    "parameters that may be equal": Limit(lambda: (1 / (1 + (p - h) * x), x, sp.oo, "-", 0)),
    "rates that may be equal": Limit(lambda: (sp.exp(p * x) / sp.exp(h * x) / x, x, sp.oo, "-", 0)),
    "roots that may be equal": Limit(
        lambda: (1 / (x * (sp.sqrt(x**2 + p * x) - sp.sqrt(x**2 + h * x))), x, sp.oo, "-", 0)
    ),
    "a power that may be 0": Limit(lambda: (x**-y, x, sp.oo, "-", 0)),
    "a square that may be 0": Limit(lambda: (1 / (1 + y**2 * x), x, sp.oo, "-", 0)),
    "a value that moves along": Limit(lambda: (x + 1, x, sp.oo, "-", x + 1)),
    "a case that is not understood": All(lambda: [("1", Entails(lambda: ([], sp.atan(x) < 2)))]),
}


STILL_HOLDS = {
    "a guarded denominator": Entails(lambda: ([x > 0], sp.Implies(y > 1, y / x > 0))),
    "a denominator guarded by its premise": Entails(lambda: ([], sp.Implies(x > 0, 1 / x > 0))),
    "a relation that SymPy evaluates": Entails(lambda: ([x > 1], sp.And(p > 0, x > 0))),
    "a comparison of roots": Entails(lambda: ([], sp.sqrt(2) > 1)),
    "a limit for either sign": Limit(lambda: (2 * sp.sqrt(y**2 + p**4), p, 0, "+", 2 * sp.Abs(y))),
    "a limit with positive parameters": Limit(lambda: (p * sp.exp(-h * x), x, sp.oo, "-", 0)),
    "integers, whatever Python compares": Identity(lambda: (x if d == d else y, x)),
}


@pytest.mark.parametrize("claim", STILL_HOLDS.values(), ids=STILL_HOLDS)
def test_what_is_exact_and_defined_still_holds(claim):
    outcome = decide(claim)
    assert outcome.holds, outcome.detail


@pytest.mark.parametrize("claim", MUST_NOT_HOLD.values(), ids=MUST_NOT_HOLD)
def test_a_claim_that_is_false_or_not_understood_does_not_hold(claim):
    assert not decide(claim).holds


def test_a_guarded_quotient_is_no_restriction():
    guarded = sp.Implies(sp.Ne(x, 0), y / x > 1)
    assert Entails(lambda: ([guarded, sp.Ge(x, 0), sp.Eq(y, 0)], sp.Eq(x, 0))).check().holds


class PlainArithmetic:
    """Matrix expressions at random rational matrices, by plain matrix arithmetic."""

    def __init__(self, exprs, symmetric):
        symbols = sorted(set().union(*(e.atoms(MatrixSymbol) for e in exprs)), key=str)
        whole = symbols + [m for e in exprs for m in e.atoms(Unit, ZeroMatrix)]
        sizes = sorted({s for m in whole for s in m.shape if not s.is_Integer}, key=str)
        self.draw = random.Random(7)
        self.size = {size: k + 2 for k, size in enumerate(sizes)}
        self.scalars = dict(self.size)
        self.matrix = {m: self.random_matrix(m.shape, m.name in symmetric) for m in symbols}

    def random_matrix(self, shape, symmetric):
        rows, columns = (int(self.size.get(s, s)) for s in shape)
        matrix = sp.Matrix(rows, columns, lambda *_: self.random_number())
        return matrix + matrix.T if symmetric else matrix

    def random_number(self):
        return sp.Rational(self.draw.randint(-9, 9), self.draw.randint(1, 5))

    def __call__(self, expr):
        match expr:
            case MatrixSymbol():
                return self.matrix[expr]
            case Unit():
                return sp.eye(int(self.size.get(expr.shape[0], expr.shape[0])))
            case ZeroMatrix():
                return sp.zeros(*(int(self.size.get(s, s)) for s in expr.shape))
            case Transpose():
                return self(expr.arg).T
            case Inverse():
                return self(expr.arg).inv()
            case MatPow():
                return self(expr.base) ** int(expr.exp)
            case MatAdd():
                return reduce(operator.add, map(self, expr.args))
            case MatMul():
                return reduce(operator.mul, map(self, expr.args))
        for s in expr.free_symbols:
            self.scalars.setdefault(s, 1 + self.random_number() ** 2)
        return expr.subs(self.scalars)


def vector_claims():
    for statement, proof in load_proofs().items():
        for number, step in enumerate(proof.steps, 1):
            if isinstance(step.claim, VectorIdentity):
                yield pytest.param(step.claim, True, id=f"{statement}-{number}")
                yield pytest.param(step.mutant, False, id=f"{statement}-{number}-mutant")


@pytest.mark.parametrize(("claim", "true"), list(vector_claims()))
def test_matrix_identities_agree_with_plain_matrix_arithmetic(claim, true):
    built = claim.build()
    pairs = built if isinstance(built, list) else [built]
    at_random = PlainArithmetic([side for pair in pairs for side in pair], claim.symmetric)
    equal = [(at_random(lhs) - at_random(rhs)).is_zero_matrix for lhs, rhs in pairs]
    assert all(equal) is true


def scalar_claims():
    for statement, proof in load_proofs().items():
        for number, step in enumerate(proof.steps, 1):
            if isinstance(step.claim, Identity):
                yield pytest.param(step.claim, id=f"{statement}-{number}")


@pytest.mark.parametrize("claim", list(scalar_claims()))
def test_scalar_identities_agree_with_numbers(claim):
    built = claim.build()
    draw = random.Random(11)
    for lhs, rhs in built if isinstance(built, list) else [built]:
        difference = sp.sympify(lhs) - sp.sympify(rhs)
        for name in {one.func for one in difference.atoms(AppliedUndef)}:  # what holds of any function
            difference = difference.replace(name, sp.sinh if str(name) == "phi" else sp.cosh)
        symbols = sorted(difference.free_symbols, key=str)
        for _ in range(3):
            point = [
                draw.randint(1, 5) if s.is_integer else mpmath.mpf(draw.randint(1, 99)) / 37 for s in symbols
            ]
            with mpmath.workdps(40):
                assert abs(sp.lambdify(symbols, difference, "mpmath")(*point)) < 1e-25
