"""Expressions of parameters: what is read is exact, and nothing else is ever read."""

from __future__ import annotations

import ast
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlesym.errors import BadInputError
from saddlesym.exact.functions import expressions, rational_functions
from saddlesym.exact.functions.expressions import parse_expression
from saddlesym.exact.functions.rational_functions import RationalFunctionField, parameter

NAMES = ("a", "b", "rho")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rho", "rho"),
        ("1 - rho**2", "1 - rho**2"),
        ("2/3*rho", "Rational(2,3)*rho"),
        ("-rho^2", "-(rho**2)"),
        ("--rho + +1", "rho + 1"),
        ("2**-1", "Rational(1,2)"),
        ("(a + b)**(-2)", "1/(a+b)**2"),
        ("1e-3*rho + .5 + 2.", "rho/1000 + Rational(5,2)"),
        ("a/b/rho", "a/(b*rho)"),
        ("a - b - rho", "a - (b + rho)"),
        ("-2**2", "Integer(-4)"),
        ("2*-3", "Integer(-6)"),
        ("0**0", "Integer(1)"),
        (" ( ( a ) ) ", "a"),
    ],
)
def test_grammar(text, value):
    symbols = {name: parameter(name) for name in NAMES}
    expected = sympy.sympify(value, locals=symbols)  # the test's own text, not a user's
    assert sympy.simplify(parse_expression(text, NAMES) - expected) == 0


def test_literals_are_exact():
    assert parse_expression("0.1") == sympy.Rational(1, 10)
    assert parse_expression("1e-30 * 3") == sympy.Rational(3, 10**30)


MALICIOUS = [
    "__import__('os').system('touch {file}')",
    "open('{file}', 'w')",
    "exec(\"open('{file}','w')\")",
    "().__class__.__bases__[0].__subclasses__()",
    "rho.__class__",
    "rho.func",
    "lambda: 0",
    "lambda",
    "lambda x: x",
    "rho if 1 else 2",
    "[rho for rho in range(9)]",
    "[rho]",
    "{rho}",
    "rho(1)",
    "rho; rho",
    "rho\nimport os",
    "rho == rho",
    "rho := 1",
    "@rho",
    "rho % 2",
    "rho // 2",
    "rho << 100000000",
    "~rho",
    "'rho'",
    "f'{{rho}}'",
    "\\rho",
    "$rho$",
    "`id`",
    "exec",
    "eval",
    "zoo",
    "oo",
    "I",
    "pi",
    "E",
    "nan",
    "inf",
    "Symbol",
    "_",
    "__a__",
    "a__b",
    "rho\x00",
    "\ufeffrho",
    "rho\u200b",
    "\uff52ho",  # a full-width r, which Python's own parser would read as r
    "\u03c1",
    "1 \u2212 rho",
    "\u0661",  # an Arabic digit one
    "rho**\uff19",
    "\u00b2",
    "0x10",
    "1_000",
    "1j",
    "2 rho",
    "2rho",
    "1e",
    "1.2.3",
    "rho**rho",
    "rho**1.0",
    "rho**(1+1)",
    "9**9**9**9",
    "9**99999999",
    "((9**20)**20)**20",
    "1e999999999",
    "1e9999",
    "(rho**20)**20",
    "(a + b + rho + 1)**20",
    "(a + b + rho + 1)**8",
    "rho**",
    "**rho",
    "1 +",
    "* 1",
    "(1",
    "1)",
    ")(",
    "()",
    "",
    "   ",
    "#",
    "1/0",
    "0**-1",
    "1/(rho - rho)",
    "1/((a+b)**2 - a**2 - 2*a*b - b**2)",
    "(" * 60 + "1" + ")" * 60,
    "(" * 100_000,
    "1" * 100_000,
    "-" * 100_000 + "1",
    "+".join(["rho"] * 100_000),
]


@pytest.mark.parametrize("text", MALICIOUS, ids=[f"{i}" for i in range(len(MALICIOUS))])
def test_everything_else_is_refused_on_one_line(text, tmp_path):
    file = tmp_path / "touched"
    with pytest.raises(BadInputError) as caught:
        parse_expression(text.replace("{file}", str(file)), NAMES)
    assert not file.exists()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 250


@pytest.mark.parametrize(
    "name", ["", "_a", "a__b", "a b", "1a", "ρ", "a-b", "a.b", "__import__", "a" * 41, 3]
)
def test_parameter_names_are_plain(name):
    with pytest.raises(BadInputError):
        parse_expression("1", [name])


def test_a_keyword_may_be_a_parameter():
    value = parse_expression("2*lambda", ["lambda"])
    assert value == 2 * parameter("lambda")
    assert sympy.lambdify([parameter("lambda")], value)(3) == 6


@pytest.mark.parametrize("value", [None, 5, b"rho", ["rho"], sympy.Symbol("rho")])
def test_only_text_is_an_expression(value):
    with pytest.raises(BadInputError):
        parse_expression(value, NAMES)


@pytest.mark.parametrize("module", [expressions, rational_functions])
def test_the_reader_contains_no_interpreter(module):
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    used |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    assert not used & {
        "eval",
        "exec",
        "sympify",
        "parse_expr",
        "S",
        "getattr",
        "__import__",
        "literal_eval",
    }


# --- against Python's own arithmetic on fractions --------------------------------------------


@st.composite
def trees(draw, depth=4):
    """A text and the function of (a, b, rho) that it stands for, built side by side."""
    if depth == 0 or draw(st.booleans()):
        if draw(st.booleans()):
            k = draw(st.integers(0, 2))
            return NAMES[k], lambda values: values[k]
        q = draw(st.integers(0, 9))
        return str(q), lambda values: Fraction(q)
    left, f = draw(trees(depth=depth - 1))
    operator = draw(st.sampled_from(["+", "-", "*", "/", "**", "neg"]))
    if operator == "neg":
        return f"(-{left})", lambda values: -f(values)
    if operator == "**":
        e = draw(st.integers(-2, 3))
        return f"({left})**{e}", lambda values: f(values) ** e
    right, g = draw(trees(depth=depth - 1))
    operations = {
        "+": lambda x, y: x + y,
        "-": lambda x, y: x - y,
        "*": lambda x, y: x * y,
        "/": lambda x, y: x / y,
    }
    return f"({left}{operator}{right})", lambda values: operations[operator](f(values), g(values))


@settings(derandomize=True, max_examples=300, deadline=None)
@given(trees(), st.lists(st.fractions(-5, 5, max_denominator=7), min_size=3, max_size=3))
def test_reading_agrees_with_fractions(tree, values):
    text, function = tree
    try:
        expected = function(values)
    except ZeroDivisionError:
        return
    try:
        expression = parse_expression(text, NAMES)
    except BadInputError as error:
        # only a bound may be the reason: the text is well formed and finite here
        assert "too large" in str(error)
        return
    where = {
        parameter(n): sympy.Rational(v.numerator, v.denominator) for n, v in zip(NAMES, values, strict=True)
    }
    value = expression.xreplace(where)
    assert value == sympy.Rational(expected.numerator, expected.denominator)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(st.sampled_from(list("ab12+-*/^(). e_\u03c1[]'\\\x00")), max_size=30))
def test_any_text_gives_an_expression_or_bad_input(text):
    try:
        value = parse_expression(text, ["a", "b"])
    except BadInputError:
        return
    assert value.free_symbols <= {parameter("a"), parameter("b")}


# --- the field itself ------------------------------------------------------------------------


@settings(derandomize=True, max_examples=60, deadline=None)
@given(trees(depth=3), trees(depth=3))
def test_field_operations_agree_with_sympy(one, other):
    field = RationalFunctionField(NAMES)
    try:
        f, g = (expressions.read_expression(text, field) for text, _ in (one, other))
    except BadInputError:
        return
    for ours, theirs in [
        (f + g, f.sympy() + g.sympy()),
        (f - g, f.sympy() - g.sympy()),
        (f * g, f.sympy() * g.sympy()),
        (1 - f, 1 - f.sympy()),
        (f**2, f.sympy() ** 2),
    ]:
        assert sympy.cancel(ours.sympy() - theirs) == 0
        assert field.from_sympy(ours.sympy()) == ours
    if not g.is_zero:
        assert sympy.cancel((f / g).sympy() - f.sympy() / g.sympy()) == 0
        assert (f / g) * g == f


def test_large_coefficients_are_factored():
    field = RationalFunctionField(["a", "b"])
    a, b = field.generators
    big = 10**40
    product = (a + big * b) * (a - (big + 1) * b) / (a + 3)
    _, powers = product.factors()
    assert sorted(e for _, e in powers) == [-1, 1, 1]
    assert field.from_sympy(product.sympy()) == product


@pytest.mark.parametrize("make", [
    sympy.sqrt,
    sympy.sin,
    lambda x: x**sympy.Rational(1, 2),
    lambda x: 2**x,
    lambda x: sympy.Float("0.5") * x,
    lambda x: sympy.pi * x,
    lambda x: sympy.Symbol("other") + x,
    lambda x: x**1000,
    lambda x: sympy.oo,
])  # fmt: skip
def test_only_rational_functions_come_in_from_sympy(make):
    with pytest.raises(BadInputError):
        RationalFunctionField(["x"]).from_sympy(make(sympy.Symbol("x")))


def test_division_by_the_zero_function_is_seen():
    field = RationalFunctionField(["a"])
    (a,) = field.generators
    with pytest.raises(ZeroDivisionError):
        a / (a - a)
