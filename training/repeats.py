"""Texts that repeat each other: word for word, and nearly. Knows nothing of files, splits or models."""

import re
from collections.abc import Collection, Sequence

import numpy as np
from datasketch import MinHash, MinHashLSH

from tasks.spec import Example

SIMILAR = 0.7
"""Jaccard similarity of word 3-grams from which two texts count as near-duplicates."""


def key(example: Example) -> str:
    """Return the example's words alone, for exact comparison: case, spacing and punctuation aside."""
    return " ".join(re.findall(r"\w+", example.all_text.lower()))


def shingles(example: Example) -> set[bytes]:
    """Return the word 3-grams of an example; a shorter text is one."""
    words = key(example).split()
    return {" ".join(words[j : j + 3]).encode() for j in range(max(len(words) - 2, 1))}


def sketch(parts: Collection[bytes]) -> MinHash:
    """Return the MinHash of a set of word 3-grams."""
    mark = MinHash(num_perm=64, seed=1)
    mark.update_batch(list(parts))
    return mark


def lookup() -> MinHashLSH:
    """Return an empty index that finds sketches of about SIMILAR likeness and above."""
    return MinHashLSH(threshold=SIMILAR, num_perm=64)


def groups(examples: Sequence[Example]) -> np.ndarray:
    """Return one group number per example [n]; near-duplicates share theirs (MinHash LSH over word 3-grams).

    Where the targets name groups, those who share one share theirs, and nobody else does: questions of one pattern are
    near-duplicates of each other, and a passage stands beside many of them.
    """
    parent = list(range(len(examples)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    index = lookup()
    named: dict[str, int] = {}
    for i, example in enumerate(examples):
        shared = example.targets.get("group", ())
        words = f" {key(example)}"  # no name of a group begins so
        for name in shared or (words,):
            parent[root(i)] = root(named.setdefault(name, i))
        if shared or named[words] != i:  # each of many equal rows would find all others
            continue
        mark = sketch(shingles(example))
        for other in index.query(mark):
            parent[root(i)] = root(other)
        index.insert(i, mark)
    return np.array([root(i) for i in range(len(examples))])
