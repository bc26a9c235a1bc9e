"""The plan of the house, enforced: layers, and what only one room may do."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("agent", "tools", "prompts", "sandbox")


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def test_imports_run_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_can_be_run_as_a_module(room: str) -> None:
    assert not list((ROOT / room).rglob("__main__.py"))


def test_no_test_folder_shadows_a_package() -> None:
    found = [path for path in (ROOT / "tests").rglob("__init__.py") if "samples" not in path.parts]
    assert not found


def test_the_command_imports_its_own_rooms_inside_a_foreign_repository(tmp_path: Path) -> None:
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("raise SystemExit('the wrong one')\n")
    program = Path(sys.executable).with_name("patchwright")
    result = subprocess.run([program, "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("patchwright, version ")


@pytest.mark.parametrize("path", sources(*ROOMS), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_two_modules_read_the_environment(path: Path) -> None:
    reading = (ROOT / "agent" / "config.py", ROOT / "agent" / "variables.py")
    if path in reading or "patchwright_report" in path.parts:
        return  # the last runs inside the box, as part of somebody else's pytest
    names = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }
    assert not names & {"environ", "environb", "getenv", "putenv"}


def test_text_for_the_model_is_in_templates_only() -> None:
    python = {path.name for path in (ROOT / "prompts").rglob("*.py")}
    assert python == {"__init__.py", "border.py"}
