"""Where conjectures come from: a law as text, a piece of shipped folklore by its id, a Python file.

A file is run only when it is named as one: nothing in a data file, a saved result or a law as text is
ever evaluated.
"""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from saddlesym.errors import BadInputError, SaddlesymError, shown
from saddlesym.laboratory.conjecture import Conjecture
from saddlesym.laboratory.language.evaluation import SYMMETRIES
from saddlesym.theorems.catalogue import statement, statements
from saddlesym.theorems.folklore import recorded

_FILE = re.compile(r"(.+\.py)(?::([A-Za-z_][A-Za-z0-9_]*))?", re.DOTALL)


def conjecture_of(word: str, assumes: tuple[str, ...] = ()) -> Conjecture:
    """The conjecture that a word of the command line means.

    Args:
        word: ``FILE.py`` or ``FILE.py:NAME``, the id of a piece of folklore, or a law as text.
        assumes: ids of assumptions that a law as text is to have.

    Raises:
        BadInputError: the file cannot be run or holds no conjecture, or the text is no law.

    >>> conjecture_of("at-most-d-jumps").about, conjecture_of("jumps <= d").about
    ('path', 'quantities')
    """
    match = _FILE.fullmatch(word)
    if match is not None:
        _nothing_assumed(assumes, "a file")
        return from_file(match[1], match[2] or "")
    if word in statements():
        if not statement(word).is_folklore:
            raise BadInputError(
                f"{word} is a statement with checks of its own",
                needed="a conjecture",
                hint=f"saddlesym verify {word}",
            )
        _nothing_assumed(assumes, "folklore")
        return folklore(word)
    return Conjecture.written(word, assumes=assumes)


def _nothing_assumed(assumes: tuple[str, ...], what: str) -> None:
    if assumes:
        raise BadInputError(
            f"assumptions for {what}, which says itself what it assumes", needed="a law as text"
        )


def folklore(statement_id: str) -> Conjecture:
    """A shipped piece of folklore as a conjecture like any other.

    >>> from saddlesym.laboratory.boxes import IntegerBox
    >>> from saddlesym.laboratory.refutation import refute
    >>> found = refute(folklore("sign-kept"), IntegerBox(4, 2)).counterexample
    >>> found.problem == recorded("sign-kept").problem
    True
    """
    entry, counterexample = statement(statement_id), recorded(statement_id)
    if entry.wing == "deep":
        return Conjecture(entry.title, entry.text, counterexample.law, entry.assumptions, "deep data")
    law = getattr(counterexample, "law_of_path")  # noqa: B009
    return Conjecture(entry.title, entry.text, law, (), "path", SYMMETRIES)


def from_file(file: str, name: str = "") -> Conjecture:
    """The conjecture that a Python file makes.

    Args:
        file: path of the file; it is run.
        name: of the variable; may be left out where the file makes one conjecture.

    Raises:
        BadInputError: there is no such file, running it ended in an error, or it holds no such conjecture.
    """
    module = _run(file)
    made = {key: value for key, value in vars(module).items() if isinstance(value, Conjecture)}
    if name and name not in made:
        found = vars(module).get(name)
        what = "is no Conjecture" if found is not None else "is not there"
        raise BadInputError(f"{name} {what} in {shown(file)}", needed=", ".join(made) or "a Conjecture")
    if not name and len(made) != 1:
        needed = f"one of them: {file}:{next(iter(made))}" if made else 'CONJECTURE = Conjecture("name", …)'
        raise BadInputError(
            f"{shown(file)} makes {len(made)} conjectures ({', '.join(made) or 'none'})", needed=needed
        )
    from dataclasses import replace

    name = name or next(iter(made))
    return replace(made[name], origin=f"{Path(file).resolve()}:{name}")


def _run(file: str) -> ModuleType:
    path = Path(file)
    if not path.is_file():
        raise BadInputError(
            f"{shown(file)} is no file", needed="a Python file, or a law such as 'jumps <= d'"
        )
    spec = spec_from_file_location("saddlesym_conjecture", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # so that what it defines can be found
    try:
        spec.loader.exec_module(module)
    except SaddlesymError as error:
        raise BadInputError(f"{shown(file)}: {error.given}", needed=error.needed, hint=error.hint) from error
    except (Exception, SystemExit) as error:
        where = _line(error, path)
        told = f"{type(error).__name__} ({shown(error, 80)[1:-1]})"
        raise BadInputError(f"{shown(file)}{where} ended in {told}", needed="a file that runs") from error
    return module


def _line(error: BaseException, path: Path) -> str:
    """The line of the file that an error comes from."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}," if error.lineno else ""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).resolve() == path.resolve():
            line = trace.tb_lineno
        trace = trace.tb_next
    return f", line {line}," if line else ""
