"""Pairs for the relevance adapter, what is read of them, and how its word is weighed: on invented texts."""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from encyclopedia import embed, encyclopedia

import tasks
from models import relevance as reading
from models.checker import Checker
from models.knowledge import __main__ as shell
from models.knowledge import building, collection
from models.knowledge.passages import Hit, Passage
from tasks import relevance
from tasks.relevance import LABELS, OTHER, RELEVANT, excerpt, segments, titled
from tasks.reply import Candidate
from tasks.spec import PAIR, Data, Example, Prediction, Rivals, Task
from training import data, fit_rating, fit_search, repeats
from training.rivals import rivals

TASK = tasks.get("relevance")
PAPERS = [
    {"doc_id": 1, "title": "Zinc and colds.", "abstract": ["Zinc was given.", "Colds were shorter with zinc.", "So."]},
    {"doc_id": 2, "title": "Zinc in soil", "abstract": ["Soil holds zinc.", "Wheat takes it up.", "It is cold."]},
    {"doc_id": 3, "title": "Honey", "abstract": ["Honey soothes a cough.", "Colds last as long."]},
    {"doc_id": 4, "title": "Bridges", "abstract": ["Steel bends."]},
]


def gz(path: Path, rows: Sequence[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def words_say(examples: Sequence[Example]) -> list[Prediction]:
    """Answer by the share of the query's words that the text has."""
    out = []
    for example in examples:
        asked = set(example.text.lower().split())
        share = len(asked & set(re.findall(r"\w+", segments(example)[0].partition(PAIR)[2].lower()))) / len(asked)
        out.append(Prediction(None, RELEVANT, dict(zip(LABELS, (share, 1 - share), strict=True))))
    return out


def test_what_shares_most_with_the_query_is_read_in_its_order() -> None:
    text = "Iron is a metal. " * 20 + "Zinc shortens colds. Nothing else was seen. Colds are common."
    said = excerpt("Does zinc shorten colds?", text, 12)
    assert said.startswith("Iron") or said.startswith("Zinc")
    assert "Zinc shortens colds." in said and "Colds are common." in said and len(said.split()) <= 12
    assert said.index("Zinc") < said.index("Colds are")
    assert excerpt("x", "Short. Text.") == "Short. Text."
    assert len(excerpt("x", "word " * 500).split()) == relevance.WORDS


def test_the_title_stands_before_the_text_and_a_text_of_one_line_has_none() -> None:
    (read,) = segments(Example(text="q", context=titled("A  title.", "One. Two.")))
    assert read == f"q{PAIR}A title: One. Two."
    assert segments(Example(text="q", context="One. Two."))[0] == f"q{PAIR}One. Two."
    assert segments(Example(fields={"query": "q", "text": f"a{PAIR}b"}))[0] == f"q{PAIR}a b"
    assert segments(Example(text="q"))[0] == f"q{PAIR}"


def test_a_claim_stands_beside_its_abstracts_and_their_sentences() -> None:
    row = {"id": 7, "claim": "Zinc shortens colds.", "cited_doc_ids": [1, 3], "beside": [PAPERS[0], PAPERS[2]]}
    found = relevance.from_scifact({**row, "evidence": {"1": [{"sentences": [1], "label": "SUPPORT"}]}})
    said = [(e.context, e.label) for e in found]
    assert ("Zinc and colds\nColds were shorter with zinc.", RELEVANT) in said
    assert ("Zinc and colds\nZinc was given.", OTHER) in said and ("Zinc and colds\nSo.", OTHER) in said
    assert [e.label for e in found if "\nHoney soothes a cough.\n" in e.context] == [RELEVANT]
    assert all(e.targets["group"] == ("claim 7", "1", "3") and e.targets["own"] == ("1", "3") for e in found)
    assert len(found) == 5


def test_subjects_are_on_the_side_that_search_and_rating_were_fitted_on() -> None:
    """The hash is the one by which search and rating chose theirs; what search is measured on is on no side."""
    for subject in (f"Disease {i}" for i in range(300)):
        row, at = {"focus": subject}, relevance.place(subject)
        assert at == fit_rating.place(subject)
        assert fit_search.fitted_on(subject) == (relevance.side(row) != "")
        assert relevance.side(row) == ("train" if at < 0.8 * fit_rating.SHARE else "test" if at < 0.2 else "")
    assert relevance.side({"focus": " "}) == ""


def test_a_passage_and_its_rivals_are_seen_in_one_form() -> None:
    """Were rivals whole and what answers a sentence, the form would say the label."""
    text = titled("Gout", "Gout hurts very much indeed. Toes swell up and burn. " * 10)
    for i in range(40):
        forms = {len(relevance.medquad_forms(f"question {i}", t)[0]) > 200 for t in (text, text.replace("Gout", "Flu"))}
        assert len(forms) == 1
    assert {len(relevance.medquad_forms(f"question {i}", text)[0]) > 200 for i in range(40)} == {True, False}


def test_rivals_share_words_and_are_never_ones_own() -> None:
    passages = dict(pair for row in PAPERS for pair in relevance.paper(row))
    own = relevance.pair("Zinc shortens colds.", passages["1"], RELEVANT, ("1",), ("1",))
    wanted = Rivals("corpus.jsonl.gz", relevance.paper, OTHER, 3)
    found = rivals([own, own], wanted, passages)
    assert {e.context for e in found} == {passages["2"], passages["3"]}  # bridges share no word
    assert all(e.label == e.targets["relevance"] == OTHER and e.targets["group"] == ("1",) for e in found)
    assert rivals([own], wanted, passages) == found and rivals([], wanted, passages) == []
    same = rivals([own], wanted, {**passages, "5": passages["1"]})
    assert passages["1"] not in {e.context for e in same}  # one text under two ids
    assert len(rivals([own], replace(wanted, many=1, forms=lambda query, text: (text, query)), passages)) == 2


@pytest.fixture
def papers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Data:
    monkeypatch.setattr(data, "DATA_DIR", tmp_path)
    claims = [
        {"id": i, "claim": f"Zinc {word} colds in trial {i}.", "cited_doc_ids": [1 + i % 3], "evidence": {}}
        for i, word in enumerate(["shortens", "prevents", "worsens", "ends", "cures", "eases"])
    ]
    gz(tmp_path / "scifact" / "corpus.jsonl.gz", PAPERS)
    gz(tmp_path / "scifact" / "claims_train.jsonl.gz", claims)
    (tmp_path / "scifact" / "pairs_dev.csv.gz").write_bytes(gzip.compress(b"doc_id\n3\n"))
    return TASK.dataset("scifact_relevance")


def test_a_set_brings_its_rivals_and_leaves_out_those_kept_apart(papers: Data) -> None:
    found = data.load(papers, "train")
    assert sum(e.label == RELEVANT for e in found) == 6
    assert sum(e.label == OTHER for e in found) >= 6
    assert not any("oney" in e.context for e in found if e.label == OTHER)
    assert data.here(replace(papers, files={"train": "claims_train.jsonl.gz"}))
    assert not data.here(replace(papers, files={}, rivals=replace(papers.rivals, file="none.gz")))


def test_what_shares_a_group_is_never_on_two_sides(papers: Data) -> None:
    """All rows of a claim, and all claims of an abstract, are of one group; another abstract makes another."""
    found = data.load(papers, "train")
    parts = dict(zip(map(id, found), repeats.groups(found).tolist(), strict=True))
    by_paper: dict[str, set[int]] = {}
    for example in found:
        by_paper.setdefault(example.targets["own"][0], set()).add(parts[id(example)])
    assert sorted(by_paper) == ["1", "2", "3"] and all(len(groups) == 1 for groups in by_paper.values())
    apart = [Example("What is gout ?", context="the same long context", targets={"group": (i,)}) for i in "xy"]
    assert len(set(repeats.groups(apart))) == 2 and len(set(repeats.groups([apart[0]] * 2))) == 1


def test_sides_of_one_file_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "DATA_DIR", tmp_path)
    subjects = [f"Disease {i}" for i in range(120)]
    rows = [{"id": s, "focus": s, "text": f"{s} hurts quite a lot at times. It is rare and mild."} for s in subjects]
    asked = [{"question": f"What is {s} ?", "focus": s, "relevant_passage_ids": [s]} for s in subjects]
    gz(tmp_path / "medquad" / "passages.jsonl.gz", rows)
    gz(tmp_path / "medquad" / "questions.jsonl.gz", asked)
    found = {split: data.load(TASK.dataset("medquad_relevance"), split) for split in ("train", "test")}
    seen = {split: {e.context.partition("\n")[0] for e in rows} for split, rows in found.items()}
    assert seen["train"] and seen["test"] and not seen["train"] & seen["test"]
    assert all(relevance.side({"focus": title}) == split for split, titles in seen.items() for title in titles)


def hits(*names: str) -> list[Hit]:
    return [Hit(Passage(n, n, f"About {n}."), 1 / (i + 1)) for i, n in enumerate(names)]


def test_the_adapter_moves_what_it_read_and_nothing_beyond() -> None:
    found = hits("iron", "lead", "zinc", "zinc ore")
    again = collection.reranked("zinc", found, reading.reranker(words_say, 1.0), 3)
    assert [h.passage.id for h in again] == ["zinc", "iron", "lead", "zinc ore"]
    assert "rerank" in again[2].parts and "rerank" not in again[3].parts
    still = collection.reranked("zinc", found, reading.reranker(words_say, 0.0))
    assert [h.passage.id for h in still] == [h.passage.id for h in found]
    assert collection.reranked("zinc", [], reading.reranker(words_say, 1.0)) == []


def test_a_certain_answer_is_a_number_still() -> None:
    assert reading.mixed(0, 1.0, 1.0) > reading.mixed(0, 0.5, 1.0) > reading.mixed(3, 0.5, 1.0) > -2
    assert reading.mixed(0, 0.0, 1.0) > -20


def test_a_sentence_is_rated_under_its_title() -> None:
    asked = [Candidate(title, "zinc\nhelps") for title in ("Colds", "", "Flu")]
    got = reading.rate(words_say, "zinc colds", asked)
    assert got == [1.0, 0.5, 0.5] and reading.rate(words_say, "zinc", []) == []


def test_only_shapes_that_gain_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "relevance.json"
    path.write_text(json.dumps({"papers": {"first": 8, "weight": 0.3}, "topics": {"first": 8, "weight": 0.0}}))
    assert reading.mixes(path) == {"papers": reading.Mix(8, 0.3)}


def test_a_second_opinion_lowers_what_it_doubts_and_is_asked_of_the_best_alone() -> None:
    asked: list[int] = []

    def doubt(places: Sequence[int]) -> list[float]:
        asked.extend(places)
        return [{0: 0.9, 1: 0.25, 2: 0.1}.get(i, 0.31) for i in places]

    assert reading.doubted([0.8, 0.7, 0.05], doubt, 0.3) == [0.8, 0.25, 0.05]
    assert asked == [0, 1, 2]
    many = reading.doubted([0.4 + i / 100 for i in range(30)], doubt, 0.3)
    assert len(asked) == 3 + reading.SECOND and [s > 0 for s in many] == [i >= 30 - reading.SECOND for i in range(30)]
    assert reading.doubted([], doubt, 0.3) == []
    assert reading.doubted([0.2, 0.9, 0.8], doubt, 0.3) == [0.9, 0.25, 0.1]  # they agree on none


def test_the_chat_rates_sentences_with_the_adapter_in_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is in service is asked each time, so that a promoted run rates from then on; the rating may doubt it."""
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr("models.rating.rate", lambda question, some, *embed: [0.5 if c.title else 0.1 for c in some])

    class Serving:
        def answer(self, task: Task, examples: Sequence[Example]) -> list[Prediction]:
            asked.append((task.name, len(examples)))
            return words_say(examples)

    checker = Checker(Serving(), lambda text, k: [])  # type: ignore[arg-type]
    some = [Candidate("Flu", "zinc helps"), Candidate("Zinc", "colds end"), Candidate("", "zinc and colds")]
    assert checker.rate("zinc colds", some) == [0.5, 1.0, 0.1] and asked == [("relevance", 3)]


def test_from_the_shell_the_first_hits_are_read_again_only_where_that_was_fitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(collection, "embedder", lambda: embed)
    monkeypatch.setattr(reading, "shipped", lambda: words_say)
    monkeypatch.setattr(reading, "mixes", lambda: {"papers": reading.Mix(3, 9.0)})
    monkeypatch.setenv("CARETUNE_DATA_DIR", str(tmp_path))
    for shape in ("papers", "topics"):
        building.build(encyclopedia(), tmp_path / "knowledge" / shape, "invented", shape=shape, embed=embed, quiet=True)
    asked = tmp_path / "asked.jsonl"
    asked.write_text(json.dumps({"query": "fatigue fever"}) + "\n")

    def said(*more: str) -> tuple[int, list[str]]:
        out = tmp_path / "out.jsonl"
        code = shell.main(["search", "--queries", str(asked), "--out", str(out), "-k", "5", *more])
        return code, [hit["id"] for hit in json.loads(out.read_text())["hits"]]

    before, after = said("--index", "papers")[1], said("--index", "papers", "--rerank")[1]
    assert set(before[:3]) == set(after[:3]) and before[3:] == after[3:]
    assert said("--index", "topics", "--rerank")[0] == 2 and "papers" in capsys.readouterr().err
    assert said("--index", "papers", "--index", "topics", "--rerank")[0] == 2
