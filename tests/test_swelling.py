"""A throat that swells is an emergency in any tense; its glands, and a throat that is merely sore, are not."""

import pytest

from tasks.emergency import emergency


@pytest.mark.parametrize(
    "said",
    [
        "What do I do if someone's throat swells up after a bee sting?",
        "her throat swelled after peanuts",
        "my throat swole up",
        "my throat is swollen shut",
        "peanuts make my throat swell",
        "my throat is so swollen I can't swallow",
    ],
)
def test_a_throat_that_swells_raises_the_alarm(said: str) -> None:
    found = emergency(said)
    assert found is not None and found.kind == "trouble breathing"


@pytest.mark.parametrize(
    "said",
    [
        "The glands of my throat swelled up with a cold",
        "lymph nodes in the throat swelled",
        "My throat is swollen from strep",
        "My throat never swells up",
    ],
)
def test_glands_and_a_sore_throat_do_not(said: str) -> None:
    assert emergency(said) is None
