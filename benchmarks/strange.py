"""How often a text that is no clinical note is told from one, and how often a note is taken for something else.

python -m benchmarks.strange [--rows 150] [--seed 1]

Notes are those of MTSamples and CodiEsp (their training part), and pieces of the first; the others are comments on NHS
services, tweets and hospital reviews of at least 80 characters: written about health, so that they are the harder kind.
The limit was chosen on another draw (seed 0, 60 of each).
"""

import argparse
import random
import sys
from collections.abc import Mapping, Sequence

import pandas as pd

import tasks
from models.icd_titles import load, strange
from tasks.clinical_notes import windows
from training.data import DATA_DIR
from training.data import load as rows

OTHERS = {
    "comments on NHS services": "nhs_fft/nhs_fft_v6.csv.gz",
    "tweets on COVID-19": "covid_tweets/corona_nlp_test.csv.gz",
    "reviews of hospitals": "hospital_reviews_bengaluru/hospital_reviews.csv.gz",
}


def texts() -> Mapping[str, Sequence[str]]:
    """Return the texts of each kind, notes first."""
    sets = [tasks.get("clinical_notes").dataset(name) for name in ("mtsamples", "codiesp_en")]
    notes = {data.name: [row.all_text for row in rows(data, "train")] for data in sets}
    cut = {
        "beginnings of 150 characters": [note[:150] for note in notes["mtsamples"]],
        "beginnings of 100 characters": [note[:100] for note in notes["mtsamples"]],
        "200 characters from the middle": [note[len(note) // 2 :][:200] for note in notes["mtsamples"]],
    }
    others = {name: pd.read_csv(DATA_DIR / file, keep_default_na=False)["text"] for name, file in OTHERS.items()}
    return notes | cut | {name: [text for text in found if len(text) >= 80] for name, found in others.items()}


def main() -> int:
    """Print how many of each kind are said to be no note."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=150, help="texts of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw, titles = random.Random(options.seed), load()
    for name, found in texts().items():
        drawn = draw.sample(list(found), min(options.rows, len(found)))
        told = sum(strange(titles, [part.text for window in windows(text) for part in window]) for text in drawn)
        sys.stdout.write(f"{name:32} {told:4} of {len(drawn)} told to be no note\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
