"""A run's adapter folded into its base, as a model that needs no PEFT: safetensors, JSON, YAML and a card, in one zip.

What is folded is what visitors are answered by (`models/loading.py`). Knows nothing of browsers.
"""

import json
import shutil
import tempfile
import zipfile
from pathlib import Path

import tasks
from models import reading
from models.bases import BASES, locate
from models.heads import HEAD_FILE
from models.loading import load
from tasks.spec import UserError
from training.cards import card
from training.promote import check_seal, credentialed
from training.runs import Run

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
_HOW = """
## How it is read

`model/` is the base with the adapter folded in, for `transformers.AutoModel.from_pretrained`; `head.safetensors` is the
head that reads its token states (its `words` tensors, where it has some, read the word pieces), and `reading.json` says
which output is which label, with temperature and cuts. Where it holds `signs`, what rules of the project count in a
text (`tasks/outcomes.py`) is added to the logits, times the weights that stand there, before the temperature.
The sha256 sums in `reading.json` are those of the adapter it was folded from.
"""


def merged(run: Run, folder: Path) -> Path:
    """Write the folded model as a zip below `folder` and return it.

    Raises:
        UserError: if the run is not scored as it stands, its adapter was altered, or its base answers in words.
    """
    report = run.report
    if report is None:
        raise UserError("Only a run that has been scored can be merged.")
    if BASES[run.config.base].family != "encoder":
        raise UserError("Only adapters on encoders can be merged here; take the adapter itself instead.")
    check_seal(run, report, "be merged")
    task = tasks.get(run.config.task)
    body = load(task, run.adapter).reader.body
    target = folder / f"{run.id}-merged.zip"
    with tempfile.TemporaryDirectory(dir=folder) as made:
        model = Path(made) / "model"
        body.save_pretrained(model)
        _without_paths(model / "config.json", BASES[run.config.base].repo)
        for name in TOKENIZER:
            if (found := locate(run.config.base) / name).exists():
                shutil.copy(found, model / name)
        # Stored as they are: weights hardly shrink, and take long to be tried.
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(model.iterdir()):
                archive.write(file, f"model/{file.name}")
            for name in (HEAD_FILE, reading.READING_FILE):
                archive.write(run.adapter / name, name)
            archive.write(run.report_file, "report.json")
            archive.write(run.recipe, "recipe.yaml")
            archive.writestr("README.md", card(task, run, report) + _HOW)
            if credentialed(run):
                archive.writestr("DO_NOT_PUBLISH.txt", "credentialed data: do not publish\n")
    return target


def _without_paths(config: Path, repo: str) -> None:
    """Say which base the model was made of, and not where this machine keeps it."""
    saved = json.loads(config.read_text(encoding="utf-8"))
    saved["_name_or_path"] = repo
    config.write_text(json.dumps(saved, indent=2) + "\n", encoding="utf-8")
