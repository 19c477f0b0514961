"""Every JSON document of the program says what it is."""

from __future__ import annotations

import json

import pytest
from documents import run


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("path sign-flip", "saddle path"),
        ("path sign-flip --rounded", "rounded saddle path"),
        ("saddles sign-flip", "saddles"),
        ("graph sign-flip", "saddle graph"),
        ("flow sign-flip --alpha 1e-20 --digits 8", "flow"),
        ("theorems", "statements"),
        ("theorems loss-falls", "statement"),
        ("deep saddles svd-3x3", "deep saddles"),
        ("deep greedy svd-3x3", "greedy path"),
        ("deep escape svd-3x3", "escape"),
        ("deep flow svd-3x3 --alpha 1e-10 --digits 8", "deep linear flow"),
    ],
)
def test_documents_of_the_program_have_a_kind(command: str, kind: str) -> None:
    status, out, err = run(*command.split(), "--json")
    assert status == 0, err
    assert json.loads(out)["kind"] == kind
