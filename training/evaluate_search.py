"""Measures search on questions whose answers are known, beside TF-IDF on the same rows.

    python -m training.evaluate_search medquad     questions on the subjects that nothing was fitted on
    python -m training.evaluate_search liveqa      people's own messages, as sent, with a passage judged good
    python -m training.evaluate_search scifact     dev claims with evidence; the unit is the abstract

Prints hit@1, hit@10, MRR@10 and recall@3 with 95 % bootstrap intervals over the questions, and how long one question
takes. The index must have been built (`python -m models.knowledge build`). Knows nothing of how search works.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from models import relevance
from models.knowledge import Collection, Rerank, sources
from models.knowledge.collection import READ
from models.reading import Floats
from tasks.spec import UserError
from training import data, statistics
from training.fit_search import Query, medquad, scifact

GOOD = 3
"""The least judgement of an answer that counts as good: 3 is incomplete, 4 excellent (1 incorrect, 2 related)."""
DEPTH = 10
TIMED = 100

Ranked = list[list[str]]


def liveqa(*fields: str) -> list[Query]:
    """Return the consumer questions of TREC 2017 LiveQA that a passage of MedQuAD answers well."""
    judged = defaultdict(set)
    for row in data.raw(data.DATA_DIR / "medquad" / "liveqa_judgments.csv.gz"):
        if row["passage_id"] and int(row["judgment"]) >= GOOD:
            judged[row["liveqa_question"]].add(row["passage_id"])
    rows = data.raw(data.DATA_DIR / "liveqa_med" / "questions.jsonl.gz")
    texts = ((row["qid"], "\n".join(row[name] or "" for name in fields).strip()) for row in rows)
    return [Query(text, frozenset(judged[qid])) for qid, text in texts if text and judged.get(qid)]


SETS: dict[str, tuple[str, Callable[[], list[Query]]]] = {
    "medquad": ("medquad", lambda: medquad(fitting=False)),
    "liveqa": ("medquad", lambda: liveqa("message")),
    "liveqa_sent": ("medquad", lambda: liveqa("subject", "message")),
    "liveqa_summary": ("medquad", lambda: liveqa("summary")),
    "scifact": ("scifact", lambda: scifact("dev")),
    "scifact_cited": ("scifact", lambda: scifact("dev", cited=True)),
}
"""Each set's index and questions. `liveqa_sent` has the subject line before the message; `scifact_cited` also counts
abstracts that a claim cites but that say nothing of it."""


def per_question(ranked: Ranked, queries: Sequence[Query]) -> dict[str, Floats]:
    """Return every question's own hit@1, hit@10, reciprocal rank and recall@3 [questions]."""
    places = [
        [i for i, key in enumerate(ids[:DEPTH]) if key in q.relevant] for ids, q in zip(ranked, queries, strict=True)
    ]
    recalled = [sum(i < 3 for i in found) / len(q.relevant) for found, q in zip(places, queries, strict=True)]
    return {
        "hit@1": np.array([found[:1] == [0] for found in places], float),
        "hit@10": np.array([bool(found) for found in places], float),
        "MRR@10": np.array([1 / (found[0] + 1) if found else 0.0 for found in places]),
        "recall@3": np.array(recalled),
    }


def interval(values: Floats, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean over questions."""
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(draws)]
    return statistics.interval(np.array(means))


def tfidf(passages: Sequence[tuple[str, str]], queries: Sequence[Query]) -> Ranked:
    """Return the ten best ids for each question by TF-IDF of (id, title and text): the floor."""
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    seen = words.fit_transform([text for _, text in passages])
    out: Ranked = []
    for start in range(0, len(queries), 256):
        asked = words.transform([query.text for query in queries[start : start + 256]])
        for row in (asked @ seen.T).toarray():
            best = np.argsort(-row, kind="stable")[:DEPTH]
            out.append([passages[i][0] for i in best])
    return out


def timed(
    collection: Collection, queries: Sequence[Query], rerank: Rerank | None, read: int = READ
) -> tuple[float, float]:
    """Return the median and the 95th percentile of the milliseconds one question takes, asked alone."""
    collection.search(queries[0].text, DEPTH, rerank, read)
    taken = []
    for query in queries[:: max(1, len(queries) // TIMED)][:TIMED]:
        begin = time.perf_counter()
        collection.search(query.text, DEPTH, rerank, read)
        taken.append(1000 * (time.perf_counter() - begin))
    return float(np.median(taken)), float(np.percentile(taken, 95))


def ranked_by(
    collection: Collection, queries: Sequence[Query], rerank: Rerank | None = None, read: int = READ
) -> Ranked:
    """Return the ids of the ten best hits for each question."""
    found = collection.search_many([query.text for query in queries], DEPTH, rerank, read)
    return [[hit.passage.id for hit in hits] for hits in found]


def table(rows: dict[str, dict[str, Floats]]) -> str:
    """Return the measures of several searches as a Markdown table, with intervals."""
    names = list(next(iter(rows.values())))
    lines = ["| search | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for who, measured in rows.items():
        cells = [f"{v.mean():.3f} ({low:.3f}-{high:.3f})" for v in measured.values() for low, high in [interval(v)]]
        lines.append(f"| {who} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def evaluate(
    name: str, root: Path | None = None, most: int | None = None, rerank: Rerank | None = None, read: int = READ
) -> str:
    """Return the report on one of SETS, as text; the re-ranker, where there is one, reads the first `read` hits.

    Raises:
        UserError: if the index or the questions are not on this machine.
    """
    index, load = SETS[name]
    collection = Collection.open(index, root)
    try:
        queries = load()
    except OSError as error:
        raise UserError(f"The questions of {name} are not here; CARETUNE_DATA must name their folder.") from error
    queries = queries[:: max(1, len(queries) // most)] if most else queries
    corpus = sources.read(index, data.DATA_DIR / index).passages
    floor = tfidf([(p.id, f"{p.title}\n{p.text}") for p in corpus], queries)
    rows = {
        "TF-IDF": per_question(floor, queries),
        "hybrid": per_question(ranked_by(collection, queries), queries),
    }
    if rerank is not None:
        rows["hybrid, re-ranked"] = per_question(ranked_by(collection, queries, rerank, read), queries)
    middle, slow = timed(collection, queries, rerank, read)
    head = f"{name}: {len(queries):,} questions, {collection.store.manifest.passages:,} passages"
    return f"{head}\n\n{table(rows)}\n\none question: {middle:.0f} ms (95th percentile {slow:.0f} ms)\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure one set; return 0, or 2 where it cannot be measured here."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate_search", description=__doc__)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--root", type=Path, help="the folder of the indexes")
    parser.add_argument("--most", type=int, help="measure on about so many questions, evenly drawn")
    parser.add_argument("--rerank", action="store_true", help="also with the relevance adapter reading the first hits")
    options = parser.parse_args(argv)
    mix = relevance.mixes().get("papers" if options.set.startswith("scifact") else "topics") if options.rerank else None
    rerank = relevance.reranker(relevance.shipped(), mix.weight) if mix else None
    try:
        sys.stdout.write(evaluate(options.set, options.root, options.most, rerank, mix.first if mix else READ))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
