"""Passage relevance and answer sentence selection: does a text answer a question, or bear on a claim?

A text is a passage or a single sentence, under its title. Of a passage only the sentences that share most with the
query are read: reading whole ones is dear, and a search reads many. Pure data and functions; knows nothing of search.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tasks.contradict import plain
from tasks.made_claims import LONGEST
from tasks.passage import sentences, shared
from tasks.spec import PAIR, Data, Example, Head, Kind, Prompt, Rivals, Task

RELEVANT, OTHER = "relevant", "not relevant"
LABELS = (RELEVANT, OTHER)

WORDS = 32
"""Words of a text that are read: with its title and a question about 75 tokens."""
TITLE = 14
"""Words of a title that are read."""
LEARNED, HELD = 0.16, 0.20
"""MedQuAD's subjects hash to a number from 0 to 1: those below LEARNED are learned from, those from there to HELD are
test rows. All others are what search is measured on, and are never read here."""
EARLY = 3
"""Sentences of a passage that may stand for it: what it says stands at its beginning."""


def place(subject: str) -> float:
    """Return a number in [0, 1) that hangs on a subject alone, so that its questions stay together."""
    return int(hashlib.sha256(subject.lower().strip().encode()).hexdigest()[:8], 16) / 16**8


def excerpt(query: str, text: str, words: int = WORDS) -> str:
    """Return the sentences of a text that share most with the query, in the text's order, about `words` words."""
    found = sentences(text)
    sizes = [len(sentence.split()) for sentence in found]
    if sum(sizes) <= words:
        return " ".join(found)
    kept: list[int] = []
    room = words
    for i in sorted(range(len(found)), key=lambda i: (-shared(query, found[i]), i)):
        if sizes[i] <= room or not kept:
            kept.append(i)
            room -= sizes[i]
        if room <= words // 8:
            break
    return " ".join(" ".join(found[i].split()[:words]) for i in sorted(kept))


def titled(title: str, text: str) -> str:
    """Return a text under its title, as one; the title is its first line."""
    return f"{' '.join(title.split()).rstrip('.')}\n{text}"


def segments(example: Example) -> tuple[str]:
    """Return the one text the model reads: the query, the mark between the two, the title and what is kept of the text.

    A text of one line has no title.
    """
    query = (example.text or example.fields.get("query", "")).replace(PAIR, " ")
    title, _, text = (example.context or example.fields.get("text", "")).replace(PAIR, " ").partition("\n")
    if not text:
        title, text = "", title
    said = f"{' '.join(title.split()[:TITLE])}: {excerpt(query, text)}" if title else excerpt(query, text)
    return (f"{query}{PAIR}{said}",)


def pair(query: str, text: str, label: str, group: Sequence[str] = (), own: Sequence[str] = ()) -> Example:
    """Return a query beside a text; `group` says what it shares with others, `own` names passages that answer it."""
    return Example(
        text=query, context=text, label=label, targets={"relevance": label, "group": tuple(group), "own": tuple(own)}
    )


def from_scifact(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a claim beside each abstract cited for it, and beside single sentences of those that hold evidence.

    Annotated sentences are relevant; of the others those two that share most with the claim are not.
    """
    claim, own = row["claim"], [str(key) for key in row["cited_doc_ids"]]
    group = (f"claim {row['id']}", *own)
    out = []
    for paper in row["beside"]:
        title, said = paper["title"], [" ".join(s.split()) for s in paper["abstract"]]
        out.append(pair(claim, titled(title, "\n".join(said)), RELEVANT, group, own))
        marked = {i for e in row["evidence"].get(str(paper["doc_id"]), ()) for i in e["sentences"]}
        if marked:
            rest = sorted(set(range(len(said))) - marked, key=lambda i, said=said: -shared(claim, said[i]))
            out += [pair(claim, titled(title, said[i]), RELEVANT, group, own) for i in sorted(marked)[:3]]
            out += [pair(claim, titled(title, said[i]), OTHER, group, own) for i in rest[:2]]
    return out


def from_medquad(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a question beside the first passage that answers it, or beside an early sentence of that: a coin says."""
    if not row["beside"]:
        return ()
    query, passage, own = row["question"], row["beside"][0], row["relevant_passage_ids"]
    (text,) = medquad_forms(query, titled(passage["focus"], passage["text"]))
    return (pair(query, text, RELEVANT, (row["focus"].lower().strip(), *own), own),)


def medquad_forms(query: str, text: str) -> tuple[str]:
    """Return the form in which a passage is seen beside a question: whole, or an early sentence of it."""
    title, _, body = text.partition("\n")
    early = [s for s in sentences(body)[:EARLY] if 4 <= len(s.split()) <= 60]
    draw = int(place(f"{query} {body[:200]}") * 1000)
    return (titled(title, early[draw % len(early)]),) if early and place(query) < 0.5 else (text,)


def scifact_forms(query: str, text: str) -> tuple[str]:
    """Return the form in which another abstract is seen beside a claim: whole, or the sentence likest to the claim."""
    title, _, body = text.partition("\n")
    if place(f"{query} {title}") < 0.6:
        return (text,)
    return (titled(title, max(sentences(body) or [body], key=lambda s: shared(query, s))),)


def from_abstract(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return an abstract's conclusion, as people would claim it, beside the abstract without it."""
    said = [" ".join(s.split()) for s in row["abstract"] if len(s.split()) >= 4]
    claim = plain(said[-1]) if len(said) >= 4 else ""
    if not 6 <= len(claim.split()) <= LONGEST:
        return ()
    own = (str(row["doc_id"]),)
    return (pair(claim, titled(row["title"], "\n".join(said[:-1])), RELEVANT, own, own),)


def from_pubmedqa(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a question beside its abstract and beside the first sentence of the authors' conclusion."""
    own, end = (row["pmid"],), sentences(row["long_answer"])
    found = [" ".join(" ".join(row["contexts"]).split()), *end[:1]]
    return [pair(row["question"], text, RELEVANT, own, own) for text in found]


def pubmedqa_forms(query: str, text: str) -> tuple[str]:
    """Return the form in which another abstract is seen beside a question: whole, or its last sentence."""
    return (text if place(f"{query} {text[:200]}") < 0.5 else (sentences(text) or [text])[-1],)


def from_mediqa(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a consumer's question beside an answer that people scored."""
    return (pair(row["question"], " ".join(row["answer"].split()), RELEVANT if row["label"] == "1" else OTHER),)


def side(row: Mapping[str, Any]) -> str:
    """Return whether a row of MedQuAD, question or passage, is learned from or a test row; others are neither."""
    subject = row["focus"].strip()
    at = place(subject) if subject else 1.0
    return "train" if at < LEARNED else "test" if at < HELD else ""


def paper(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the id and the text of an abstract."""
    yield str(row["doc_id"]), titled(row["title"], "\n".join(" ".join(s.split()) for s in row["abstract"]))


def section(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the id and the text of a passage of MedQuAD, where it has a subject."""
    if row["focus"].strip():
        yield row["id"], titled(row["focus"], row["text"])


def study(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the id and the text of an abstract of PubMedQA, its conclusion at its end."""
    yield row["pmid"], " ".join(" ".join([*row["contexts"], row["long_answer"]]).split())


def _query_only(example: Example) -> Example:
    return replace(example, context="")


def _text_only(example: Example) -> Example:
    return replace(example, text="")


TASK = Task(
    name="relevance",
    title="Passage relevance",
    kind=Kind.PAIRS,
    intro="Whether a text answers a question or bears on a claim: it orders what search finds and picks sentences.",
    caution="Not a judgement of what is true. It reads a title and a few sentences, knows nothing else, and often "
    "takes a text on the same subject for one that answers.",
    labels=LABELS,
    heads=(Head("relevance", LABELS),),
    fold={label: (label,) for label in LABELS},
    slots=("query", "text"),
    segments=segments,
    windows=True,
    data=(
        Data(
            name="scifact_relevance",
            folder="scifact",
            files={"train": "claims_train.jsonl.gz", "test": "claims_dev.jsonl.gz"},
            license="claims and annotations CC BY 4.0, abstracts ODC-By 1.0 (the authors' LICENSE)",
            ships=True,
            to_examples=from_scifact,
            beside=("corpus.jsonl.gz", "doc_id", "cited_doc_ids"),
            rivals=Rivals("corpus.jsonl.gz", paper, OTHER, 3, scifact_forms, apart=("pairs_dev.csv.gz", "doc_id")),
            note="Wadden et al., EMNLP 2020: cited abstracts and annotated sentences, other sentences, other abstracts "
            "that share words. Test labels were never released: dev is the test set here.",
        ),
        Data(
            name="medquad_relevance",
            folder="medquad",
            files={"train": "questions.jsonl.gz", "test": "questions.jsonl.gz"},
            license="CC BY 4.0",
            ships=True,
            to_examples=from_medquad,
            beside=("passages.jsonl.gz", "id", "relevant_passage_ids"),
            side=side,
            rivals=Rivals("passages.jsonl.gz", section, OTHER, 2, medquad_forms),
            note="Ben Abacha & Demner-Fushman, BMC Bioinformatics 2019: questions on a fifth of its subjects, none of "
            "which search is measured on, beside the passage that answers and beside others of the same or of another "
            "subject.",
        ),
        Data(
            name="scifact_conclusions",
            folder="scifact",
            files={"train": "corpus.jsonl.gz"},
            license="ODC-By 1.0",
            ships=True,
            to_examples=from_abstract,
            role="extra",
            apart=("pairs_dev.csv.gz", "doc_id"),
            rivals=Rivals("corpus.jsonl.gz", paper, OTHER, 2, apart=("pairs_dev.csv.gz", "doc_id")),
            note="Conclusions of abstracts beside the rest of their abstract and beside others; abstracts cited by a "
            "test claim left out.",
        ),
        Data(
            name="pubmedqa_relevance",
            folder="pubmedqa",
            files={"train": "train.jsonl.gz"},
            license="MIT",
            ships=True,
            to_examples=from_pubmedqa,
            role="extra",
            rivals=Rivals("train.jsonl.gz", study, OTHER, 3, pubmedqa_forms),
            note="Jin et al., EMNLP-IJCNLP 2019: questions beside their own abstract and beside others.",
        ),
        Data(
            name="mediqa_relevance",
            folder="mediqa2019",
            files={"test": "qa_test.csv.gz"},
            license="none stated; research and evaluation only",
            ships=False,
            to_examples=from_mediqa,
            role="measure",
            note="MEDIQA 2019, question answering: consumers' questions, answers scored by people. Never learned from.",
        ),
    ),
    samples=(
        Example(
            text="What are the treatments for gout?",
            context="Gout\nAttacks are treated with anti-inflammatory medicines; others lower uric acid for good.",
        ),
        Example(
            text="What are the treatments for gout?",
            context="Gout\nGout is more common in men than in women.",
        ),
    ),
    columns={"query": ("query", "question", "claim"), "text": ("text", "passage", "sentence", "evidence")},
    shortcuts={"query only": _query_only, "text only": _text_only},
    prompt=Prompt(ask="Does the text answer the query, or bear on it? Answer relevant or not relevant."),
    unit="pairs",
    order=60,
)
