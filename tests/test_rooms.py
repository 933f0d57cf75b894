"""Each room imports only the rooms below it; size and silence budgets hold."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "tasks": {"tasks"},
    "models": {"models", "tasks"},
    "training": {"training", "models", "tasks"},
    "tabs": {"tabs", "training", "tasks"},
}
FILES = sorted(p for room in MAY_IMPORT for p in (ROOT / room).rglob("*.py"))
each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


@each_file
def test_a_file_imports_only_the_rooms_below_it(path: Path) -> None:
    """Rooms form a stair: app > tabs > training > models > tasks."""
    assert imported(path) & set(MAY_IMPORT) <= MAY_IMPORT[path.relative_to(ROOT).parts[0]]


@each_file
def test_only_tabs_know_gradio(path: Path) -> None:
    """Nothing below the tabs may know how it is shown."""
    assert "tabs" in path.parts or not imported(path) & {"gradio", "plotly"}


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "tasks"], ids=lambda p: p.name)
def test_tasks_import_nothing_heavy(path: Path) -> None:
    """A task is data and pure functions."""
    assert not imported(path) & {"torch", "transformers", "peft", "numpy", "pandas", "datasets", "sklearn"}


@pytest.mark.parametrize("path", [*FILES, ROOT / "app.py"], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_fits_in_the_head(path: Path) -> None:
    """300 lines a file, 60 a function."""
    source = path.read_text()
    assert source.count("\n") <= 300
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert [f.name for f in functions if f.end_lineno - f.lineno >= 60] == []


@pytest.mark.parametrize("path", [*FILES, ROOT / "app.py"], ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_catches_everything_runs_strangers_code_or_renders_html(path: Path) -> None:
    """No broad except, no pickle, no remote code, no gr.HTML."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in ("everything", "Exception", "BaseException"), f"line {node.lineno}"
        if isinstance(node, ast.keyword) and node.arg in ("trust_remote_code", "shell"):
            assert ast.unparse(node.value) == "False"
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in ("gr.HTML", "torch.load", "pickle.load", "joblib.load", "eval", "exec")


def test_the_page_is_built_before_torch_is_read() -> None:
    """Importing and building the app imports no torch: the first page does not wait for it."""
    code = (
        "import sys, pathlib, tempfile, app; app.build(pathlib.Path(tempfile.mkdtemp()));"
        "print([m for m in ('torch', 'transformers', 'peft', 'sklearn', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr[-500:]


BUILT_ON = {"transformers", "peft", "accelerate", "sentence_transformers"}


@each_file
def test_transformers_is_read_before_what_is_built_on_it(path: Path) -> None:
    """Read by one thread at a time (models/libraries.py): in its file or its function, ours comes first."""
    tree = ast.parse(path.read_text())
    first = path.name == "libraries.py" or any(ast.unparse(line) == "import models.libraries" for line in tree.body)
    for node in ast.walk(tree):
        seen = first or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for line in node.body if isinstance(node, ast.Module | ast.FunctionDef | ast.If) else []:
            seen = seen or ast.unparse(line) == "import models.libraries"
            names = line.names if isinstance(line, ast.Import) else []
            asked = {alias.name.split(".")[0] for alias in names}
            if isinstance(line, ast.ImportFrom):
                asked = {(line.module or "").split(".")[0]}
            assert seen or not asked & BUILT_ON, f"{path.name}:{line.lineno}"


def test_two_visitors_at_once_are_the_first_to_need_a_model() -> None:
    """A second thread that comes while transformers is being read waits for it, and finds all of its names."""
    code = """
import importlib, sys, threading, time
import tokenizers  # so that the second is quickly where the first is
second = threading.Thread(target=lambda: late.append(importlib.import_module("models.prompts")))
late, begun = [], threading.Event()
def hook(event, args):
    if event == "import" and args[0] == "transformers.utils.versions" and not begun.is_set():
        begun.set(); second.start(); time.sleep(2)
sys.addaudithook(hook)
importlib.import_module("models.loading")
second.join()
print(begun.is_set(), [module.__name__ for module in late])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "True ['models.prompts']", done.stdout + done.stderr[-800:]
