"""What a note's words alone say: fitted beside the trained part, the same however the note is cut and read."""

import gzip
import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import tasks
from models.bases import locate
from models.encoder import Words
from models.heads import HEAD_FILE, LabelHead, load_head
from models.loading import load
from models.notes import read_note
from models.reading import Reading, read
from models.shelf import SHIPPED
from models.wordpart import WordPart
from tasks.clinical_notes import CATEGORIES, HEAD
from tasks.icd9 import CHAPTERS
from tasks.spec import Example
from training import average, data, word_readings, wordpart
from training.calibrate import marks
from training.config import RunConfig
from training.recalibrate import recalibrate
from training.runs import RunStore
from training.train import train

TASK = tasks.get("clinical_notes")
SAID = {"Respiratory": "cough wheeze sputum asthma", "Cardiovascular": "angina infarct pulse aorta"}
NOTES = ("Known asthma with cough. Old infarct.", "Aorta was seen. Wheeze at night, no cough. Wheeze again.")


def cases(count: int, seed: int) -> list[Example]:
    draw, out = random.Random(seed), []
    for i in range(count):
        names = [name for name in SAID if draw.random() < 0.5] or ["Respiratory"]
        text = " ".join(draw.choice(SAID[name].split()) for name in names for _ in range(4))
        out.append(Example(text=f"Case {i} {seed} with {text}.", targets={HEAD: tuple(sorted(names))}))
    return out


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(locate("minilm-l6"), 64)


@pytest.fixture(scope="module")
def part(words: Words) -> WordPart:
    return wordpart.fitted(TASK, words, cases(80, 1), cases(20, 2), 0.25)


def pieces(words: Words, text: str) -> list[int]:
    return [piece for segment in TASK.segments(Example(text=text)) for piece in words.ids(segment)]


def said(part: WordPart, words: Words, texts: tuple[str, ...]) -> np.ndarray:
    ids = [pieces(words, text) for text in texts]
    owner = torch.tensor([i for i, row in enumerate(ids) for _ in row])
    return part(torch.tensor([piece for row in ids for piece in row]), owner, len(texts)).numpy()


def test_it_says_what_scikit_learns_pipeline_says(part: WordPart, words: Words) -> None:
    """The same lines by another way: TfidfVectorizer on the same pieces and a weighted balanced regression."""
    rows = [*cases(80, 1), *cases(20, 2)]

    def telling(text: str) -> list[str]:
        named = (words.tokenizer.id_to_token(piece) for piece in pieces(words, text))
        return [piece for piece in named if piece.strip("#").isalpha() and piece not in ("with", "in")]

    seen = TfidfVectorizer(sublinear_tf=True, min_df=2, analyzer=telling)
    learned = seen.fit_transform([row.text for row in rows])
    right, worth = marks(TASK.heads[0], rows), np.r_[np.ones(80), np.full(20, wordpart.EARLIER)]
    found = said(part, words, NOTES)
    for name in SAID:
        column = CATEGORIES.index(name)
        line = LogisticRegression(C=wordpart.STRENGTH, class_weight="balanced", solver="liblinear", max_iter=300)
        line.fit(learned, right[:, column] > 0, sample_weight=worth)
        assert found[:, column] == pytest.approx(line.decision_function(seen.transform(NOTES)), abs=0.02)
    never = CATEGORIES.index("Neoplasms")
    assert (found[:, never] < -4).all() and found[0, never] == found[1, never]  # never seen: rare, whatever the words


def test_rows_of_which_some_labels_are_unknown_teach_it_nothing(words: Words) -> None:
    rows = cases(40, 1)
    unknown = [Example(text=row.text.upper() + " extra", targets={HEAD: ("Respiratory", "?")}) for row in rows]
    one, two = (wordpart.fitted(TASK, words, found, (), 0.2) for found in (rows, [*rows, *unknown]))
    assert torch.equal(one.weight, two.weight) and torch.equal(one.rarity, two.rarity)


def test_what_each_piece_adds_makes_up_the_whole(part: WordPart, words: Words) -> None:
    ids = torch.tensor(pieces(words, NOTES[1]))
    count = torch.bincount(ids, minlength=len(part.rarity))
    column = CATEGORIES.index("Respiratory")
    whole = said(part, words, NOTES)[1, column] - float(part.bias[column])
    assert float(part.each(ids, count, column).sum()) == pytest.approx(whole, abs=1e-4)


def test_a_head_keeps_its_word_part_on_disk(part: WordPart, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    head = LabelHead(8, 4, len(CATEGORIES), 0.0)
    head.words = part
    save_file({name: tensor.contiguous() for name, tensor in head.state_dict().items()}, tmp_path / HEAD_FILE)
    again = load_head(tmp_path)
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in head.state_dict().items())
    assert float(again.words.share) == 0.25


def test_a_note_read_in_portions_is_answered_as_in_a_file() -> None:
    """The page adds windows and words up as they come; scoring files reads them at once. Both parts speak."""
    predictor = load(TASK, SHIPPED / TASK.name)
    assert float(predictor.reader.head.words.share) == pytest.approx(0.2)
    sentences = (
        "Asthma with wheeze and cough on day {0}. Aortic valve number {0} was replaced. Fracture {0} of the wrist."
    )
    long = " ".join(sentences.format(i) for i in range(150))
    for text in (TASK.samples[1].text, long):
        *_, last = read_note(predictor, text, lambda example: ())
        (whole,) = predictor.predict([Example(text=last.masked.text)])
        for label in TASK.labels:
            assert last.prediction.scores[label] == pytest.approx(whole.scores[label], abs=2e-3)
        assert last.prediction.claimed == whole.claimed
        assert last.carried[last.said[0]]  # a reason is named even where many sentences say the same


SMALL = RunConfig(
    TASK.name,
    datasets=("codiesp_en",),
    word_share=0.4,
    validation_share=0.25,
    epochs=1,
    batch_size=16,
    rank=4,
    alpha=8,
    first_layer=5,
    max_tokens=48,
)


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder with small train and test files in CodiEsp's shape."""
    chapters = {name: number for number, name in CHAPTERS.items()}
    folder = tmp_path / "sets" / "codiesp_en"
    folder.mkdir(parents=True)
    with gzip.open(folder / "codiesp_en.jsonl.gz", "wt") as file:
        for split, count, seed in (("train", 60, 3), ("test", 10, 4)):
            for case in cases(count, seed):
                row = {"split": split, "text": case.text, "icd9_chapters": [chapters[c] for c in case.targets[HEAD]]}
                file.write(json.dumps(row) + "\n")
    monkeypatch.setattr(data, "DATA_DIR", tmp_path / "sets")


def test_a_run_that_asks_for_it_learns_it_and_settles_without_the_held_rows(sets, tmp_path, monkeypatch) -> None:
    fed: list[int] = []
    real = wordpart.fitted
    monkeypatch.setattr(wordpart, "fitted", lambda *given: (fed.append(len(given[2])), real(*given))[1])
    run = RunStore(tmp_path / "runs").create(SMALL)
    train(run)
    held = run.facts["validation_rows"]
    assert fed == [60 - held, 60]  # what settles the cuts has not seen the rows held back; what is served has
    served = load(TASK, run.adapter)
    first = served.predict([Example(text=NOTES[0])])[0].scores
    sealed = read(run.adapter, TASK)
    assert isinstance(recalibrate(run), Reading) and fed[2:] == fed[:2]
    assert read(run.adapter, TASK).cuts == sealed.cuts and read(run.adapter, TASK).sha256 == sealed.sha256
    assert load(TASK, run.adapter).predict([Example(text=NOTES[0])])[0].scores == pytest.approx(first, abs=1e-5)
    assert first["Respiratory"] > first["Neoplasms"]
    shutil.copy(run.recipe, run.adapter)
    header, *shares, _, best, moved = word_readings.worth(run.adapter, (0.0, 0.4))
    assert header.startswith(f"{held} rows") and [line[:3] for line in shares] == ["0.0", "0.4"]
    assert best.startswith("the best, ") and moved.startswith("moved half-way to 0.4, ")


def test_folds_are_averaged_with_what_each_word_part_had_not_seen(sets, tmp_path, monkeypatch) -> None:
    """A run's own part has learned the rows it held back: they must not settle the mean through it."""
    store = RunStore(tmp_path / "runs")
    runs = [store.create(replace(SMALL, fold=fold, validation_share=0.5)) for fold in (0, 1)]
    for run in runs:
        with run.told():
            run.move("running")
            train(run)
            run.move("finished")
    fed: list[int] = []
    real = wordpart.fitted
    monkeypatch.setattr(wordpart, "fitted", lambda *given: (fed.append(len(given[2])), real(*given))[1])
    made = average.average(runs, store)
    assert fed == [60 - run.facts["validation_rows"] for run in runs]
    parts = [load(TASK, run.adapter).reader.head.words for run in (*runs, made)]
    assert all(torch.allclose(part.weight, parts[0].weight, atol=0.05) for part in parts)  # each of all rows
    assert load(TASK, made.adapter).predict([Example(text=NOTES[0])])[0].scores["Respiratory"] > 0


def test_what_masking_puts_in_and_function_words_say_nothing(words: Words) -> None:
    rows = [Example(text=f"[NAME] came on [DATE], and {row.text}", targets=row.targets) for row in cases(40, 1)]
    part = wordpart.fitted(TASK, words, rows, (), 0.2)
    for word in ("[", "]", "name", "date", ",", "and", "came"):
        (piece,) = words.ids(word)[1:-1]
        assert (float(part.rarity[piece]) == 0) == (word != "came"), word
    plain, masked = said(part, words, ("Asthma and cough.", "[NAME], [DATE]: Asthma and, cough."))
    assert plain == pytest.approx(masked, abs=1e-5)
