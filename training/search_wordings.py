"""How people ask what MedQuAD asks by template: other wordings, with chatter around them and slips in the spelling.

MedQuAD's questions are cut to one pattern each; weights fitted on them alone trust that pattern. The wordings are
invented here, none is taken from a set that search is measured on. Knows nothing of indexes.
"""

from random import Random

WORDINGS = {
    "overview": ("I want to know more about {}", "{}", "can you explain {} to me", "my son was diagnosed with {}"),
    "symptoms": ("how would I know if I have {}? what signs should I watch for", "what does {} feel like"),
    "causes": ("why do people get {}", "where does {} come from, is something causing it"),
    "genetics": ("which gene is involved in {}", "is a mutation behind {}"),
    "inheritance": ("my mother had {}, can she have passed it on to me", "does {} run in families"),
    "frequency": ("how common is {}", "is {} rare"),
    "risk": ("who is likely to get {}", "am I at risk of {}"),
    "diagnosis": ("which test shows whether I have {}", "how do doctors find {}"),
    "stages": ("what stages does {} have", "my father has stage two {}"),
    "treatment": (
        "what can be done about {}",
        "which medicine helps against {}",
        "is there a cure for {}",
        "does {} need surgery",
    ),
    "outlook": ("how long do people live with {}", "will my wife recover from {}"),
    "prevention": ("how can I avoid getting {}", "what protects against {}"),
    "complications": ("what other problems can come with {}", "what complications does {} have"),
    "living": ("what should I eat with {}", "how do families cope with {}"),
    "research": ("are there any new studies on {}", "is anybody doing a clinical trial on {}"),
    "support": ("is there a support group for {}", "which organization helps people with {}"),
}
"""Two or more ways to ask for each section; {} is the subject."""

BEFORE = (
    "Hello, I am 54 years old and take tablets for my blood pressure.",
    "I have been looking for an answer for weeks and my doctor is on holiday.",
    "My daughter is seven and she cries every night.",
    "Good morning.",
    "I moved here last year and have no doctor yet.",
)
AFTER = (
    "Thank you very much for your help.",
    "Please answer soon, I am very worried.",
    "I have tried everything and nothing works, and the pain keeps me awake.",
    "He has no other illness and does not smoke.",
)


def reworded(subject: str, section: str, random: Random) -> str:
    """Return a question about a section of a subject as somebody might send it."""
    text = random.choice(WORDINGS[section]).format(slipped(subject, random) if random.random() < 0.3 else subject)
    if random.random() < 0.4:
        text = f"{random.choice(BEFORE)} {text}"
    return f"{text}. {random.choice(AFTER)}" if random.random() < 0.4 else text


def slipped(text: str, random: Random) -> str:
    """Return the text with a letter of its longest word lost, doubled or changed with the next; never the first."""
    word = max(text.split(), key=len, default="")
    if len(word) < 6:
        return text
    place = random.randrange(1, len(word) - 1)
    kind = random.randrange(3)
    middle = (word[place + 1] + word[place], word[place] * 2 + word[place + 1], word[place + 1])[kind]
    return text.replace(word, word[:place] + middle + word[place + 2 :], 1)
