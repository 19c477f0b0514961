"""The house: rooms with walls, small modules, no cycles, and a page that names every room."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from itertools import combinations, product
from pathlib import Path
from typing import Any

import grimp
import networkx
import pytest
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "saddlesym").rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
FOLDERS = sorted({path.parent for path in SOURCES})
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

configure()
from importlinter.application.use_cases import read_user_options  # noqa: E402

OPTIONS = read_user_options(str(ROOT / "pyproject.toml"))
KINDS = {"layers": LayersContract, "forbidden": ForbiddenContract}
CONTRACTS: dict[str, dict[str, Any]] = {one["name"]: one for one in OPTIONS.contracts_options}
LAYERS = next(one["layers"] for one in CONTRACTS.values() if one["type"] == "layers")


def imports() -> Any:
    """The graph of all imports, also of those inside functions; built anew, so that it may be changed."""
    return grimp.build_graph(
        "saddlesym", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


GRAPH = imports()


def kept(options: dict[str, Any], graph: Any) -> bool:
    rest = {key: value for key, value in options.items() if key not in ("name", "type")}
    contract = KINDS[options["type"]](options["name"], OPTIONS.session_options, rest)
    return bool(contract.check(deepcopy(graph), verbose=False).kept)


def modules(room: str) -> list[str]:
    return sorted({room} | GRAPH.find_descendants(room)) if room in GRAPH.modules else []


def walls(options: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of rooms, the first of which must not import the second."""
    if options["type"] == "forbidden":
        yield from product(options["source_modules"], options["forbidden_modules"])
        return
    layers = [[room.strip() for room in layer.split("|")] for layer in options["layers"]]
    for above, below in combinations(layers, 2):
        yield from product(below, above)
    for layer in layers:
        for one, other in combinations(layer, 2):
            yield from ((one, other), (other, one))


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_planted_import_across_any_wall_breaks_the_contract(name: str) -> None:
    """From the last module of a room, so that a file added to it is held as well."""
    options, graph = CONTRACTS[name], imports()
    assert kept(options, graph)
    for source, target in walls(options):
        importer = modules(source)[-1]
        imported = target if target in graph.modules else f"{target}.anything"
        graph.add_import(importer=importer, imported=imported)
        assert not kept(options, graph), (importer, imported)
        graph.remove_import(importer=importer, imported=imported)


def test_every_room_is_in_the_layers() -> None:
    named = [room.strip() for layer in LAYERS for room in layer.split("|")]
    assert Counter(named) == Counter(GRAPH.find_children("saddlesym") - {"saddlesym.__main__"})


#: What a room may import beyond itself; all else of the package is behind a wall.
ONLY = {
    "recheck": {"exact", "errors", "memory"},
    "ode": {"exact", "errors", "memory"},
    "exact": {"errors", "files", "memory"},
    "diagonal.flow": {"diagonal.problem", "ode", "exact", "errors", "memory", "grids", "progress"},
    "diagonal.orbits": {"diagonal.problem", "ode", "exact", "errors", "memory", "grids"},
    "deep.flow": {
        "deep.problem",
        "deep.cost",
        "deep.float_cost",
        "deep.blocks",
        "exact",
        "errors",
        "memory",
        "grids",
        "progress",
    },
    "theorems.diagonal.reference": {"diagonal.problem", "exact", "theorems.evidence.check"},
    "theorems.deep.reference": {"deep.problem", "exact", "theorems.evidence.check"},
}


@pytest.mark.parametrize("room", ONLY)
def test_a_room_of_independent_evidence_imports_only(room: str) -> None:
    allowed = [f"saddlesym.{name}" for name in (room, *ONLY[room])]
    for module in modules(f"saddlesym.{room}"):
        for other in GRAPH.find_modules_directly_imported_by(module):
            inside = any(other == name or other.startswith(f"{name}.") for name in allowed)
            assert inside or not other.startswith("saddlesym"), (module, other)


def cycles(graph: Any) -> list[list[str]]:
    digraph = networkx.DiGraph(
        (module, other)
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
        if other.startswith("saddlesym.")
    )
    return [sorted(found) for found in networkx.strongly_connected_components(digraph) if len(found) > 1]


def test_no_modules_import_each_other_not_even_inside_functions() -> None:
    assert cycles(GRAPH) == []
    planted = imports()
    planted.add_import(importer="saddlesym.cli.commands.study", imported="saddlesym.cli.main")
    assert cycles(planted) == [["saddlesym.cli.commands.study", "saddlesym.cli.main"]]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_has_at_most_twelve_modules(folder: Path) -> None:
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= 12


def test_a_module_has_at_most_four_hundred_lines() -> None:
    long = {str(p): n for p in SOURCES if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert long == {}


@pytest.mark.parametrize("folder", FOLDERS[1:], ids=lambda path: str(path.relative_to(ROOT)))
def test_the_page_on_architecture_names_every_room(folder: Path) -> None:
    parts = folder.relative_to(ROOT / "saddlesym").parts
    assert f"`{parts[0]}/`" in PAGE
    assert f"`{'/'.join(parts)}/`" in PAGE or f"`{parts[-1]}/`" in PAGE


#: Names that mean the same in several modules: tables of the two wings, aliases of types, programs.
SHARED = {
    "Array", "CHECKS", "Command", "P", "Progress", "STATEMENTS", "Violation", "main",
    # a verb, and what it calls in its wing; the same question about either network
    "certify", "elementary_transitions", "flow", "recover_jump_times", "transition_between", "transition_graph",
    # a verb or a result, and the form of its document
    "deep_saddles", "escape", "graph", "path", "saddles", "study",
    # the same law, instance or definition in both wings, or restated for the reference
    "balancedness", "critical_points", "gradient", "product", "seeded", "three_layers", "three_modes",
}  # fmt: skip


def defined(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in found if not name.startswith("_")}


def test_no_name_has_two_meanings() -> None:
    """Bounds (MAX_...) are those of their module; a command is called like the verb that it runs."""
    rooms = [tree for path, tree in TREES.items() if "cli" not in path.relative_to(ROOT).parts]
    places = Counter(name for tree in rooms for name in defined(tree) if not name.startswith("MAX_"))
    assert {name for name, many in places.items() if many > 1} <= SHARED


def test_no_module_defines_a_name_twice() -> None:
    for path, tree in TREES.items():
        names: list[str] = []
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names.append(node.name)
            elif isinstance(node, ast.Assign):
                names += [
                    one.id
                    for one in ast.walk(node)
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
                ]
        assert [name for name, many in Counter(names).items() if many > 1] == [], path


def test_morse_indices_are_called_that() -> None:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == "index":
                assert "Morse" not in (ast.get_docstring(node) or ""), path


def test_no_control_flow_reads_the_prose_of_an_error() -> None:
    """What a refusal says is for people; programs ask for its type or its reason."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                parts = map(ast.unparse, (node.left, *node.comparators))
                prose = [p for p in parts if p.endswith((".given", ".needed", ".hint", "str(error)"))]
                assert prose == [], (path, node.lineno)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_public_name_of_a_room_is_that_of_a_module_in_it(folder: Path) -> None:
    """Once such a module is imported, the room has the module under that name."""
    tree = TREES[folder / "__init__.py"]
    names = {
        key.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_PUBLIC"
        for key in getattr(node.value, "keys", [])
    }
    inside = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert names & inside == set()
