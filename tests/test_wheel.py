"""The built wheel, not the checkout, is what users run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_built_wheel_installs_and_runs(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(site)}

    def python(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert python("-c", "import saddlesym; print(saddlesym.__file__)").startswith(str(site))
    document = json.loads(python("-m", "saddlesym", "path", "diabetes", "--json"))
    assert len(document["jumps"]) == 11
    assert python(str(site / "bin" / "saddlesym"), "--version").startswith("saddlesym, version")
    python("-m", "saddlesym", "explore", "sign-flip", "--quick", "--output", "page")
    assert "<math" in (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    python("-m", "saddlesym", "study", "shapes-and-chains", "--quick", "--output", "study")
    assert "<math" in (tmp_path / "study" / "index.html").read_text(encoding="utf-8")
