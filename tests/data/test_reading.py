"""Reading data of strangers: files they have, files that lie, and what is said of them."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import threading
import zipfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from saddlesym import BadInputError, DeepLinearProblem, DegenerateProblemError, DiagonalProblem, rational
from saddlesym.cli.main import main
from saddlesym.errors import DataWarning
from saddlesym.exact.scalars import MAX_ENTRIES, to_fmpq

X = ((Fraction(1), Fraction(3, 2)), (Fraction(2), Fraction(-1, 4)), (Fraction(0), Fraction(3)))
Y = (Fraction(3), Fraction(-1), Fraction(2))


def run(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str, str]:
    status = main(list(map(str, arguments)))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def pipe_in(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


# files that people have: every one holds the same table


SAME: dict[str, tuple[bytes, dict[str, Any]]] = {
    "comma": (b"a,b,y\n1,1.5,3\n2,-.25,-1\n0,3,2\n", {}),
    "space": (b"a b y\n1 1.5 3\n2 -.25 -1\n0 3 2\n", {}),
    "aligned": (b"  a     b    y  \n  1   1.5   3\n 2  -0.25  -1 \n  0   3.0   2\n", {}),
    "tabs and spaces": (b"a \tb  y\n1  1.5\t 3\n2 -.25 -1\n0 3 2\n", {}),
    "bar": (b"a|b|y\n1|1.5|3\n2 | -.25 | -1\n0|3|2\n", {}),
    "tab": (b"a\tb\ty\n1\t1.5\t3\n2\t-.25\t-1\n0\t3\t2\n", {}),
    "savetxt": (b"# a b y\n1.0e+00 1.5e+00 3.0e+00\n2 -2.5e-01 -1\n0 3 2\n", {}),
    "savetxt, commas in its header": (b"# a,b,y\n1 1.5 3\n2 -.25 -1\n0 3 2\n", {}),
    "savetxt with commas": (b"# a,b,y\n1,1.5,3\n2,-.25,-1\n0,3,2\n", {}),
    "comments": (b"# made today\n#\n#a;b;y\n1;1.5;3\n# a remark\n2;-.25;-1\n0;3;2\n#end\n", {}),
    "hash before names": (b"#a\tb\ty\n1\t1.5\t3\n2\t-.25\t-1\n0\t3\t2\n", {"header": True}),
    "decimal commas": (b"a;b;y\n1;1,5;3\n2;-,25;-1\n0;3,0;2\n", {"decimal": ","}),
    "decimal commas, tabs": (b"a\tb\ty\n1\t1,5\t3\n2\t-0,25\t-1\n0\t3\t2\n", {"decimal": ","}),
    "decimal commas, spaces": (b"a b y\n1 1,5 3\n2 -0,25 -1\n0 3 2\n", {"decimal": ","}),
    "decimal commas, quoted": (b'a,b,y\n1,"1,5",3\n2,"-0,25",-1\n0,3,2\n', {"decimal": ","}),
    "row index": (b",a,b,y\n0,1,1.5,3\n1,2,-.25,-1\n2,0,3,2\n", {"drop_columns": [0]}),
    "named index": (b"id,a,b,y\n7,1,1.5,3\nu,2,-.25,-1\n9,0,3,2\n", {"drop_columns": ["id"]}),
    "as R writes": (b'"a" "b" "y"\n"1" 1 1.5 3\n"2" 2 -.25 -1\n"3" 0 3 2\n', {"drop_columns": "0"}),
    "two left out": (b"n,a,s,b,y\nu,1,x,1.5,3\nv,2,,-.25,-1\nw,0,z,3,2\n", {"drop_columns": ["n", 2]}),
    "missing rows": (b"a,b,y\n1,1.5,3\n,8,9\n2,-.25,-1\n4,NA,4\n0,3,2\n5,5,?\n", {"drop_missing": "rows"}),
    "missing columns": (b"a,c,b,y\n1,1,1.5,3\n2,nan,-.25,-1\n0,2,3,2\n", {"drop_missing": "columns"}),
    "utf-16": ("a\tb\ty\n1\t1.5\t3\n2\t-.25\t-1\n0\t3\t2\n".encode("utf-16"), {}),
    "gzip": (gzip.compress(b"a,b,y\n1,1.5,3\n2,-.25,-1\n0,3,2\n"), {}),
    "one quoted line end": (b'a,b,y\r\n1,"1.5",3\r\n"2",-.25,-1\r\n0,3,2\r\n', {}),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_files_that_people_have_say_the_same(tmp_path: Path, name: str) -> None:
    content, options = SAME[name]
    (tmp_path / "data.csv").write_bytes(content)
    problem = DiagonalProblem.from_csv(tmp_path / "data.csv", **options)
    assert (problem.X, problem.y, problem.feature_names) == (X, Y, ("a", "b"))


@pytest.mark.parametrize("name", SAME)
def test_commands_take_the_same_options_and_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    content, options = SAME[name]
    words = []
    for option, value in options.items():
        if option == "header":
            words.append("--header")
        for one in value if isinstance(value, list) else [value]:
            words += (
                []
                if option == "header"
                else [
                    f"--{option.replace('_', '-').removesuffix('s') if option == 'drop_columns' else option.replace('_', '-')}",
                    str(one),
                ]
            )
    pipe_in(monkeypatch, content)
    status, out, err = run(capsys, "path", "-", "--json", *words)
    assert (status, err) == (0, "")
    assert json.loads(out)["problem"]["X"] == [[str(q) for q in row] for row in X]


def test_every_command_that_takes_data_reads_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    table = b"-3,-1,-1\n-1,0,1\n"
    for command in (
        ["path", "-"], ["saddles", "-"], ["graph", "-"], ["flow", "-", "--digits", "6", "--alpha", "1e-5"],
        ["path", "-", "--csv"], ["deep", "saddles", "-"], ["deep", "escape", "-"],
    ):  # fmt: skip
        pipe_in(monkeypatch, table)
        status, out, _ = run(capsys, *command)
        assert (status, bool(out)) == (0, True), command
    out_file = tmp_path / "p.json"
    assert run(capsys, "path", "sign-flip", "--json", "-o", out_file)[0] == 0
    pipe_in(monkeypatch, b"x0,x1,y\n-3,-1,-1\n-1,0,1\n")
    assert run(capsys, "check", out_file, "--data", "-")[0] == 0
    np.save(tmp_path / "a.npy", [[-3, -1, -1], [-1, 0, 1]])
    pipe_in(monkeypatch, (tmp_path / "a.npy").read_bytes())
    assert run(capsys, "path", "-")[0] == 0
    pipe_in(monkeypatch, b"")
    status, _, err = run(capsys, "path", "-")
    assert (status, err) == (2, "saddlesym: standard input is empty; needed: a table of numbers\n")


@pytest.mark.parametrize(
    ("content", "warned"),
    [
        (b"0,1,2\n3,4,5\n7,7,9\n", "line 1 is 0, 1, 2: read as numbers"),
        (b"0 1\n3 4\n7 7\n", "line 1 is 0, 1:"),
        (b"0,1,2,3,4,5\n3,4,5,5,5,5\n", "line 1 is 0, 1, 2, 3, ...:"),
        (b"1,2,3,4\n3,4,5,5\n", "line 1 is 1, 2, 3, 4:"),
        (b"Unnamed: 0,a,y\n0,4,5\n1,4,7\n", "'Unnamed: 0' only counts the rows"),
        (b"id,a,y\n11,4,5\n12,4,7\n", "'id' only counts the rows"),
        (b"1,2,3\n4,5,6\n", None),
        (b"0,2,1\n3,4,5\n", None),
        (b"id,a,y\n11,4,5\n19,4,7\n", None),
        (b"# a b c\n0 1 2\n3 4 5\n", None),
    ],
)
def test_what_may_be_meant_otherwise_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, warned: str | None
) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    status, _, err = run(capsys, "path", file, "--max-jumps", "0")
    assert status == 0
    if warned is None:
        assert err == ""
        DiagonalProblem.from_csv(file)
    else:
        assert err.startswith("saddlesym: warning: ")
        assert warned in err
        assert err.count("\n") == 1
        with pytest.warns(DataWarning, match="--"):
            DiagonalProblem.from_csv(file)
        if "line 1" in warned:
            rows = content.count(b"\n")
            assert DiagonalProblem.from_csv(file, header=True).n == rows - 1
            assert DiagonalProblem.from_csv(file, header=False).n == rows
            assert run(capsys, "path", file, "--header", "--max-jumps", "0")[2] == ""
        else:
            assert DiagonalProblem.from_csv(file, drop_columns=[0]).d == 1


REFUSED: dict[str, tuple[bytes, list[str], str]] = {
    "gaps": (b"a,b,y\n1,,3\n,2,4\n1,NA,3\n", [], "line 2, column 'b': empty cell; 3 values are missing, in 3 rows (lines 2, 3, 4), columns 'a', 'b'; needed: a number; try: --drop-missing rows, or columns"),
    "na": (b"a,b,y\n1,NA,3\n", [], "'NA' says that a value is missing"),
    "target lacks": (b"a,b,y\n1,2,\n3,4,5\n", ["--drop-missing", "columns"], "the target 'y' lacks values"),
    "all rows lack": (b"a,b,y\n1,,2\n,4,5\n", ["--drop-missing", "rows"], "every row of"),
    "all columns lack": (b"a,b,y\n1,,2\n,4,5\n", ["--drop-missing", "columns"], "every column of"),
    "decimal comma": (b"a;y\n1,5;2\n", [], "--decimal ,"),
    "point": (b"a;y\n1.5;2\n", ["--decimal", ","], "has a point"),
    "thousands": (b"a;y\n1.234,5;2\n", ["--decimal", ","], "has a point"),
    "text column": (b"a,kind,y\n1,two,3\n", [], "--drop-column 'kind'"),
    "mixed": (b"1,two,3\n4,two,6\n", [], "--drop-column leaves out a column of text"),
    "unnamed index": (b",0,1\n0,2,3\n1,2,4\n", [], "--index-column 0"),
    "R without a word": (b"a b y\n1 1 2 3\n2 4 5 6\n", [], "--index-column 0"),
    "no such column": (b"a,b,y\n1,2,3\n", ["--drop-column", "c"], "no column 'c' to leave out; needed: one of 'a', 'b', 'y' or an index from 0 to 2"),
    "index beyond": (b"1,2,3\n4,5,6\n", ["--drop-column", "3"], "an index from 0 to 2"),
    "nothing stays": (b"a,y\n1,2\n", ["--drop-column", "a", "--drop-column", "y"], "every column of"),
    "target left out": (b"a,b,y\n1,2,3\n", ["--drop-column", "y", "--target", "y"], "no target column 'y'"),
    "only a header": (b"a,b,y\n", [], "no row of data"),
    "only comments": (b"# a\n# b\n", [], "is empty"),
    "many columns": (b"1," * 2**20 + b"1\n", [], "too large a table"),
    "many numbers": (b"0,0,0,0\n" * (MAX_ENTRIES // 3 + 1), [], "too large a table"),
    "many names alike": (b",".join(b"c%d" % (k % 100_000) for k in range(100_001)) + b"\n" + b"0," * 100_000 + b"0\n", [], "two columns are named 'c0'"),
    "long numbers": (b"1e-9999,1e9999\n" * 40_000, [], "the numbers of"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    content, options, message = REFUSED[name]
    (tmp_path / "t.csv").write_bytes(content)
    status, out, err = run(capsys, "path", tmp_path / "t.csv", *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert len(err) < 500


def test_one_row_and_constant_columns(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("a,b,y\n1,2,3\n")
    assert (
        DiagonalProblem.from_csv(tmp_path / "one.csv").n,
        run(capsys, "path", tmp_path / "one.csv")[0],
    ) == (1, 0)
    np.save(tmp_path / "one.npy", [[1, 2, 3]])
    assert DiagonalProblem.from_csv(tmp_path / "one.npy").y == (3,)
    (tmp_path / "c.csv").write_text("a,b,c,y\n1,7,0,3\n2,7,0,4\n5,7,0,4\n")
    status, _, err = run(capsys, "path", tmp_path / "c.csv", "--scale")
    assert (status, "'b', 'c' is constant" in err, "--drop-constant" in err) == (2, True, True)
    status, out, _ = run(capsys, "path", tmp_path / "c.csv", "--scale", "--centre", "--drop-constant")
    assert (status, out.splitlines()[0]) == (
        0,
        "c.csv: n = 3, d = 1, centred, scaled; without constant columns 'b', 'c'",
    )
    problem = DiagonalProblem.from_csv(tmp_path / "c.csv")
    assert problem.scaled(drop_constant=True).feature_names == ("a",)
    assert problem.scaled(drop_constant=True) == problem.without_constant().scaled()
    with pytest.raises(DegenerateProblemError, match="all columns are constant"):
        DiagonalProblem([[1], [1]], [1, 2]).without_constant()


# files that lie


def npy(descr: str, shape: str, content: bytes = b"", more: str = "", version: int = 1) -> bytes:
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, {more}}}".encode() + b"\n"
    return (
        b"\x93NUMPY"
        + bytes([version, 0])
        + len(head).to_bytes(2 if version == 1 else 4, "little")
        + head
        + content
    )


LYING: dict[str, tuple[bytes, str]] = {
    "gigantic": (npy("'<f8'", "(1000000000000, 3)"), "3,000,000,000,000 numbers"),
    "beyond 64 bits": (npy("'<f8'", "(99999999999999999999999, 3)"), "header is damaged"),
    "product beyond 64 bits": (npy("'<f8'", "(9999999999, 9999999999)"), "numbers; needed: at most"),
    "no width": (npy("'|V0'", "(1000000000, 3)"), "holds '|V0'"),
    "empty text": (npy("'<U0'", "(1000000000, 3)"), "holds '<U0'"),
    "zero-dimensional": (npy("'<U999999999'", "()"), "needed: real numbers"),
    "one number": (npy("'<f8'", "()", b"\0" * 8), "0 dimensions"),
    "no rows": (npy("'<f8'", "(0, 1000000000000)"), "is empty"),
    "no columns": (npy("'<f8'", "(1000000000000, 0)"), "is empty"),
    "nested": (npy("'<f8'", "(" * 3000 + ")" * 3000), "header is damaged"),
    "lists": (npy("[" * 4000, "(1, 2)"), "holds records"),
    "token": (npy("'<f8'", "(1, 2", b"", "'''"), "header is damaged"),
    "keys": (npy("'<f8'", "(1, 2)", b"\0" * 16, "3: 4"), "header is damaged"),
    "no quotes": (npy("<f8", "(1, 2)", b"\0" * 16), "header is damaged"),
    "negative": (npy("'<f8'", "(-1, 2)", b"\0" * 16), "header is damaged"),
    "objects": (npy("'|O'", "(1, 2)", b"\x80\x04."), "holds objects"),
    "records": (npy("[('a', '<f8'), ('b', '<f8')]", "(2,)", b"\0" * 32), "holds records"),
    "dates": (npy("'<M8[ns]'", "(1, 2)", b"\0" * 16), "holds '<M8[ns]'"),
    "durations": (npy("'<m8[s]'", "(1, 2)", b"\0" * 16), "holds '<m8[s]'"),
    "complex": (npy("'<c16'", "(1, 2)", b"\0" * 32), "holds '<c16'"),
    "bytes": (npy("'|S5'", "(1, 2)", b"0" * 10), "holds '|S5'"),
    "too short": (npy("'<f8'", "(2, 2)", b"\0" * 31), "claims 32 bytes, there are 31"),
    "too long": (npy("'<f8'", "(1, 2)", b"\0" * 17), "claims 16 bytes, there are more"),
    "long header": (b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{", "a header of 2,147,483,647 bytes"),
    "version": (b"\x93NUMPY\x09\x00\x10\x00{}", "no header of NumPy's"),
    "three dimensions": (npy("'<f8'", "(1, 2, 2)", b"\0" * 32), "3 dimensions"),
    "no text": (npy("'<U1'", "(1, 2)", b"\xff" * 8), "not a readable NumPy file"),
}


@pytest.mark.parametrize("name", LYING)
def test_headers_are_believed_only_as_far_as_bytes_are_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    content, message = LYING[name]
    (tmp_path / "a.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("X.npy", content)
        archive.writestr("y.npy", npy("'<f8'", "(1,)", b"\0" * 8))
    for file in ("a.npy", "a.npz"):
        status, out, err = run(capsys, "path", tmp_path / file)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert message in err
    with pytest.raises(BadInputError):
        DeepLinearProblem.from_csv(tmp_path / "a.npy")


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<f2", "<i8", ">i2", "|u1", "<f16", "<U4", "|b1"])
def test_arrays_are_read_as_numpy_reads_them(tmp_path: Path, dtype: str, version: int) -> None:
    values = np.array([[1, 0, 1], [0, 1, 1]]).astype(dtype)
    for array in (values, np.asfortranarray(values)):
        with (tmp_path / "a.npy").open("wb") as stream:
            np.lib.format.write_array(stream, array, (version, 0))
        problem = DiagonalProblem.from_csv(tmp_path / "a.npy")
        assert (problem.X, problem.y) == (((1, 0), (0, 1)), (1, 1))


def archive_of(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return out.getvalue()


TWO, ONE = npy("'<f8'", "(1, 2)", b"\0" * 16), npy("'<f8'", "(1,)", b"\0" * 8)


def _packed_otherwise(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("X.npy", TWO)
        archive.writestr("y.npy", ONE)
    return out.getvalue()


def _flagged(content: bytes, flag: int, method: int) -> bytes:
    """The archive with a flag and a method in all of its headers."""
    out = bytearray(content)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        k = -1
        while (k := content.find(mark, k + 1)) >= 0:
            out[k + at] |= flag
            out[k + at + 2] = method
    return bytes(out)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_flagged(archive_of(X=TWO, y=ONE), 1, 8), "encrypted"),
        (_flagged(archive_of(X=TWO, y=ONE), 0, 99), "packed by method 99, not by deflate"),
        (_packed_otherwise(zipfile.ZIP_LZMA), "packed by LZMA, not by deflate"),
        (_packed_otherwise(zipfile.ZIP_BZIP2), "packed by bzip2, not by deflate"),
        (archive_of(X=TWO), "holds the arrays 'X'; needed"),
        (archive_of(X=TWO, y=npy("'<f8'", "(2,)", b"\0" * 16)), "X is 1 × 2 and y is 2"),
        (archive_of(X=TWO, y=ONE, feature_names=npy("'<U1'", "(1,)", b"a\0\0\0")), "1 feature names for 2"),
        (archive_of(M=TWO, r=ONE), "M is 1 × 2"),
        (archive_of(X=npy("'<f8'", "(16000000, 4)", b"\0" * 64), y=ONE), "64,000,000 numbers"),
        (archive_of(X=TWO, y=ONE)[:-30], "not a readable NumPy file"),
        (_flagged(archive_of(X=TWO, y=ONE), 0, 0), "not a readable NumPy file"),
        (archive_of(**{f"a{k}": b"" for k in range(10_001)}), "more than 10,000 members"),
    ],
)  # fmt: skip
def test_archives_that_cannot_be_read_get_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    status, out, err = run(capsys, "path", tmp_path / "a.npz")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_of_an_archive_only_what_is_needed_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "a.npz", X=[[1, 2], [3, 4]], y=[[1], [2]], other=np.zeros(10**6))
    read = []
    whole = zipfile.ZipFile.open
    monkeypatch.setattr(
        zipfile.ZipFile, "open", lambda self, info: (read.append(info.filename), whole(self, info))[1]
    )
    assert DiagonalProblem.from_npz(tmp_path / "a.npz").y == (1, 2)
    assert sorted(read) == ["X.npy", "y.npy"]
    with pytest.raises(BadInputError, match="archive"):
        DiagonalProblem.from_npz("diabetes")


@pytest.mark.parametrize(
    "names", [[1.5, 2.5], [1.0, 2.0], [np.nan, np.inf], [True, False], np.float32([0.1, 0.2])]
)
@pytest.mark.parametrize("given", ["data", "gram"])
def test_names_of_an_archive_are_text_or_whole_numbers(tmp_path, names, given):
    eye, one = np.eye(2), np.ones(2)
    arrays = {"X": eye, "y": one} if given == "data" else {"M": eye, "r": one}
    np.savez(tmp_path / "a.npz", **arrays, feature_names=names)
    with pytest.raises(BadInputError, match=r"feature_names hold .*needed: text, or whole numbers"):
        DiagonalProblem.from_npz(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", **arrays, feature_names=[7, 9])
    assert DiagonalProblem.from_npz(tmp_path / "a.npz").feature_names == ("7", "9")


def test_gaps_of_arrays(tmp_path: Path) -> None:
    table = np.array([[1, np.nan, 3], [4, 5, 6], [7, 8, 10]])
    np.save(tmp_path / "a.npy", table)
    np.savez(tmp_path / "a.npz", X=table[:, :2], y=table[:, 2], feature_names=["a", "b"])
    for name, column in (("a.npy", "x1"), ("a.npz", "b")):
        with pytest.raises(BadInputError, match=f"row 0, column '{column}': 'nan' is not finite"):
            DiagonalProblem.from_csv(tmp_path / name)
        assert DiagonalProblem.from_csv(tmp_path / name, drop_missing="rows").X == ((4, 5), (7, 8))
        problem = DiagonalProblem.from_csv(tmp_path / name, drop_missing="columns")
        assert (problem.X, problem.left_out) == (
            ((1,), (4,), (7,)),
            (f"columns '{column}' with missing values",),
        )
    np.save(tmp_path / "inf.npy", [[1, np.inf], [2, 3]])
    with pytest.raises(BadInputError, match="not finite"):
        DiagonalProblem.from_csv(tmp_path / "inf.npy", drop_missing="rows")


# devices and pipes


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/full", "/dev/null", "/dev/tty"])
def test_devices_are_no_data(capsys: pytest.CaptureFixture[str], device: str) -> None:
    if not os.path.exists(device):
        pytest.skip("this machine has none")
    for command in (["path"], ["saddles"], ["deep", "saddles"], ["deep", "saddles", "svd-3x3", "--mask"]):
        status, out, err = run(capsys, *command, device)
        assert (status, out, err.count("\n")) == (2, "", 1)


def test_pipes_are_read_and_not_waited_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saddlesym.files.PIPE_WAIT", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    status, _, err = run(capsys, "path", pipe)
    assert (status, "to which nobody writes" in err) == (2, True)
    monkeypatch.setattr("saddlesym.files.PIPE_WAIT", 60)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a,b,y\n1,1.5,3\n2,-.25,-1\n0,3,2\n",))
    writer.start()
    assert DiagonalProblem.from_csv(pipe).X == X
    writer.join()


# values from Python


def test_labels_align_or_are_refused() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [1, 0, 1]}, index=["u", "v", "w"])
    y = pd.Series([1, 2, 3], index=["v", "u", "w"])
    for target in (y, y.to_frame(), pd.Series([1, 2, 3])):
        with pytest.raises(BadInputError, match="labels of X and y differ, at 0: 'u' and"):
            DiagonalProblem(frame, target)
    assert DiagonalProblem(frame, y.loc[frame.index]).y == (2, 1, 3)
    assert DiagonalProblem(frame, y.to_numpy()).y == (1, 2, 3)
    assert DiagonalProblem(frame, [1, 2, 3]).y == (1, 2, 3)
    with pytest.raises(BadInputError, match="differ"):
        DiagonalProblem(frame.reset_index(drop=True), pd.Series([1, 2, 3], index=[2, 1, 0]))


def test_gram_matrices_of_frames_and_correlations() -> None:
    columns = np.random.default_rng(5).normal(size=(40, 6))
    M = np.corrcoef(columns.T)
    M[0, 1] = np.nextafter(M[1, 0], 2)
    r = M @ np.ones(6)
    with pytest.raises(BadInputError, match="symmetrise=True"):
        DiagonalProblem.from_gram(M, r)
    problem = DiagonalProblem.from_gram(M, r, symmetrise=True)
    mean = (rational(M[0, 1]) + rational(M[1, 0])) / 2
    assert problem.M[0][1] == problem.M[1][0] == mean
    names = list("pqrstu")
    S = (M + M.T) / 2
    for frame in (pd.DataFrame(S, columns=names, index=names), pd.DataFrame(S, columns=names)):
        assert DiagonalProblem.from_gram(frame, pd.Series(r, index=names)).feature_names == tuple(names)
        assert DiagonalProblem.from_gram(frame, r).feature_names == tuple(names)
    with pytest.raises(BadInputError, match="labels of M and r differ"):
        DiagonalProblem.from_gram(frame, pd.Series(r, index=names[::-1]))
    with pytest.raises(BadInputError, match="rows and columns of M"):
        DiagonalProblem.from_gram(pd.DataFrame(S, columns=names, index=names[::-1]), r)


class Tensor:
    """An array of another library: its type has no kind."""

    dtype, ndim, shape = "float32", 2, (1, 2)

    def tolist(self) -> list[list[float]]:
        return [[0.10000000149011612, 1.0]]

    def __array__(self) -> Any:
        return np.array([[0.1, 1.0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DiagonalProblem(scipy.sparse.eye(2), [1, 2]), r"sparse matrix.*X\.toarray"),
        (lambda: DiagonalProblem([[1], [2]], scipy.sparse.eye(2)), r"y is a sparse matrix"),
        (lambda: DiagonalProblem([[1], [2]], [[1, 2], [3, 4]]), r"y is two-dimensional.*y\[:, 0\]"),
        (lambda: DiagonalProblem([[1], [2]], np.eye(2)), "y is two-dimensional"),
        (lambda: DiagonalProblem([[1], [2]], pd.DataFrame(np.eye(2))), "y is two-dimensional"),
        (lambda: DiagonalProblem([[1], [2]], [[1, 2]]), r"y\.ravel"),
        (lambda: DiagonalProblem(np.array([["2020-01-01"]], "M8[ns]"), [1]), "dates"),
        (lambda: DiagonalProblem(pd.DataFrame({"t": pd.to_datetime(["2020-01-01"])}), [1]), "dates"),
        (lambda: DiagonalProblem([[1]], pd.Series(pd.to_timedelta(["1s"]))), "durations"),
        (lambda: DiagonalProblem([[1]], np.array([1], "m8[s]")), "durations"),
        (lambda: DiagonalProblem([[1j]], [1]), "complex"),
        (lambda: DiagonalProblem(np.array([[1j]]), [1]), "complex numbers"),
        (lambda: DiagonalProblem(np.zeros((2, 2), "V0"), [1, 2]), "records"),
        (lambda: DiagonalProblem(np.zeros(2, [("a", float)]), [1, 2]), "records"),
        (lambda: DiagonalProblem(np.broadcast_to(0, (10**9, 3)), [1]), "3,000,000,000 numbers"),
        (lambda: DiagonalProblem([[1]], np.broadcast_to(0.5, 10**9)), "1,000,000,000 numbers"),
        (lambda: DiagonalProblem(np.array([[object()]]), [1]), "not an exact number"),
        (lambda: to_fmpq(np.timedelta64(5, "s")), "not an exact number"),
        (lambda: to_fmpq(np.datetime64(5, "ns")), "not an exact number"),
        (lambda: DiagonalProblem([[1]], [1], feature_names="a"), "feature_names='a'"),
        (lambda: DiagonalProblem([[1]], [1], feature_names=3), "feature_names='3'"),
        (lambda: DiagonalProblem([[1], [2]], [1, 2]).scaled(-5), "decimals='-5'"),
        (lambda: DiagonalProblem([[1], [2]], [1, 2]).scaled("3"), "decimals='3'"),
        (lambda: DiagonalProblem([[1], [2]], [1, 2]).scaled(2.5), "decimals='2.5'"),
        (lambda: DiagonalProblem([[1], [2]], [1, 2]).scaled(True), "decimals='True'"),
        (lambda: DiagonalProblem([[1], [2]], [1, 2]).scaled(10**9), "decimals="),
        (lambda: DiagonalProblem.from_csv(None), "the name of a file"),
        (lambda: DiagonalProblem.from_csv(3), "the name of a file"),
        (lambda: DiagonalProblem.from_csv("a\0b"), "neither a file"),
        (lambda: DiagonalProblem.from_csv("a" * 5000), "cannot be read|neither a file"),
        (lambda: DiagonalProblem.from_csv("diabetes", header="yes"), "header='yes'"),
        (lambda: DiagonalProblem.from_csv("diabetes", header=1), "header='1'"),
        (lambda: DiagonalProblem.from_csv("diabetes", decimal="x"), "decimal='x'"),
        (lambda: DiagonalProblem.from_csv("diabetes", drop_missing=True), "drop_missing='True'"),
        (lambda: DiagonalProblem.from_csv("diabetes", drop_columns=3.5), "drop_columns="),
        (lambda: DiagonalProblem.from_csv("diabetes", drop_columns=[[1]]), "drop_columns="),
        (lambda: DiagonalProblem.from_csv("diabetes", target=True), "no target column 'True'"),
        (lambda: DiagonalProblem.from_csv("diabetes", target=-1), "no target column '-1'"),
        (lambda: DiagonalProblem.from_csv("diabetes", floats="octal"), "floats='octal'"),
    ],
)  # fmt: skip
def test_values_that_are_no_data_get_typed_errors(make: Any, message: str) -> None:
    with pytest.raises(BadInputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_arrays_of_other_libraries_keep_their_precision() -> None:
    assert ((Fraction(1, 10), Fraction(1)),) == DiagonalProblem(Tensor(), [1]).X


@pytest.mark.parametrize("decimals", [1, 5000, 9990, 10_000])
def test_numbers_are_as_long_as_is_said(decimals: int) -> None:
    digits = "3" * decimals
    expected = Fraction(to_int(digits), 10**decimals)
    assert rational("0." + digits) == rational(f"-{digits}e-{decimals}") * -1 == expected
    assert rational(Decimal("0." + digits)) == expected
    assert rational(f"1e{decimals - 1}") == 10 ** (decimals - 1)
    for text in (f"0.{'3' * 10_001}", f"{'3' * 10_001}", "1e10000", "1e-10001", f"1.{'3' * 10_000}"):
        with pytest.raises(BadInputError, match="at most 10000"):
            rational(text)
        with pytest.raises(BadInputError, match="at most 10000"):
            rational(Decimal(text))


def to_int(digits: str) -> int:
    return (10 ** len(digits) - 1) // 3 if set(digits) == {"3"} else int(digits)
