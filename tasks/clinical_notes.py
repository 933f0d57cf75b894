"""Clinical notes: which of 18 ICD-9 categories a note's diagnoses fall into; a note has several.

Covered: English notes, case reports and discharge summaries of any length, read in windows of whole sentences; negated
and relatives' findings are left out before anything is read. Not covered: the principal diagnosis among several, codes
themselves, other languages. Knows nothing of torch, of Gradio, or of where the rows lie.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tasks.findings import Span, absent, sentences
from tasks.icd9 import CATEGORIES, CHAPTERS
from tasks.spec import Data, Example, Head, Kind, Prediction, Task, clean

HEAD = "categories"
WINDOW = 480
"""Characters in one window: about 110 tokens of English prose, and at most 256 of the densest table."""
MAX_CHARS = 800_000
"""Longest note, in characters: about 250 pages."""

# Only specialties that lie within one chapter of ICD-9 name it; "Surgery" or "Cardiovascular / Pulmonary" name none.
# Eye and ear diseases are chapter 6, diseases of the nervous system and sense organs.
SPECIALTIES = {
    "Gastroenterology": "Digestive",
    "Urology": "Genitourinary",
    "Nephrology": "Genitourinary",
    "Neurology": "Nervous System",
    "Ophthalmology": "Nervous System",
    "Sleep Medicine": "Nervous System",
    "Psychiatry / Psychology": "Mental Disorders",
    "Dermatology": "Skin Disorders",
    "Endocrinology": "Endocrine",
    "Bariatrics": "Endocrine",
    "Rheumatology": "Musculoskeletal",
    "Chiropractic": "Musculoskeletal",
    "Podiatry": "Musculoskeletal",
}


class Sentence(NamedTuple):
    """A sentence of a note: where it stands, and what of it is claimed of the patient."""

    start: int
    end: int
    text: str


def claimed_sentences(note: str) -> list[Sentence]:
    """Return the sentences of a note without what is negated or a relative's; one left without words is dropped."""
    spans = absent(note)
    out, at = [], 0
    for start, end in sentences(note):
        while at < len(spans) and spans[at].end <= start:
            at += 1
        text = re.sub(r"\s+", " ", _without(note, start, end, spans[at:])).strip(" ,:;")
        if any(char.isalpha() for char in text):
            out.append(Sentence(start, end, text))
    return out


def _without(note: str, start: int, end: int, spans: Sequence[Span]) -> str:
    out, at = [], start
    for span in spans:
        if span.start >= end:
            break
        out.append(note[at : max(span.start, at)])
        at = max(at, min(span.end, end))
    return " ".join([*out, note[at:end]])


def windows(note: str) -> list[list[Sentence]]:
    """Return the sentences packed, in order, into windows of at most WINDOW characters; a repeat is read once.

    Notes copied forward day after day repeat themselves; a sentence too long for a window is cut at a space.
    """
    out: list[list[Sentence]] = []
    seen: set[str] = set()
    room = 0
    for sentence in (part for whole in claimed_sentences(note) for part in _cut(whole)):
        known = sentence.text.lower()
        if known in seen:
            continue
        seen.add(known)
        if len(sentence.text) > room:
            out.append([])
            room = WINDOW
        out[-1].append(sentence)
        room -= len(sentence.text) + 2
    return out


def _cut(sentence: Sentence) -> Iterator[Sentence]:
    rest = sentence.text
    while len(rest) > WINDOW:
        space = rest.rfind(" ", WINDOW // 2, WINDOW)
        at = space if space > 0 else WINDOW
        yield sentence._replace(text=rest[:at].strip())
        rest = rest[at:].strip()
    if rest:
        yield sentence._replace(text=rest)


def window_text(window: Sequence[Sentence]) -> str:
    """Return a window as the encoder reads it."""
    return " ".join(f"{s.text}." if s.text[-1].isalnum() else s.text for s in window)


def segments(example: Example) -> Sequence[str]:
    """Return the windows of a note; one empty window where nothing in it is claimed of the patient."""
    return tuple(map(window_text, windows(example.all_text))) or ("",)


def from_codiesp(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a case report: its hand-given ICD-10 codes, crosswalked to ICD-9 chapters."""
    found = {CHAPTERS[int(chapter)] for chapter in row["icd9_chapters"]}
    return (_example(str(row["text"]), found),) if found else ()


def from_title(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map the title of an ICD-9-CM code; of other chapters a title says nothing certain, so it denies them."""
    return (_example(str(row["long_title"]), {CHAPTERS[int(row["chapter"])]}),)


def from_mtsamples(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a transcribed report of a specialty that names a chapter; what else the note holds is unknown."""
    found = {SPECIALTIES[name] for name in row["specialties"] if name in SPECIALTIES}
    return (_example(str(row["transcription"]), found | {"?"}),) if found else ()


def from_cmc(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a radiology report with its native ICD-9 codes."""
    text = f"{row['clinical_history']}\n{row['impression']}"
    return (_example(text, {CHAPTERS[int(chapter)] for chapter in row["icd9_chapters"]}),)


def from_mimic(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a row that training.build_mimic wrote: one category, that of the principal diagnosis."""
    return (_example(str(row["text"]), {str(row["label"])}),)


def _example(text: str, found: set[str]) -> Example:
    order = (*CATEGORIES, "?")
    return Example(text=clean(text), targets={HEAD: tuple(sorted(found, key=order.index))})


def output(prediction: Prediction) -> Mapping[str, Any]:
    """Return the columns of a scored note: every category's probability, and those above their thresholds."""
    shares = {f"p_{label}": round(share, 4) for label, share in prediction.scores.items()}
    return {"labels": ranked(prediction), **shares}


def ranked(prediction: Prediction) -> list[str]:
    """Return the claimed categories, likeliest first."""
    return sorted(prediction.claimed, key=lambda label: -prediction.scores[label])


TASK = Task(
    name="clinical_notes",
    title="Clinical notes",
    kind=Kind.NOTES,
    intro="Paste a clinical note: it is shown without names and numbers, then sorted into ICD-9 categories.",
    caution=(
        "Suggestions for a clinician or a coder, not a diagnosis, and not for billing. A category it does not name may "
        "still be there, and the masking can miss a name: read the text before you share it."
    ),
    labels=CATEGORIES,
    heads=(Head(HEAD, CATEGORIES, multi=True),),
    fold={category: (category,) for category in CATEGORIES},
    slots=("note",),
    segments=segments,
    data=(
        Data(
            name="codiesp_en",
            folder="codiesp_en",
            files={"train": "codiesp_en.jsonl.gz", "test": "codiesp_en.jsonl.gz"},
            parts={"train": ("train", "dev"), "test": ("test",)},
            license="CC BY 4.0",
            ships=True,
            to_examples=from_codiesp,
            note="Spanish case reports in the corpus' own machine translation, coded by hand in ICD-10; the ICD-9 "
            "chapters come through the 2018 General Equivalence Mappings. The translation drops some clauses.",
        ),
        Data(
            name="icd9cm",
            folder="icd9cm",
            files={"train": "icd9cm_v32_dx.csv.gz"},
            license="public domain (CMS / NCHS)",
            ships=True,
            to_examples=from_title,
            role="extra",
            note="Titles of the 14,567 ICD-9-CM codes.",
        ),
        Data(
            name="icd9cm_bundles",
            folder="icd9cm",
            files={"train": "icd9cm_v32_dx.csv.gz"},
            license="public domain (CMS / NCHS)",
            ships=True,
            to_examples=from_title,
            role="extra",
            bundle=5,
            note="The same titles, five at a time as one text.",
        ),
        Data(
            name="mtsamples",
            folder="mtsamples",
            files={"train": "mtsamples_notes.jsonl.gz"},
            license="CC0 (as its Kaggle card says; the site itself states none)",
            ships=True,
            to_examples=from_mtsamples,
            role="extra",
            note="Transcribed reports; the specialty names one category that is there and says nothing of the others.",
        ),
        Data(
            name="mimic3",
            folder="mimic3",
            files={"train": "train.jsonl", "test": "test.jsonl"},
            license="PhysioNet Credentialed Health Data License",
            ships=False,
            credentialed=True,
            to_examples=from_mimic,
            note="Discharge summaries by principal diagnosis, built by training.build_mimic where MIMIC-III is held.",
        ),
        Data(
            name="cmc2007",
            folder="cmc2007",
            files={"test": "cmc2007_train.jsonl.gz"},
            license="no formal licence; the organisers call it freely distributable",
            ships=False,
            to_examples=from_cmc,
            role="measure",
            note="Paediatric radiology reports with native ICD-9 codes, for measuring only.",
        ),
    ),
    samples=(
        Example(
            text="Mr. Alan Whitby, MRN 4471902, seen 03/14/2019. 67-year-old man with type 2 diabetes, "
            "admitted with crushing chest pain; troponin raised, ST elevation in the anterior leads. Denies cough or "
            "fever. Father died of colon cancer. Impression: acute anterior myocardial infarction."
        ),
        Example(
            text="Three days of productive cough, fever to 39.2 and pleuritic pain. X-ray: right lower lobe pneumonia. "
            "No evidence of effusion. Known COPD, still smoking. Treated with ceftriaxone and azithromycin."
        ),
    ),
    columns={"note": ("note", "text", "note_text", "transcription", "clinical_note", "report", "summary")},
    windows=True,
    max_chars=MAX_CHARS,
    output=output,
    unit="notes",
    order=20,
)
