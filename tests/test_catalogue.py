"""The dataset shelf: complete, honest about what is not known, and its rows readable as Examples."""

import gzip
import json
import re
from pathlib import Path

import pytest

import tasks
from tasks.spec import Example, Task, UserError
from training import catalogue, data
from training.catalogue import Entry

# The sets that the founding documents name, by the entry that answers for each.
FOUNDING = {
    "DrugLib": "druglib",
    "PubMedQA": "pubmedqa",
    "MedQA (USMLE)": "medqa_usmle",
    "MedicineQuAD": "medicationqa",
    "HealthFact / PUBHEALTH": "pubhealth",
    "SciFact": "scifact",
    "COVID-19 Fake News": "covid_fake_news",
    "MedDialog": "meddialog",
    "NHS patient comments": "nhs_fft",
    "MIMIC-III": "mimic3",
    "MIMIC-IV": "mimic4",
    "i2b2": "i2b2",
    "HealthReview": "healthreview",
    "Twitter health sentiment": "twitter_health",
}
each = pytest.mark.parametrize("entry", catalogue.ALL, ids=lambda entry: entry.name)


def test_every_set_the_founding_documents_name_is_on_the_shelf() -> None:
    assert {entry.name for entry in catalogue.ALL if entry.named} == set(FOUNDING.values())
    assert "MedicineQuAD" in catalogue.get("medicationqa").stands_for


@each
def test_an_entry_says_what_it_must_and_invents_nothing(entry: Entry) -> None:
    assert entry.role in catalogue.ROLES and entry.title and entry.what[-1] in ".?" and entry.license
    assert entry.repo is None or re.fullmatch(r"[\w.-]+/[\w.-]+", entry.repo)
    assert entry.revision is None or (entry.repo and re.fullmatch(r"[0-9a-f]{40}", entry.revision))
    assert set(entry.files) == set(entry.rows) or not entry.rows
    assert not entry.files or (entry.folder and entry.columns.get("text"))
    assert set(entry.columns) <= {"text", "context", "label"} and set(entry.parts) <= set(entry.files)
    assert not (entry.credentialed and (entry.ships or entry.repo))
    narrow = re.search("unknown|none stated|not verified|no open|research use|-NC|no formal", entry.license)
    # Of three sets an older or another licence is narrower than the one relied on, and the entry says so.
    assert not (narrow and entry.ships) or entry.name in {"druglib", "drugscom_sample", "scifact"}


def test_names_are_unique_and_an_unknown_one_is_told() -> None:
    assert len({entry.name for entry in catalogue.ALL}) == len(catalogue.ALL)
    with pytest.raises(UserError, match="no dataset 'x'"):
        catalogue.get("x")


@pytest.mark.parametrize("task", tasks.ALL, ids=lambda task: task.name)
def test_shelf_and_task_agree_on_every_set(task: Task) -> None:
    """A licence said twice must be the same one, and what a task only measures on is not offered for training."""
    fitting = {entry.name: entry for entry in catalogue.for_task(task)}
    for own in task.data:
        if own.name not in fitting:  # a set made of another's file
            assert own.folder in {entry.folder for entry in catalogue.ALL}
            continue
        entry = fitting[own.name]
        assert (entry.folder, entry.license, entry.ships) == (own.folder, own.license, own.ships)
        assert own.repo in (None, entry.repo) and own.revision in (None, entry.revision)
        assert entry.credentialed == own.credentialed
        assert (own.role == "measure") == (entry.role == "evaluate")
        assert set(own.files.values()) <= set(entry.files.values())
        assert catalogue.mapping(entry, task) is own
    order = [catalogue.ROLES.index(entry.role) for entry in fitting.values()]
    assert order == sorted(order)


def test_what_may_be_shared_and_where_rows_come_from_is_said_in_words() -> None:
    assert "credentialed: give a local path" in catalogue.get("mimic4").access
    assert "published" in catalogue.get("i2b2").sharing
    assert "no longer run" in catalogue.get("pubhealth").access
    assert "@ 9001f2853fb8" in catalogue.get("pubmedqa").access
    assert "resolved at download" in catalogue.get("medicationqa").access
    assert "upload your own copy" in catalogue.get("healthreview").access
    assert catalogue.get("codiesp_en").access == "local copy"
    assert catalogue.get("card_claims").access == "comes with the app" and catalogue.get("card_claims").here(Path("/"))
    assert "this machine only" in catalogue.get("healthver").sharing


def shelf(folder: Path, name: str, split: str, rows: list[dict]) -> None:
    """Put rows where the shelf looks for a split."""
    entry = catalogue.get(name)
    path = folder / entry.folder / entry.files[split]
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        if ".jsonl" in path.name:
            file.writelines(json.dumps(row) + "\n" for row in rows)
            return
        mark = "\t" if ".tsv" in path.name else ","
        file.write(mark.join(rows[0]) + "\n")
        file.writelines(mark.join(map(str, row.values())) + "\n" for row in rows)


def test_a_row_becomes_an_example_with_context_and_the_sets_own_label(tmp_path) -> None:
    shelf(tmp_path, "pubmedqa", "train", [{"question": "Is it?", "contexts": ["a b", "c"], "final_decision": "maybe"}])
    entry = catalogue.get("pubmedqa")
    assert catalogue.examples(entry, "train", root=tmp_path) == [Example("Is it?", context="a b\nc", label="maybe")]
    shelf(tmp_path, "medqa_usmle", "test", [{"question": "Which?", "options": {"A": "x", "B": "y"}, "answer_idx": "B"}])
    (row,) = catalogue.examples(catalogue.get("medqa_usmle"), "test", root=tmp_path)
    assert row == Example("Which?", context="A: x\nB: y", label="B")


def test_a_task_that_names_a_set_maps_its_rows_itself(tmp_path) -> None:
    row = {"rating": 9, "effectiveness": "Ineffective", "sideEffects": "No Side Effects"}
    row |= {"benefitsReview": "a", "sideEffectsReview": "b", "commentsReview": "c"}
    shelf(tmp_path, "druglib", "train", [row])
    (found,) = catalogue.examples(catalogue.get("druglib"), "train", tasks.get("drug_reviews"), tmp_path)
    assert found.label == "positive" and found.fields == {"benefits": "a", "side effects": "b", "comments": "c"}
    (plain,) = catalogue.examples(catalogue.get("druglib"), "train", None, tmp_path)
    assert plain == Example("a\nb\nc", label="9")


def test_a_set_that_only_fits_a_task_gets_the_tasks_labels(tmp_path) -> None:
    shelf(
        tmp_path,
        "hospital_reviews_bengaluru",
        "test",
        [{"text": f"t{stars}", "sentiment_binary": 1, "rating": stars} for stars in (1, 3, 5)],
    )
    entry, task = catalogue.get("hospital_reviews_bengaluru"), tasks.get("drug_reviews")
    found = catalogue.examples(entry, "test", task, tmp_path)
    assert [(e.label, e.targets["rating"]) for e in found] == [("negative", "2"), ("neutral", "6"), ("positive", "10")]
    seen = catalogue.show(entry, "test", task, tmp_path)
    assert seen.histogram == {"negative": 1, "neutral": 1, "positive": 1} and seen.rows == 3
    assert seen.columns == ("text", "sentiment_binary", "rating") and seen.preview[0]["text"] == "t1"
    assert catalogue.show(entry, "test", None, tmp_path).histogram == {"1": 1, "3": 1, "5": 1}


def test_splits_of_one_file_are_told_apart(tmp_path) -> None:
    rows = [{"split": split, "text": split, "icd9_chapters": [7]} for split in ("train", "dev", "test", "dev")]
    shelf(tmp_path, "codiesp_en", "train", rows)
    entry, task = catalogue.get("codiesp_en"), tasks.get("clinical_notes")
    assert [e.text for e in catalogue.examples(entry, "dev", None, tmp_path)] == ["dev", "dev"]
    assert catalogue.splits(entry) == ("train", "dev", "test") and catalogue.splits(entry, task) == ("train", "test")
    assert len(catalogue.examples(entry, "train", task, tmp_path)) == 3  # the task learns from train and dev
    assert catalogue.splits(catalogue.get("nhs_fft"), tasks.get("drug_reviews")) == ("train",)
    assert catalogue.splits(catalogue.get("nhs_fft"), tasks.get("review_aspects")) == ("train", "test")


def test_a_set_that_is_not_here_is_told_in_a_sentence(tmp_path) -> None:
    with pytest.raises(UserError, match="CARETUNE_DATA"):
        catalogue.examples(catalogue.get("scifact"), "train", root=tmp_path)
    with pytest.raises(UserError, match="no split 'gold'"):
        catalogue.examples(catalogue.get("scifact"), "gold", root=tmp_path)
    with pytest.raises(UserError, match="upload your own copy"):
        catalogue.show(catalogue.get("mimic4"), "train", root=tmp_path)
    assert not catalogue.get("scifact").here(tmp_path) and not catalogue.get("mimic4").here(tmp_path)


@each
def test_the_files_at_hand_hold_the_rows_and_columns_that_are_said(entry: Entry) -> None:
    if not entry.here():
        pytest.skip(f"{entry.name} is not on this machine")
    there: set[str] = set()
    for split, said in entry.rows.items():
        count = 0
        for row in catalogue.rows(entry, split):
            there |= set(row) if not count else set()
            count += 1
        assert count == said
    assert {name for names in entry.columns.values() for name in names} <= there
    small = min(entry.rows, key=lambda split: entry.rows[split])
    assert all(example.all_text for example in catalogue.examples(entry, small)[:500])
    assert (data.PROJECT if entry.inside else data.DATA_DIR) in entry.path(small).parents
