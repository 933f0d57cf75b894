"""What each danger is answered with: the numbers are held as written, for a wrong one helps nobody."""

import re

import pytest
from test_emergency import DANGER

from tasks.emergency import CRISIS, MESSAGE, POISON, emergency

OTHERS = {"suicidal thoughts": "crisis line (988", "overdose or poisoning": "poison centre"}


@pytest.mark.parametrize("kind", DANGER)
def test_each_kind_has_the_message_that_helps(kind: str) -> None:
    for text in DANGER[kind]:
        found = emergency(text)
        assert found and OTHERS.get(kind, "112 in Europe, 911 in the US, 999 in the UK") in found.message


def test_the_numbers_are_those_in_use() -> None:
    assert re.findall(r"\d[\d ]*\d", MESSAGE) == ["112", "911", "999"]
    assert re.findall(r"\d[\d ]*\d", CRISIS) == ["988", "116 123"]
    assert "988 in the US and Canada, 116 123 in the UK and much of Europe" in CRISIS
    assert "even if there are no symptoms yet" in POISON and not re.search(r"\d", POISON)
