"""What a reader of the Coq theory has to trust, printed from its sources: definitions and final theorems.

``python trust.py`` prints the generated part of README.md, ``python trust.py --write`` puts it there.  Nothing
here is needed to check a proof; Coq is not needed to run it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
BEGIN = "<!-- printed from the sources by trust.py -->"
END = "<!-- end of what trust.py prints -->"
DEFINING = ("Definition", "Fixpoint", "Record", "Inductive")
# Programs whose answer is a premise: the theorems about them hold whatever they compute, so nobody need read them.
PROGRAMS = ("check", "check_until", "check_graph")
PROVED = ("Theorem", "Lemma", "Corollary")
_HEAD = re.compile(rf"\s*({'|'.join(DEFINING + PROVED)})\s+([A-Za-z_][\w']*)")
_SECTION = re.compile(r"\s*Section\s")
_END = re.compile(r"\s*End\s")
# A notation that only leaves out arguments, as in "Notation fit := (fit d X)", says nothing.
_ASSUMED = re.compile(
    r"\s*((?:Variable|Variables|Hypothesis|Hypotheses|Let)\s|Notation\s+([\w']+)\s*:=\s*\((?!\2\s))"
)
_WORD = re.compile(r"[A-Za-z_][\w']*")


@dataclass(frozen=True)
class Sentence:
    """One sentence of a source: its kind (Definition, Theorem, ...), its name, its text and its section's assumptions."""

    kind: str
    name: str
    text: str
    words: frozenset[str]
    context: tuple[str, ...]


def masked(source: str) -> str:
    """The source with comments and strings blanked, of the same length.

    >>> masked('a (* b (* c *) *) d')
    'a                 d'
    """
    out, depth, quoted, i = [], 0, False, 0
    while i < len(source):
        pair = source[i : i + 2]
        if not quoted and pair == "(*":
            depth, i = depth + 1, i + 2
            out.append("  ")
        elif not quoted and depth and pair == "*)":
            depth, i = depth - 1, i + 2
            out.append("  ")
        else:
            if not depth and source[i] == '"':
                quoted = not quoted
            blank = (depth or quoted) and source[i] != "\n"
            out.append(" " if blank else source[i])
            i += 1
    return "".join(out)


def remark(before: str) -> str:
    """The remark that ends what stands before a sentence, if it is none on a whole section.

    >>> remark(" (** * Sums *) (** f 0 + f 1 *) ").strip()
    '(** f 0 + f 1 *)'
    """
    found = re.search(r"\(\*\*(?! \*)(?:(?!\*\)).)*\*\)\s*$", before, re.DOTALL)
    return found.group().rstrip() + "\n" if found else ""


def sentences(source: str) -> Iterator[Sentence]:
    """The definitions and statements of a source, in order, with what their sections assume; proofs are passed over."""
    mask, start = masked(source), 0
    sections: list[list[tuple[str, frozenset[str]]]] = []
    for stop in re.finditer(r"\.(?=\s|$)", mask):
        head, assumed = _HEAD.match(mask, start), _ASSUMED.match(mask, start)
        if _SECTION.match(mask, start):
            sections.append([])
        elif _END.match(mask, start):
            sections.pop()
        elif assumed and sections:
            first = assumed.start(1)
            words = frozenset(_WORD.findall(mask[first : stop.end()]))
            sections[-1].append((source[first : stop.end()], words))
        elif head:
            first = head.start(1)
            text = remark(source[start:first]) + source[first : stop.end()]
            words = frozenset(_WORD.findall(mask[first : stop.end()]))
            inherited = [entry for section in sections for entry in section]
            words = words.union(*(more for _, more in inherited))
            yield Sentence(*head.groups(), text, words, tuple(entry for entry, _ in inherited))
        start = stop.end()


def modules() -> list[str]:
    """The source files, in the order of their dependence."""
    return [
        line for line in (FOLDER / "_CoqProject").read_text(encoding="utf-8").split() if line.endswith(".v")
    ]


def imports(source: str) -> set[str]:
    """The files of the theory that a source imports."""
    found = re.findall(r"From Saddle Require (?:Import|Export) ([^.]*)\.", masked(source))
    return {f"{name}.v" for names in found for name in names.split()}


def theorems() -> list[dict[str, str]]:
    """The final theorems, as theorems.toml lists them."""
    return tomllib.loads((FOLDER / "theorems.toml").read_text(encoding="utf-8"))["theorem"]


def texts(printed: list[Sentence]) -> Iterator[str]:
    """Their texts, the assumptions of their sections before the first that has them."""
    known: tuple[str, ...] = ()
    for sentence in printed:
        if sentence.context != known and sentence.context:
            yield "\n".join(sentence.context)
        known = sentence.context
        yield sentence.text


class Theory:
    """The sentences of all sources, and which definitions a statement mentions."""

    def __init__(self) -> None:
        self.sources = {name: (FOLDER / name).read_text(encoding="utf-8") for name in modules()}
        self.sentences = {name: list(sentences(text)) for name, text in self.sources.items()}
        self.seen: dict[str, list[str]] = {}
        for name, text in self.sources.items():  # what a file sees: itself, its imports, and theirs
            direct = imports(text)
            far = {other for found in direct for other in self.seen.get(found, [])}
            self.seen[name] = [other for other in self.sources if other in direct | far or other == name]

    def find(self, file: str, name: str) -> Sentence | None:
        """The theorem or definition of that name in a file."""
        return next((s for s in self.sentences.get(file, []) if s.name == name), None)

    def mentioned(self, file: str, sentence: Sentence) -> set[tuple[str, str]]:
        """The definitions, as (file, name), that a sentence mentions, and those that they mention."""
        found: set[tuple[str, str]] = set()
        todo = [(file, sentence)]
        while todo:
            here, current = todo.pop()
            for there in self.seen[here]:
                for other in self.sentences[there]:
                    if there == here and other is current:
                        break
                    if other.name in PROGRAMS or other.name not in current.words:
                        continue
                    if other.kind in DEFINING and (there, other.name) not in found:
                        found.add((there, other.name))
                        todo.append((there, other))
        return found

    def page(self) -> str:
        """The generated part of README.md."""
        final = theorems()
        needed: set[tuple[str, str]] = set()
        for entry in final:
            sentence = self.find(entry["file"], entry["coq"])
            if sentence is None:
                raise SystemExit(f"theorems.toml: {entry['file']} has no theorem {entry['coq']}")
            needed |= self.mentioned(entry["file"], sentence)
        lines = [BEGIN, "", "### Definitions", ""]
        for file, found in self.sentences.items():
            printed = [s for s in found if s.kind in DEFINING and (file, s.name) in needed]
            if printed:
                lines += [f"`{file}`", "", "```coq", "\n\n".join(texts(printed)), "```", ""]
        lines += ["### Final theorems", ""]
        for entry in final:
            sentence = self.find(entry["file"], entry["coq"])
            assert sentence is not None
            of = f", statement `{entry['statement']}`" if entry["statement"] else ""
            lines += [f"**{entry['coq']}** (`{entry['file']}`; {entry['paper']}{of}). {entry['says']}", ""]
            lines += ["```coq", "\n\n".join(texts([sentence])), "```", ""]
        return "\n".join([*lines, END])


def readme(page: str) -> str:
    """README.md with its generated part replaced by the page."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    return before + page + rest.split(END)[1]


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        new = readme(Theory().page())
        (FOLDER / "README.md").write_text(new, encoding="utf-8")
    elif sys.argv[1:]:
        sys.exit(f"trust.py: {' '.join(sys.argv[1:])} was given; nothing or --write is needed")
    else:
        print(Theory().page())
