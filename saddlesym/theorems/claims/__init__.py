"""Kinds of claims: what a proof step can say, and how each kind is decided.

========================  ==============================================================
:class:`Identity`         two SymPy expressions are equal, by simplification to 0
:class:`VectorIdentity`   two matrix expressions of symbolic shape are equal (every n, d)
:class:`Limit`            a limit of a SymPy expression
:class:`Sign`             an expression has a sign, by SymPy's assumptions
:class:`SignFrom`         the same on a half line, by the signs of derivatives
:class:`SignOnBox`        the same on a box, by ball arithmetic and subdivision
:class:`Entails`          hypotheses imply a conclusion in real arithmetic, by z3
:class:`All`              several claims at once, the parts of one step
:class:`Each`             a claim for each of finitely many cases, and no more than these
========================  ==============================================================
"""

from saddlesym.theorems.claims.entailment import Entails
from saddlesym.theorems.claims.finite import All, Each
from saddlesym.theorems.claims.identity import Identity, along
from saddlesym.theorems.claims.limits import Limit
from saddlesym.theorems.claims.signs import Sign, SignFrom, SignOnBox
from saddlesym.theorems.claims.vectors import VectorIdentity

__all__ = [
    "All",
    "Each",
    "Entails",
    "Identity",
    "Limit",
    "Sign",
    "SignFrom",
    "SignOnBox",
    "VectorIdentity",
    "along",
]
