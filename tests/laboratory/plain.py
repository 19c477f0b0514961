"""PF23's Algorithm 1 for a few columns in plain fractions: every minimiser by trying all supports.

Shares nothing with the program; slow, and meant to be read.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations


class NotUniqueError(Exception):
    """Some minimiser on the way is a set."""


def solved(M, r, T):
    """β on the support T with M_TT β = r_T by elimination; None where M_TT is singular."""
    rows = [[M[i][j] for j in T] + [r[i]] for i in T]
    for k in range(len(T)):
        pivot = next((i for i in range(k, len(T)) if rows[i][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(len(T)):
            if i != k:
                rows[i] = [x - rows[i][k] * z for x, z in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def minimiser(M, r, signs):
    """argmin L(b) over b with signs[i]·b_i ≥ 0 where signs[i] ≠ 0, and b_i = 0 elsewhere."""
    free, found = [i for i, s in enumerate(signs) if s], set()
    for size in range(len(free) + 1):
        for T in combinations(free, size):
            b = solved(M, r, T)
            if b is None:
                continue
            beta = [Fraction(0)] * len(r)
            for i, x in zip(T, b, strict=True):
                beta[i] = x
            gradient = slope(M, r, beta)
            if all(signs[i] * beta[i] >= 0 and signs[i] * gradient[i] >= 0 for i in free):
                found.add(tuple(beta))
    if len(found) != 1:
        raise NotUniqueError
    return list(found.pop())


def slope(M, r, beta):
    return [sum(m * b for m, b in zip(row, beta, strict=True)) - c for row, c in zip(M, r, strict=True)]


def path(X, y):
    """The successive (t, β), the origin first; columns that are equal or opposite raise NotUniqueError."""
    n, d = len(X), len(X[0])
    M = [[Fraction(sum(row[i] * row[j] for row in X), n) for j in range(d)] for i in range(d)]
    r = [Fraction(sum(row[i] * t for row, t in zip(X, y, strict=True)), n) for i in range(d)]
    for i, j in combinations(range(d), 2):
        column, other = [row[i] for row in X], [row[j] for row in X]
        if any(column) and (column == other or column == [-x for x in other]):
            raise NotUniqueError
    t, beta, s = Fraction(0), [Fraction(0)] * d, [Fraction(0)] * d
    out = [(t, beta)]
    while any(g := slope(M, r, beta)):
        waits = [(1 + s[i] * (1 if g[i] > 0 else -1)) / abs(g[i]) for i in range(d) if g[i] != 0]
        step = min(waits)
        t, s = t + step, [a - step * b for a, b in zip(s, g, strict=True)]
        beta = minimiser(M, r, [int(a) if abs(a) == 1 else 0 for a in s])
        out.append((t, beta))
    return out


def loss(X, y, beta):
    residuals = [sum(x * b for x, b in zip(row, beta, strict=True)) - t for row, t in zip(X, y, strict=True)]
    return sum(q * q for q in residuals) / Fraction(2 * len(X))
