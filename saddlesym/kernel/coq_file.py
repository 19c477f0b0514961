"""The Coq file of a path: its data, the path claimed, hints for the checker, and the theorem.

Nothing that stands in it is trusted, apart from the data being those meant and the path claimed
being the one shown: the checker recomputes everything from them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from saddlesym.kernel.integers import IntegerData, IntegerPoint, LeftInverse
from saddlesym.kernel.walk import Hint, IntegerWalk

THEOREM = "flow_converges_to_the_path"


def coq_file(walk: IntegerWalk, groups: Sequence[LeftInverse], held: Sequence[int], title: str = "") -> str:
    """The file, which ``coqc`` accepts exactly if the checker accepts the path."""
    jumps, data = len(walk.hints), walk.data
    check = "check" if walk.complete else "check_until"
    what = "whole path" if walk.complete else "path up to a horizon"
    times = ["jump_times", "jump_times"] if walk.exact else ["earliest", "latest"]
    bounds = [walk.lower] if walk.exact else [walk.lower, walk.upper]
    lists = "".join(
        f"Definition {name} : list Q := [{'; '.join(map(_rational, values))}].\n"
        for name, values in zip(times, bounds, strict=False)
    )
    separator = ";\n   "
    hints = separator.join(_hint(hint, group) for hint, group in zip(walk.hints, held, strict=False))
    return f"""(** Written by saddlesym: the {what}{title_text(title)}.
    n = {data.n}, d = {data.d}, dwells that end: {jumps}. *)
From Coq Require Import Reals List ZArith QArith.
From Saddle Require Import Checker Soundness Main.
Import ListNotations.
Open Scope Z_scope.

{data_text(data)}
(** The path claimed: times t = T / ln(1/alpha), from 0 on, and saddles: numerators
    over a denominator, times the denominators of the columns. *)
{lists}
Definition the_saddles : saddles :=
  [{points_text(walk.points)}].

(** Hints. *)
Definition claimed : path := {{|
  lower_times := {times[0]}; upper_times := {times[1]};
  points := the_saddles;
  hints :=
  [{hints}];
  groups :=
  [{separator.join(group_text(group, data.d) for group in groups)}];
  last_group := {held[-1] if walk.complete else 0} |}}.

Lemma accepted : {check} {data.n} {data.d} the_data {jumps} claimed = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

{theorem(walk)}
Proof. exact ({_main(walk)} _ _ _ _ _ accepted{" eq_refl" if walk.exact else ""}). Qed.

Print Assumptions {THEOREM}.
"""


def theorem(walk: IntegerWalk) -> str:
    """The theorem about the data, in Coq."""
    certified = "certified" if walk.complete else "certified_until"
    jumps = len(walk.hints)
    about = f"{certified} {walk.data.n} {walk.data.d} (features the_data) (responses the_data) {jumps}"
    if walk.exact:
        return f"Theorem {THEOREM} :\n  {about}\n    (time jump_times) (saddle the_data the_saddles)."
    return (
        f"Theorem {THEOREM} :\n  exists jump, times_within {jumps} jump (time earliest) (time latest) /\\\n"
        f"  {about}\n    jump (saddle the_data the_saddles)."
    )


def question(text: str, walk: IntegerWalk) -> str:
    """The same file, but it prints which claim the checker refuses."""
    refused = "refused" if walk.complete else "refused_until"
    arguments = f"{walk.data.n} {walk.data.d} the_data {len(walk.hints)} claimed"
    return text[: text.index("Lemma accepted")] + f"Eval vm_compute in {refused} {arguments}.\n"


def _main(walk: IntegerWalk) -> str:
    return f"checked{'' if walk.complete else '_until'}{'' if walk.exact else '_within'}"


def title_text(name: str) -> str:
    """Of what a file is, with nothing in it that could end a comment."""
    return f" of {re.sub(r'[^A-Za-z0-9 ._-]', '?', name)[:80]}" if name else ""


def data_text(data: IntegerData) -> str:
    """The definition of the data."""
    return f"""(** The data: each column of X over its denominator, y over its own. *)
Definition the_data : data := {{|
  rows :=
  [{_rows(data.rows)}];
  columns_over := [{_integers(data.columns_over)}]%positive;
  targets := [{_integers(data.targets)}];
  targets_over := {data.targets_over} |}}.
"""


def _integers(values: Sequence[int]) -> str:
    return "; ".join(map(str, values))


def _rows(rows: Sequence[Sequence[int]]) -> str:
    return ";\n   ".join(f"[{_integers(row)}]" for row in rows)


def _rational(value: Fraction) -> str:
    return f"{value.numerator} # {value.denominator}"


def points_text(points: Sequence[IntegerPoint]) -> str:
    """Vectors, as numerators over a denominator."""
    return ";\n   ".join(
        f"([{_integers(numerators)}], {denominator}%positive)" for numerators, denominator in points
    )


def _hint(hint: Hint, group: int) -> str:
    return (
        f"{{| scale := {hint.scale}; move := {hint.move}; slack := {hint.slack}; arrives := {hint.arrives};"
        f" cancels := {hint.cancels}; group := {group} |}}"
    )


def group_text(group: LeftInverse, d: int) -> str:
    """Independent columns, as the checker takes them."""
    members = "; ".join("true" if i in group.columns else "false" for i in range(d))
    place = {i: a for a, i in enumerate(group.columns)}
    rows = [
        f"[{_integers([group.entries[place[i]][place[j]] if j in place else 0 for j in range(d)])}]"
        if i in place
        else "nil"
        for i in range(d)
    ]
    joined = ";\n     ".join(rows)
    return f"{{| members := [{members}];\n    inverse := [{joined}];\n    inverse_over := {group.over} |}}"
