"""Rules about the whole project that no single module can keep: who imports whom, and what is committed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
# package -> the packages of this project it may import: deploy_tools -> slim -> edge, never back
LAYERS = {"edge": {"edge"}, "slim": {"edge", "slim"}, "deploy_tools": {"edge", "slim", "deploy_tools"}}
# edge runs where the model runs, on boards with little more than these
EDGE_MAY_IMPORT = {"numpy", "PIL", "pyclipper", "scipy"}
# Paddle-Lite aborts on bad input, so only programs that run as a child process, and may die, load it
PADDLE_LITE_LIVES_IN = ("edge/runner/", "deploy_tools/conversion/opt_child.py")
MIB = 1024 * 1024
# spelled in halves, so that this file does not name them
REGISTRY_HOSTS = [
    first + second
    for first, second in (
        ("pypi", ".org"),
        ("pythonhosted", ".org"),
        ("pypi.tuna", ".tsinghua"),
        ("mirrors", ".aliyun"),
        ("pypi.douban", ".com"),
        ("mirror.baidu", ".com"),
        ("registry.npmjs", ".org"),
        ("conda.anaconda", ".org"),
        ("deb.debian", ".org"),
        ("archive.ubuntu", ".com"),
    )
]


def sources(package: str) -> list[Path]:
    """Every Python file of a package."""
    return sorted((REPOSITORY / package).rglob("*.py"))


def relative(path: Path) -> str:
    """The path inside the project."""
    return path.relative_to(REPOSITORY).as_posix()


def imported(path: Path) -> set[str]:
    """Top-level names a file imports anywhere in it, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            own = path.relative_to(REPOSITORY).parts[0]  # where a relative import stays
            names.add(own if node.level else str(node.module).partition(".")[0])
    return names


def project_files() -> list[Path]:
    """Files that are committed or would be: what git lists, without what it ignores."""
    listed = subprocess.run(
        ["git", "-C", str(REPOSITORY), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip(f"this copy of the project is not a git checkout: {listed.stderr.decode().strip()}")
    files = [REPOSITORY / name.decode() for name in listed.stdout.split(b"\0") if name]
    return [path for path in files if path.is_file()]


@pytest.mark.parametrize("package", LAYERS)
def test_imports_go_one_way(package: str) -> None:
    forbidden = set(LAYERS) - LAYERS[package]
    files = sources(package)
    assert files
    assert {relative(path): back for path in files if (back := imported(path) & forbidden)} == {}


def test_edge_imports_only_what_a_board_has() -> None:
    allowed = set(sys.stdlib_module_names) | EDGE_MAY_IMPORT | {"edge", "paddlelite"}
    assert {relative(path): more for path in sources("edge") if (more := imported(path) - allowed)} == {}


def test_paddle_lite_is_loaded_in_child_processes_only() -> None:
    files = [path for package in LAYERS for path in sources(package)]
    users = {relative(path) for path in files if "paddlelite" in imported(path)}
    assert {name for name in users if not name.startswith(PADDLE_LITE_LIVES_IN)} == set()


def test_the_command_line_starts_with_click_alone() -> None:
    """Everything else waits for the command that needs it, so that ``--help`` never waits for Paddle."""
    code = """
import sys
before = set(sys.modules)
import deploy_tools.cli.main
print(*(set(sys.modules) - before))
"""
    words = [sys.executable, "-c", code]
    ran = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    assert loaded - set(sys.stdlib_module_names) - set(LAYERS) == {"click"}


def test_no_file_names_a_package_registry() -> None:
    found = []
    for path in project_files():
        content = path.read_bytes().lower()
        found += [(relative(path), host) for host in REGISTRY_HOSTS if host.encode() in content]
    assert found == []


def test_no_two_test_files_have_one_name() -> None:
    names = Counter(path.name for path in sorted((REPOSITORY / "tests").rglob("test_*.py")))
    assert [name for name, times in names.items() if times > 1] == [], "pytest could not tell them apart"


def test_no_file_is_larger_than_a_mebibyte() -> None:
    assert {relative(path): size for path in project_files() if (size := path.stat().st_size) > MIB} == {}


def test_imports_are_seen_wherever_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "REPOSITORY", tmp_path)
    file = tmp_path / "edge" / "late.py"
    file.parent.mkdir()
    inside = "def late():\n    from slim.zoo import x\n    import cv2\n"
    file.write_text("from . import good\nimport numpy.linalg\n" + inside)
    assert imported(file) == {"edge", "numpy", "slim", "cv2"}
