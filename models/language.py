"""Says when a text is not the English the models were trained on. Knows nothing of any task."""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from tasks.spec import Example

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENOUGH = 25
"""Letters a text needs before its language is guessed: "no" and "super" belong to many."""
UNLIKELY = 0.01
"""Probability of English below which a text is said to be another language; a row of Latin names comes near 0.02."""
NO_WORDS = "There are no words in this that the model can read; its answer means nothing."
FOREIGN = "This does not look like English; the model was trained on English only and its answer may be wrong."


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def notes(example: Example) -> tuple[str, ...]:
    """Return the sentences a reader should see beside the answer; none where the text is English."""
    text = example.all_text[:2000]
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return (NO_WORDS,)
    latin = sum(unicodedata.name(char, "").startswith("LATIN") for char in letters)
    if latin < len(letters) / 2:
        return (FOREIGN,)
    if len(letters) < ENOUGH:
        return ()
    shares = dict(_identifier().rank(text.lower() if text.isupper() else text))
    # Related languages share a text's probability (Spanish and Galician); what counts is how little English gets.
    return (FOREIGN,) if shares.get("en", 0.0) < UNLIKELY else ()
