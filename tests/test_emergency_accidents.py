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
        "got her out of the pool and she keeps coughing",
        "I got my son out of the bath and he looks blue",
        "baby slipped under water in the bath",
    ],
    "serious burn": [
        "my toddler pulled a kettle of boiling water over himself",
        "spilled hot coffee on my baby",
        "hot oil splashed on my face",
        "poured boiling water over my left foot",
        "spilled hot tea all over the baby",
        "she burned her eyes with oven cleaner",
        "the barbecue burnt my whole arm",
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
    "I got her out of the bath and noticed a rash",
    "I got my boy out of the pool and his ears were sore",
    "I pour boiling water over a spoon of ginger, is it safe in pregnancy?",
    "I poured boiling water over a tea bag",
    "pour boiling water on my herbs and drink",
    "It burns my eyes when I use the drops",
    "acid reflux burns my neck",
    "Minoxidil burns my whole scalp",
    "the cream burned my face",
    "I felt like I was on fire after taking niacin",
    "it feels as if my hair was on fire",
    "I had an electric shock down my spine when I bend my neck",
    "it felt like being hit by lightning",
    "how are third degree burns treated",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in DANGER.items() for text in texts])
def test_an_accident_is_recognised(kind: str, text: str) -> None:
    found = emergency(text)
    assert found and (found.kind, found.message) == (kind, MESSAGE)


@pytest.mark.parametrize("text", CALM)
def test_what_only_sounds_like_an_accident_raises_no_alarm(text: str) -> None:
    assert emergency(text) is None
