"""The parts of the de-identifier: words, numbers, places and names. Knows nothing of tasks, models or pages."""


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text, which keeps long lists of words readable."""
    return frozenset(words.split())
