"""Which part of a subject a question asks about, and which part a passage tells of: symptoms, treatment, outlook ...

The question is read by the cues below; the passage by a small linear model over its words, its opening counted apart
and its subject's name left out, so that it says the same of a disease it never saw. The model was fitted by
`training/fit_search.py` on a stated fifth of MedQuAD's subjects. Knows nothing of indexes.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from models.knowledge.words import folded, words
from models.reading import Floats

WEIGHTS = Path(__file__).parents[2] / "knowledge" / "sections.safetensors"
OPENING = 30
"""Words of a passage that count as its opening: sections tend to say first what they are about."""

CUES = {
    "overview": r"what (is|are|s)\b|information|tell me|learn|know about|defin\w+|explain",
    "symptoms": r"symptoms?|signs?|feels? like|look like|effects? of",
    "causes": r"caus\w+|why (do|does|did|would)|reasons?|leads? to|due to|come from",
    "genetics": r"genes?|genetic (change|mutation|cause|defect)s?|mutations?|mutated|dna|chromosom\w+",
    "inheritance": r"inherit\w*|heredit\w+|runs? in (the |a |my )?famil\w+|pass(ed)? (it |this )?(on|down)|carriers?",
    "frequency": r"how (many|common|often|rare)|frequency|prevalen\w+|incidence|statistics|number of people",
    "risk": r"at risk|risk factors?|risks? (of|for)|susceptib\w+|who (gets?|is)|more likely|likely to get",
    "diagnosis": r"diagnos\w+|tests?|testing|tested|exams?|screen\w*|detect\w*|biops\w+|scans?|find out if",
    "stages": r"stages?|staging",
    "treatment": r"treat\w*|therap\w+|cures?|curable|medicines?|medications?|surger\w+|manag\w+|remed\w+|drugs?",
    "outlook": r"outlook|how long|prognosis|life expectancy|surviv\w+|long term|recover\w*|fatal|die",
    "prevention": r"prevent\w*|avoid\w*|protect\w*|reduce (the|my) risk|lower (the|my) risk|vaccin\w+",
    "complications": r"complications?|related problems",
    "living": r"what (to|can i|should i) do|cop(e|ing)|liv(e|ing) with|diets?|eat\w*|nutrition|food|caregiv\w+",
    "research": r"research|clinical trials?|studies|new drugs",
    "support": r"support groups?|find support|support for|organi[sz]ations?",
}
"""Words of a question that ask for a section; those of "overview" count only where no other section is asked for."""
SECTIONS = tuple(CUES)

_CUES = {name: re.compile(rf"\b(?:{cue})\b") for name, cue in CUES.items()}
_SPACE = re.compile(r"[^a-z0-9]+")


def asked(question: str) -> Floats:
    """Return how far each section is asked for [sections], summing to 1; all nought where the question does not say."""
    text = _SPACE.sub(" ", folded(question))
    found = np.array([len(set(cue.findall(text))) for cue in _CUES.values()], np.float32)
    if found[1:].any():
        found[0] = 0
    found = np.minimum(found, 1)
    return found / max(found.sum(), 1)


@cache
def cue_words() -> frozenset[str]:
    """Return the stems of all cues: in a question they name a section, not a subject."""
    return frozenset(words(" ".join(re.sub(r"\\[wb]|[^a-z ]", " ", cue) for cue in CUES.values())))


def features(stems: Sequence[str], names: frozenset[str]) -> dict[str, float]:
    """Return what the model reads of a passage's stems; `names` are the stems of its subject, which are left out."""
    told = [stem for stem in stems if stem not in names]
    scale = 2 / (1 + math.log(1 + len(told)))
    found = {stem: scale * (1 + math.log(count)) for stem, count in Counter(told).items()}
    return found | {f"^{stem}": 1.0 for stem in told[:OPENING]}


@dataclass(frozen=True)
class Sections:
    """The linear model: a column of weights [features, sections] for each known feature, and a bias [sections]."""

    known: dict[str, int]
    weights: Floats
    bias: Floats

    def told(self, stems: Sequence[Sequence[str]], names: Sequence[frozenset[str]]) -> Floats:
        """Return how likely each passage tells of each section [passages, sections]; rows sum to 1."""
        out = np.zeros((len(stems), len(SECTIONS)), np.float32)
        for i, (some, name) in enumerate(zip(stems, names, strict=True)):
            found = [(self.known[f], x) for f, x in features(some, name).items() if f in self.known]
            logits = self.bias + sum(x * self.weights[row] for row, x in found)
            odds = np.exp(logits - logits.max())
            out[i] = odds / odds.sum()
        return out


@cache
def load(path: Path = WEIGHTS) -> Sections:
    """Return the model that comes with the project."""
    saved = load_file(path)
    listed = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return Sections({word: i for i, word in enumerate(listed)}, saved["weights"].astype(np.float32), saved["bias"])
