"""A recorded training run: columns of numbers with what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import MAX_ENTRIES

if TYPE_CHECKING:
    import numpy as np

#: Fewest records of a run.
MIN_RECORDS = 3


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What was recorded of a training run.

    Attributes:
        beta: β (m × d) at the m records.
        steps: number of steps taken at each record (m); None where only times are known.
        times: time of each record (m) in the user's units: learning rate × steps; None where only
            steps are known.
        weights: the two factors of β (each m × d) if they were recorded: u and v, or w₊ and w₋.
        loss: the recorded loss (m), in whatever scale it has.
        names: of the d columns, if the record has them.
        source: what to call the run in messages.
        lost: how many records behind the last are not finite: the run overflowed.
        parametrisation: ``uv`` or ``squares``, what the weights are.
    """

    beta: np.ndarray[Any, Any]
    steps: np.ndarray[Any, Any] | None = None
    times: np.ndarray[Any, Any] | None = None
    weights: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None = None
    loss: np.ndarray[Any, Any] | None = None
    names: tuple[str, ...] = ()
    source: str = field(default="run")
    lost: int = 0
    parametrisation: str = "uv"

    def __post_init__(self) -> None:
        import numpy as np

        clock = self.steps if self.steps is not None else self.times
        if clock is None:
            raise BadInputError(
                f"{self.source} has no column of steps or times", needed="a column step or time"
            )
        if len(clock) < MIN_RECORDS:
            raise BadInputError(
                f"{self.source} has {len(clock)} finite records", needed=f"at least {MIN_RECORDS}"
            )
        if self.steps is not None and (self.steps != np.floor(self.steps)).any():
            k = int(np.flatnonzero(self.steps != np.floor(self.steps))[0])
            raise BadInputError(
                f"{self.source}: record {k} is at step {self.steps[k]:g}",
                needed="whole numbers of steps, or a column time",
            )
        late = np.flatnonzero(np.diff(clock) <= 0)
        if len(late) or clock[0] < 0:
            k = int(late[0]) + 1 if len(late) else 0
            raise BadInputError(
                f"{self.source}: record {k} is at {clock[k]:g}" + (f" after {clock[k - 1]:g}" if k else ""),
                needed="steps or times that start at 0 or later and increase",
            )

    def __len__(self) -> int:
        return len(self.beta)

    @property
    def d(self) -> int:
        """Number of columns."""
        return int(self.beta.shape[1])

    @property
    def clock(self) -> np.ndarray[Any, Any]:
        """Steps, or times where there are no steps (m)."""
        found = self.steps if self.steps is not None else self.times
        assert found is not None
        return found

    @classmethod
    def from_columns(
        cls,
        columns: Mapping[str, Any],
        features: Sequence[str],
        parametrisation: str = "uv",
        depth: int = 2,
        source: str = "run",
    ) -> TrainingRun:
        """A run from named columns.

        Clock: ``step`` (or ``steps``, ``iteration``) or ``time``.  Coefficients: one column for each
        feature (``beta_NAME``, ``NAME``, ``beta_0`` …), or two (``u_…`` and ``v_…``, ``w_plus_…`` and
        ``w_minus_…``); or arrays ``beta``, ``u`` and ``v``, ``w_plus`` and ``w_minus`` of m × d
        numbers.  ``loss`` is optional, other columns are ignored.

        Args:
            columns: name → m numbers, or m × d.
            features: names of the d features of the data.
            parametrisation: ``uv`` or ``squares``.
            depth: D, for ``w_plus`` and ``w_minus``.
            source: what to call the run in messages.

        Raises:
            BadInputError: says which column is missing, or what is wrong with one.
        """
        import numpy as np

        arrays = {_key(name): _numbers(name, values, source) for name, values in columns.items()}
        clock = {
            kind: next((arrays[name] for name in names if name in arrays), None)
            for kind, names in {
                "steps": ("step", "steps", "iteration", "iterations", "iter"),
                "times": ("time", "times", "t"),
                "loss": ("loss", "train_loss", "training_loss"),
            }.items()
        }
        d = len(features)
        found = {
            kind: _block(arrays, kind, features, source)
            for kind in ("beta", "u", "v", "w_plus", "w_minus", "a", "b")
        }
        weights, beta = None, found["beta"]
        for first, second in (("u", "v"), ("w_plus", "w_minus"), ("a", "b")):
            one, two = found[first], found[second]
            if one is not None and two is not None:
                with np.errstate(over="ignore", invalid="ignore"):
                    made = (
                        one * two
                        if first == "u" and parametrisation == "uv" and depth == 2
                        else one**depth - two**depth
                    )
                weights, beta = (one, two), made if beta is None else beta
                break
        if beta is None:
            raise BadInputError(
                f"{source} has the columns {', '.join(shown(str(name), 20) for name in list(columns)[:8])}",
                needed=f"beta_i, or u_i and v_i, or w_plus_i and w_minus_i, i from 0 to {d - 1} or by name",
            )
        lengths = {len(a) for a in [*(x for x in clock.values() if x is not None), beta]}
        if len(lengths) != 1:
            raise BadInputError(
                f"{source}: columns of {', '.join(map(str, sorted(lengths)))} numbers",
                needed="columns of one length",
            )
        present = [a for a in (clock["steps"], clock["times"]) if a is not None]
        for a in present:
            if not np.isfinite(a).all():
                raise BadInputError(f"{source}: a step or time is missing", needed="one for every record")
        finite = np.isfinite(beta).all(axis=1)
        if weights is not None:
            finite &= np.isfinite(weights[0]).all(axis=1) & np.isfinite(weights[1]).all(axis=1)
        upto = len(finite) if finite.all() else int(np.argmin(finite))
        if weights is not None:
            weights = weights[0][:upto], weights[1][:upto]
        cut = {kind: None if a is None else a[:upto] for kind, a in clock.items()}
        return cls(
            beta[:upto],
            cut["steps"],
            cut["times"],
            weights,
            cut["loss"],
            tuple(features),
            source,
            len(finite) - upto,
            parametrisation,
        )


def _key(name: object) -> str:
    return str(name).strip()


def _numbers(name: object, values: Any, source: str) -> np.ndarray[Any, Any]:
    """A column as an array of floats; narrow floats keep their type, which tells how the run was made."""
    import numpy as np

    array = np.asarray(values)
    if array.size > MAX_ENTRIES:
        raise BadInputError(f"{source}: {array.size:,} numbers", needed=f"at most {MAX_ENTRIES:,}")
    if array.dtype.kind not in "fiub":
        try:
            array = array.astype(float)
        except (TypeError, ValueError):
            return np.full(array.shape[:1], np.nan)  # a column of words is no column of ours
    return array if array.dtype == np.float32 else array.astype(float)


def _block(
    arrays: Mapping[str, np.ndarray[Any, Any]], kind: str, features: Sequence[str], source: str
) -> np.ndarray[Any, Any] | None:
    """One array m × d from an array of that name, or from a column for each feature."""
    import numpy as np

    d = len(features)
    whole = arrays.get(kind)
    if whole is not None and whole.ndim == 2:
        if whole.shape[1] != d:
            raise BadInputError(
                f"{source}: {kind} has {whole.shape[1]} columns", needed=f"{d}, one for each feature"
            )
        return whole
    names = [
        [f"{kind}_{i}", f"{kind}{i}", f"{kind}_{name}", f"{kind}[{i}]"] for i, name in enumerate(features)
    ]
    if kind == "beta":
        names = [[*some, name] for some, name in zip(names, features, strict=True)]
    if d == 1:
        names[0].append(kind)
    chosen = [next((arrays[name] for name in some if name in arrays), None) for some in names]
    if all(a is None for a in chosen):
        return None
    for some, a in zip(names, chosen, strict=True):
        if a is None and kind != "beta":
            raise BadInputError(f"{source} has no column {shown(some[0])}", needed=f"{d} columns {kind}_i")
        if a is None:
            return None
    columns = [a for a in chosen if a is not None and a.ndim == 1]
    if len(columns) != d or len({len(a) for a in columns}) != 1:
        raise BadInputError(f"{source}: columns of {kind} differ in length", needed="one number per record")
    return np.stack(columns, axis=1)
