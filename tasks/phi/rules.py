"""The order in which the finders look at a text: certain forms first, words that may mean much last.

Knows nothing of what becomes of the marks.
"""

import re

from tasks.phi.addresses import mark_addresses
from tasks.phi.ages import mark_ages
from tasks.phi.contacts import mark_addresses_of_machines, mark_phones
from tasks.phi.dates import mark_dates, mark_months
from tasks.phi.facilities import mark_facilities
from tasks.phi.mimic import mark_brackets
from tasks.phi.names import mark_names
from tasks.phi.numbers import mark_bare_numbers, mark_numbers
from tasks.phi.places import mark_places
from tasks.phi.sheet import Sheet

_MASK = re.compile(r"\[(?:NAME|DATE|AGE|PHONE|ADDRESS|ID|EMAIL|URL|LOCATION)\]")
_FINDERS = (
    mark_brackets,
    mark_addresses_of_machines,
    mark_numbers,
    mark_dates,
    mark_addresses,
    mark_phones,
    mark_bare_numbers,
    mark_ages,
    mark_facilities,
    mark_places,
    mark_names,
    mark_months,
)


def mark(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, kind) of every item found in one reading, in order; masks in the text are no items."""
    sheet = Sheet(text)
    sheet.hide(_MASK)
    for finder in _FINDERS:
        finder(sheet)
    return _joined(text, sheet.found())


def _joined(text: str, found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Return the items with those of one address made one: a flat, a street and a town are found apart."""
    joined: list[tuple[int, int, str]] = []
    for start, end, kind in found:
        if joined and kind == joined[-1][2] == "ADDRESS" and not text[joined[-1][1] : start].strip(" ,"):
            start = joined.pop()[0]
        joined.append((start, end, kind))
    return joined
