"""The Coq theory in ``proofs/coq``: its final theorems, the log of its last full check, and compiling it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from saddlesym.errors import SaddlesymError
from saddlesym.progress import Listener, Progress

#: What to do where Coq is missing.
INSTALL = "apt-get install --no-install-recommends coq libcoq-coquelicot, or opam install coq coq-coquelicot"

#: The axioms of Coq's standard library on which its real numbers rest, and no others are admitted.
AXIOMS = ("classic", "functional_extensionality_dep", "sig_forall_dec", "sig_not_dec")


class NoCoqError(SaddlesymError):
    """Coq or Coquelicot is missing, or does not take the theory."""


@cache
def folder() -> Path:
    """Where the sources are, in a checkout or an installed package."""
    package = Path(__file__).parents[1]
    return next(p / "coq" for p in (package / "proofs", package.parent / "proofs") if (p / "coq").is_dir())


@cache
def _reader() -> Any:
    """``trust.py`` of the theory, which reads its sources."""
    spec = spec_from_file_location("saddlesym_proofs.trust", folder() / "trust.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class KernelTheorem:
    """A final theorem of the theory.

    Attributes:
        name: in Coq.
        file: where it stands.
        statement: id of the statement of the catalogue that it proves, or empty.
        paper: whose theorem it is.
        says: the theorem in words.
        text: its statement in Coq.
    """

    name: str
    file: str
    statement: str
    paper: str
    says: str
    text: str


@cache
def kernel_theorems() -> tuple[KernelTheorem, ...]:
    """The final theorems, in the order of the theory.

    >>> next(one.file for one in kernel_theorems() if one.name == "pf23_theorem_2")
    'Theorem2.v'
    """
    reader = _reader()
    theory = reader.Theory()
    return tuple(
        KernelTheorem(
            entry["coq"], entry["file"], entry["statement"], entry["paper"], entry["says"],
            theory.find(entry["file"], entry["coq"]).text,
        )
        for entry in reader.theorems()
    )  # fmt: skip


def theorems_of(statement: str) -> tuple[KernelTheorem, ...]:
    """The theorems that prove a statement of the catalogue.

    >>> [one.name for one in theorems_of("balancedness")]
    ['balancedness']
    """
    return tuple(one for one in kernel_theorems() if one.statement == statement)


def source_hashes() -> dict[str, str]:
    """SHA-256 of every source of the theory and of its list of theorems, by name."""
    names = sorted([*_reader().modules(), "theorems.toml"])
    return {name: hashlib.sha256((folder() / name).read_bytes()).hexdigest() for name in names}


@dataclass(frozen=True)
class Log:
    """What a full check of these very sources by ``coqc`` and ``coqchk`` said.

    Attributes:
        version: of Coq.
        axioms: on which each final theorem rests, by its name.
    """

    version: str
    axioms: dict[str, tuple[str, ...]]


@cache
def log() -> Log | None:
    """The log that is shipped; None when there is none, or it is one of other sources.

    >>> log() is None or log().version.startswith("8.")
    True
    """
    try:
        text = (folder() / "kernel.log").read_text(encoding="utf-8")
        recorded = (folder() / "kernel.sha256").read_text(encoding="utf-8")
    except OSError:
        return None
    hashes = dict(line.split("  ")[::-1] for line in recorded.splitlines())
    version = re.search(r"version (\S+)", text)
    if hashes != source_hashes() or version is None:
        return None
    axioms = {}
    for line in text[text.index("Axioms of the final theorems:") :].splitlines()[1:]:
        name, _, found = line.strip().partition(":")
        axioms[name.rpartition(".")[2]] = tuple(found.split())
    return Log(version[1], axioms)


def is_checked(theorem: KernelTheorem) -> bool:
    """Whether the log has that theorem, on no axioms but those of the real numbers."""
    found = log()
    return found is not None and set(found.axioms.get(theorem.name, ("?",))) <= {*AXIOMS, "none"}


def coqc() -> str | None:
    """The compiler, or None where there is none."""
    return shutil.which("coqc")


def run_coqc(
    where: Path, file: str, theory: Path | None = None, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """``coqc`` on a file in a folder, with the compiled theory.

    Raises:
        NoCoqError: there is no ``coqc``.
        subprocess.TimeoutExpired: it was not done in that many seconds, and was ended.
    """
    program = coqc()
    if program is None:
        raise NoCoqError("coqc is not installed", hint=INSTALL)
    command = [program, "-q", "-w", "none", "-Q", str(theory or "."), "Saddle", file]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=timeout, check=False)


def _needed() -> list[str]:
    """The modules that a path's file needs, each after those it imports."""
    reader, order = _reader(), []

    def visit(name: str) -> None:
        if name not in order:
            for other in sorted(reader.imports((folder() / name).read_text(encoding="utf-8"))):
                visit(other)
            order.append(name)

    for module in ("Main.v", "Graph.v"):
        if (folder() / module).exists():
            visit(module)
    return order


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "saddlesym"


def compiled_theory(progress: Listener | None = None) -> Path:
    """The folder of the compiled theory, compiled now if these sources have not been.

    It is kept in the user's cache, under a name made of the sources and of Coq's version.

    Args:
        progress: called with the number of files done, and of all.

    Raises:
        NoCoqError: Coq or Coquelicot is missing, or does not accept the theory.
    """
    program = coqc()
    if program is None:
        raise NoCoqError("coqc is not installed", hint=INSTALL)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    files = _needed()
    content = [(folder() / name).read_bytes() for name in files]
    key = hashlib.sha256(b"\0".join([version.encode(), program.encode(), *content])).hexdigest()[:20]
    done = _cache_folder() / f"coq-{key}"
    if all((done / name).with_suffix(".vo").exists() for name in files):
        return done
    try:
        done.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix="coq-", dir=done.parent))
    except OSError:  # a home that cannot be written to
        done = Path(tempfile.mkdtemp(prefix="saddlesym-coq-"))
        work = done / "work"
        work.mkdir()
        done = done / "theory"
    try:
        for k, (name, text) in enumerate(zip(files, content, strict=True)):
            (work / name).write_bytes(text)
            run = run_coqc(work, name)
            if run.returncode:
                raise NoCoqError(f"coqc does not take the theory: {name}: {_last(run.stderr)}", hint=INSTALL)
            if progress is not None:
                progress(Progress(k + 1, len(files), "compiling the theory"))
        try:
            work.rename(done)
        except OSError:  # somebody else was faster
            if not all((done / name).with_suffix(".vo").exists() for name in files):
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return done


def _last(text: str) -> str:
    """What Coq said, on one line."""
    found = text[text.rfind("Error:") :] if "Error:" in text else text
    return " ".join(found.split())[:200]
