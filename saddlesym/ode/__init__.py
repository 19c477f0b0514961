"""A Taylor integrator of arbitrary order and precision with proved defects."""

from saddlesym.ode.field import Field, Norm, Term, exp, sinh, variables, vector_field
from saddlesym.ode.integrate import integrate
from saddlesym.ode.solution import Solution, SolutionStep

__all__ = [
    "Field",
    "Norm",
    "Solution",
    "SolutionStep",
    "Term",
    "exp",
    "integrate",
    "sinh",
    "variables",
    "vector_field",
]
