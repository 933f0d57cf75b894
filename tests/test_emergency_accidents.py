"""Electric shock, near-drowning and serious burns raise the alarm; what only sounds like them does not."""

import pytest

from tasks.emergency import MESSAGE, emergency

DANGER = {
    "electric shock": [
        "my little boy stuck a fork in the socket and got a shock",
        "I've just had an electric shock off the washing machine",
        "my dad got electrocuted changing a light",
        "my son touched the live wire",
        "I was zapped by a bare wire and my arm tingles",
        "my husband got hit by lightning",
    ],
    "near drowning": [
        "my toddler nearly drowned in the bath",
        "we just pulled my son out of the pool",
        "my daughter fell in the pond and is coughing water",
        "he was under water for two minutes",
        "found my toddler face down in the paddling pool",
        "baby slipped under water in the bath",
    ],
    "serious burn": [
        "my toddler pulled a kettle of boiling water over himself",
        "spilled hot coffee on my baby",
        "hot oil splashed on my face",
        "I have third degree burns",
        "acid splashed in my eyes",
        "his shirt caught fire",
        "my grandma set herself on fire by accident",
        "my child has a burn bigger than his hand",
        "I burnt my face with steam",
        "my wife scalded her leg with soup",
    ],
}
CALM = [
    "I get electric shock sensations since stopping sertraline",
    "is electric shock therapy painful",
    "I was electrocuted ten years ago and still have numbness",
    "is an electric blanket safe",
    "I got a shock when I saw the bill",
    "I'm drowning in work",
    "what is dry drowning",
    "I took my son out of the bath and he has a rash",
    "my nephew drowned last year and I feel sad",
    "heartburn every night",
    "it burns when I pee",
    "mild sunburn on my shoulders",
    "I'm burnt out at work",
    "how do I prevent scalds in the kitchen",
    "hot water on my face for acne",
    "hot water bottle on my tummy",
    "hot tea on my sore throat",
    "salicylic acid on my face makes it peel",
    "I burnt my tongue on pizza",
    "I burned my face with retinol",
    "the sun burnt my neck a bit",
    "glycolic acid in my eye cream",
    "how are third degree burns treated",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in DANGER.items() for text in texts])
def test_an_accident_is_recognised(kind: str, text: str) -> None:
    found = emergency(text)
    assert found and (found.kind, found.message) == (kind, MESSAGE)


@pytest.mark.parametrize("text", CALM)
def test_what_only_sounds_like_an_accident_raises_no_alarm(text: str) -> None:
    assert emergency(text) is None
