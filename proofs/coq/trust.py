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
PROVED = ("Theorem", "Lemma", "Corollary")
_HEAD = re.compile(rf"\s*({'|'.join(DEFINING + PROVED)})\s+([A-Za-z_][\w']*)")
_WORD = re.compile(r"[A-Za-z_][\w']*")


@dataclass(frozen=True)
class Sentence:
    """One sentence of a source: its kind (Definition, Theorem, ...), its name and its text."""

    kind: str
    name: str
    text: str
    words: frozenset[str]


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
    """The definitions and statements of a source, in order; proofs are passed over."""
    mask, start = masked(source), 0
    for stop in re.finditer(r"\.(?=\s|$)", mask):
        head = _HEAD.match(mask, start)
        if head:
            first = head.start(1)
            words = frozenset(_WORD.findall(mask[first : stop.end()]))
            text = remark(source[start:first]) + source[first : stop.end()]
            yield Sentence(*head.groups(), text, words)
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
                    if (
                        other.kind in DEFINING
                        and other.name in current.words
                        and (there, other.name) not in found
                    ):
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
            texts = [s.text for s in found if s.kind in DEFINING and (file, s.name) in needed]
            if texts:
                lines += [f"`{file}`", "", "```coq", "\n\n".join(texts), "```", ""]
        lines += ["### Final theorems", ""]
        for entry in final:
            sentence = self.find(entry["file"], entry["coq"])
            assert sentence is not None
            of = f", statement `{entry['statement']}`" if entry["statement"] else ""
            lines += [f"**{entry['coq']}** (`{entry['file']}`; {entry['paper']}{of}). {entry['says']}", ""]
            lines += ["```coq", sentence.text, "```", ""]
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
