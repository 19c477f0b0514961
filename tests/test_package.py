"""The package as a whole: public names, documentation, versions."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import saddlesym

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(saddlesym.__path__, "saddlesym.")
    if not module.name.endswith("__main__")
)


#: The packages whose public names are imported on first use.
ROOMS = [saddlesym, saddlesym.diagonal, saddlesym.deep, saddlesym.theorems, saddlesym.figures]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_public_name_is_there_and_defined_where_it_says(room: ModuleType) -> None:
    modules = getattr(room, "_MODULES", {})
    assert room.__all__ == sorted({*room._PUBLIC, *modules})
    for name in room.__all__:
        value = getattr(room, name)
        assert (value.__name__ if name in modules else value.__module__) == (room._PUBLIC | modules)[name]
        assert inspect.getdoc(value), name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = room.nonsense


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_no_public_name_is_that_of_another_module_beside_it(room: ModuleType) -> None:
    """Importing the module would put it in the place of the name."""
    beside = {module.name for module in pkgutil.iter_modules(room.__path__)}
    for name in beside & set(room.__all__):
        assert getattr(room, "_MODULES", {})[name] == f"{room.__name__}.{name}"


def test_the_front_door_is_small_and_names_a_notion_once() -> None:
    assert len(saddlesym._PUBLIC) <= 45  # and the packages with all else
    below = [set(room.__all__) for room in ROOMS[1:4]]
    assert not set(saddlesym._PUBLIC) & set.union(*below)


def test_rooms_are_there_without_being_imported() -> None:
    code = "import saddlesym; print(saddlesym.figures.path.draw_path is saddlesym.figures.draw_path)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


@pytest.mark.parametrize("name", MODULES)
def test_modules_and_what_is_public_in_them_are_documented(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    for label, value in vars(module).items():
        if label.startswith("_") or getattr(value, "__module__", None) != name:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), label
        if inspect.isclass(value):
            for method, function in vars(value).items():
                if (
                    inspect.isfunction(function)
                    and not method.startswith("_")
                    and value.__bases__[0].__name__ != "Protocol"
                ):
                    assert inspect.getdoc(getattr(value, method)), f"{label}.{method}"


def test_importing_the_package_is_light() -> None:
    code = "import sys, saddlesym; print({'sympy', 'matplotlib', 'numpy', 'flint', 'z3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_program_speaks_of_itself_alone() -> None:
    """No absolute path of a machine in anything that is shipped."""
    root = Path(__file__).parents[1]
    pattern = re.compile(r"(?<![\w.])/(?:home|root|work|tmp)/")
    for folder in ("saddlesym", "proofs", "examples"):
        for path in (root / folder).rglob("*.py"):
            assert not pattern.search(path.read_text(encoding="utf-8")), path
