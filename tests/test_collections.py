"""Where passages come from: the cards, local copies, the Hub, one's own files; and the shell. Reads no model."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from encyclopedia import DISEASES, Counting, embed, encyclopedia

from models import knowledge
from models.knowledge import building, bulk, cards, collection, passages, sources
from models.knowledge.__main__ import main
from models.knowledge.passages import Passage
from tasks.spec import UserError
from training import catalogue

# The cards


def test_the_cards_are_always_there_and_change_with_their_file(tmp_path: Path) -> None:
    card = {
        "id": "one",
        "topic": "garlic",
        "statement": "Garlic lowers blood pressure a little.",
        "limits": "Small trials.",
    }
    card |= {
        "title": "A review",
        "organisation": "Somebody",
        "year": 2020,
        "url": None,
        "source": "x",
        "kind": "review",
    }
    file = tmp_path / "cards.jsonl"
    file.write_text(json.dumps({**card, "terms": ["allium"]}) + "\n")
    first = cards.prepared(tmp_path / "home", embed, file)
    assert cards.prepared(tmp_path / "home", embed, file).manifest.version == first.manifest.version
    (found,) = first.passages(np.array([0]))
    assert (found.also, found.year, found.limits) == (("Garlic", "allium"), 2020, "Small trials.")
    file.write_text(json.dumps({**card, "terms": [], "id": "two"}) + "\n")
    assert cards.prepared(tmp_path / "home", embed, file).passages(np.array([0]))[0].id == "two"


@pytest.mark.skipif(not cards.FILE.exists(), reason="no cards here")
def test_the_vectors_of_the_cards_come_with_the_project() -> None:
    parts = passages.pieces(passages.checked(cards.passages()), building.MINILM.sha256)
    given = cards.given()
    assert {part.key for part in parts} == set(given), "run: python -m models.knowledge ship"
    assert all(abs(float(np.linalg.norm(vector)) - 1) < 0.02 for vector in given.values())


# Sources


def _write(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


MEDQUAD = {"id": "X_1-1", "source": "CDC", "focus": "Cold", "synonyms": ["Common cold"], "url": "u", "text": "Rest."}
PAPER = {"pmid": "7", "question": "Does it?", "contexts": ["We asked."], "long_answer": "It does.", "year": "2001"}


def test_local_copies_become_passages(tmp_path: Path) -> None:
    _write(tmp_path / "passages.jsonl", [MEDQUAD, MEDQUAD])
    _write(tmp_path / "train.jsonl", [PAPER])
    _write(tmp_path / "test.jsonl", [{**PAPER, "pmid": "8", "year": ""}])
    _write(tmp_path / "corpus.jsonl", [{"doc_id": 4, "title": "T", "abstract": ["One.", "Two."], "structured": False}])
    (cold,) = sources.read("medquad", tmp_path).passages
    assert (cold.id, cold.title, cold.also, cold.organisation) == ("X_1-1", "Cold", ("Common cold",), "CDC")
    first, second = sources.read("pubmedqa", tmp_path).passages
    assert (first.text, first.year, second.year) == ("We asked.\nIt does.", 2001, None)
    (abstract,) = sources.read("scifact", tmp_path).passages
    assert (abstract.id, abstract.text) == ("4", "One. Two.")


def test_a_local_copy_that_is_not_whole_or_not_it_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--path"):
        sources.read("medquad", tmp_path)
    (tmp_path / "passages.jsonl").write_text("{no json\n")
    with pytest.raises(UserError, match="damaged"):
        sources.read("medquad", tmp_path)
    _write(tmp_path / "corpus.jsonl", [{"a": 1}])
    with pytest.raises(UserError, match="not those of scifact"):
        sources.read("scifact", tmp_path)


def test_the_hub_is_read_at_the_pinned_commit() -> None:
    asked = []

    def load(*names: str | None) -> list[dict[str, object]]:
        asked.append(names)
        answer = {"document_source": "GHR", "question_focus": "Gout", "synonyms": "a|b", "document_url": "u"}
        return [{**answer, "question_id": "01-2", "answer": "Yes."}, {**answer, "question_id": "01-3", "answer": None}]

    read = sources.from_hub(sources.KNOWN["medquad"], load=load)
    assert [p.id for p in read.passages] == ["GHR_01-2"] and read.passages[0].also == ("a", "b")
    assert asked[0][3] == read.revision == sources.KNOWN["medquad"].revision


def test_without_a_network_the_hub_is_said_to_be_out_of_reach() -> None:
    def load(*_: str | None) -> list[dict[str, object]]:
        raise ConnectionError

    with pytest.raises(UserError, match=r"cannot be reached.*--path"):
        sources.from_hub(sources.KNOWN["scifact"], load=load)


@pytest.mark.parametrize("name", ["medquad", "pubmedqa"])
def test_revisions_are_those_of_the_dataset_shelf(name: str) -> None:
    entry, source = catalogue.get(name), sources.KNOWN[name]
    assert (entry.repo, entry.subset, entry.revision) == (source.repo, source.subset, source.revision)


def test_ones_own_folder_is_read_whole_and_bad_rows_are_named(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "note.txt").write_text("Garlic is a plant.")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "rows.jsonl").write_text(
        '{"id": "r1", "title": "T", "text": "One.", "year": 1999}\n{broken\n{"text": "Two."}\n'
    )
    (tmp_path / "sheet.csv").write_text("name,abstract\nTea,Tea is warm.\n")
    read = sources.read(str(tmp_path))
    found = {p.id: p for p in read.passages}
    assert set(found) == {"deep/note.txt", "r1", "rows.jsonl:3", "sheet.csv:2"}
    assert (found["r1"].year, found["sheet.csv:2"].title) == (1999, "Tea")
    assert [bad.split(":")[0] for bad in read.bad] == ["rows.jsonl, line 2"]


def test_a_file_without_a_column_of_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="no column of text"):
        sources.read(str(tmp_path / "x.csv"))
    with pytest.raises(UserError, match="neither"):
        sources.read(str(tmp_path / "absent"))


# The shell


def test_build_search_and_list_from_the_shell(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(tmp_path / "passages.jsonl", [MEDQUAD, {**MEDQUAD, "id": "X_1-2", "focus": "Gout", "text": "Joints hurt."}])
    assert main(["build", "--source", "medquad", "--path", str(tmp_path), "--name", "mq"]) == 0
    rows = [
        '{"question": "What is gout?"}',
        "{broken",
        '{"claim": "Rest helps a cold"}',
        "",
        '{"other": 1}',
        "[]",
        '{"text": 5}',
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(rows) + "\n")
    assert (
        main(
            ["search", "--index", "mq", "--queries", str(tmp_path / "q.jsonl"), "--out", str(tmp_path / "o"), "-k", "1"]
        )
        == 0
    )
    out = [json.loads(line)["hits"] for line in (tmp_path / "o").read_text().splitlines()]
    assert [[hit["id"] for hit in hits] for hits in out] == [["X_1-2"], [], ["X_1-1"], [], [], []]
    said = capsys.readouterr().err
    assert all(f"line {number}: " in said for number in (2, 5, 6, 7)) and "2 questions answered, 4 not" in said
    assert main(["list"]) == 0
    assert "mq: 2 passages, local copy of medquad" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "--index", "absent", "--queries", "q", "--out", "o"],
        ["search", "--index", "mini", "--queries", "absent", "--out", "o"],
        ["build", "--source", "absent"],
    ],
)
def test_what_cannot_be_done_is_said_and_returns_2(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert capsys.readouterr().err.strip() and not (tmp_path / "o").exists()


def test_more_questions_than_are_answered_at_once_keep_their_order(root: Path, tmp_path: Path) -> None:
    names = [DISEASES[i % 3] for i in range(bulk.AT_ONCE + 5)]
    source = _write(tmp_path / "q.jsonl", [{"query": f"treatment of {name}"} for name in names])
    bulk.answer_file([knowledge.Collection.open("mini")], source, tmp_path / "o.jsonl", k=1)
    out = [json.loads(line)["hits"][0]["id"] for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert out == [f"{name.split()[0]}-3" for name in names]


# LanceDB


def test_lancedb_answers_as_files_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lancedb")
    lance = collection.lance()
    monkeypatch.setattr(lance, "BATCH", 5)
    made = lance.build(encyclopedia(), root / "big", "invented", shape="topics", embed=embed, quiet=True)
    assert (made.store, made.passages) == ("lancedb", 12)
    files, big = knowledge.Collection.open("mini"), knowledge.Collection.open("big")
    for question in ("What are the treatments for Corvane syndrome ?", "is Marrow palsy inherited", "brindleitis rash"):
        ours, theirs = files.search(question, k=3), big.search(question, k=3)
        assert theirs[0].passage == ours[0].passage
        assert theirs[0].parts["cosine"] == pytest.approx(ours[0].parts["cosine"], abs=1e-5)
    again = Counting()
    rows = [*encyclopedia()[:-1], Passage("new", "Tea", "Tea is warm.")]
    lance.build(rows, root / "big", "invented", embed=again, quiet=True)
    assert again.texts == ["Tea\nTea is warm."]


def test_a_killed_lancedb_build_goes_on_after_its_last_batch(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lancedb")
    lance = collection.lance()
    monkeypatch.setattr(lance, "BATCH", 4)
    with pytest.raises(KeyboardInterrupt):
        lance.build(encyclopedia(), root / "big", "invented", embed=Counting(calls=2), quiet=True)
    rest = Counting()
    made = lance.build(encyclopedia(), root / "big", "invented", embed=rest, quiet=True)
    assert (len(rest.texts), made.pieces) == (4, 12)
    assert len(knowledge.Collection.open("big").search("fever", k=12)) == 12
