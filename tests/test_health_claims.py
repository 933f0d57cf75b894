"""The verifier's task: what it reads of a passage, claims made by rule, and floors that must not be learned."""

from dataclasses import replace

import numpy as np
import pytest

from models.bases import MINILM, locate
from models.encoder import Words
from models.predictor import SlotPredictor
from models.reading import Reading
from tasks import passage
from tasks.contradict import affirmed, contradicted, plain
from tasks.health_claims import (
    REFUTES,
    SILENT,
    SUPPORTS,
    TASK,
    denied,
    from_misconception,
    from_snli,
    segments,
)
from tasks.healthver import from_rationale, from_silent
from tasks.made_claims import claims_of, from_sentences
from tasks.passage import read
from tasks.spec import PAIR, Example, clean
from training.foils import foils

ABSTRACT = [
    "Zorvil is a new drug for gout in adults.",
    "Ninety adults with gout took zorvil or placebo for twelve weeks.",
    "Uric acid decreased by 30% in those who took zorvil.",
    "Headache was more common with zorvil than with placebo.",
    "These results suggest that zorvil lowers uric acid (P < 0.01).",
]


@pytest.mark.parametrize(
    ("statement", "opposite"),
    [
        ("Zorvil increases pain", "Zorvil decreases pain"),
        ("Zorvil decreases pain", "Zorvil increases pain"),
        ("Zorvil is a drug", "Zorvil is not a drug"),
        ("Zorvil is not a drug", "Zorvil is a drug"),
        ("Garlic cannot cure it", "Garlic can cure it"),
        ("Garlic can't cure it", "Garlic can cure it"),
        ("Garlic can’t cure it", "Garlic can cure it"),
        ("Garlic can cure it", "Garlic can not cure it"),
    ],
)
def test_a_statement_is_turned_round(statement: str, opposite: str) -> None:
    """Both ways: what was taken out of one statement is put into the other."""
    assert contradicted(statement, "a") == opposite


def test_what_no_rule_can_turn_is_left() -> None:
    """A statement without a word of weight is not changed into something else."""
    assert contradicted("Blue whales sing", "a") is None
    assert contradicted("Blue whales aren't singing", "a") is None
    assert contradicted("It grew 40% in five weeks", "a") not in (None, "It grew 40% in five weeks")
    assert contradicted("Zorvil increases pain", "a") == contradicted("Zorvil increases pain", "a")


def test_a_finding_is_said_plainly() -> None:
    """Neither "these results suggest that" nor a bracket is part of a claim."""
    assert plain(ABSTRACT[-1]) == "Zorvil lowers uric acid."
    assert plain("Aspirin thins blood.") == "Aspirin thins blood."


def test_claims_of_an_abstract_never_contain_their_passage() -> None:
    """The conclusion is not among the sentences that are to speak for it; an opposite is labelled as one."""
    made = claims_of("7", "Zorvil for gout", ABSTRACT)
    conclusion = next(e for e in made if e.text == "Zorvil lowers uric acid.")
    assert conclusion.label == SUPPORTS and "suggest" not in conclusion.context
    assert any(e.label == REFUTES and e.text == "Zorvil raises uric acid." for e in made)
    assert all(e.targets["stance"] == e.label for e in made)
    assert claims_of("7", "Zorvil", ABSTRACT[:3]) == ()


def test_a_foil_is_the_likest_other_document() -> None:
    """Never a form of the document the claim was made from."""
    mine = claims_of("7", "Zorvil for gout", ABSTRACT)
    other = Example(
        text="x", context="Zorvil and the kidney.\nUric acid in kidneys fell.", targets={"stance": SUPPORTS}
    )
    far = Example(text="y", context="Whales.\nWhales sing at night.", targets={"stance": SUPPORTS})
    for foil in foils(mine, [*mine, other, far], SILENT):
        assert foil.context == other.context
        assert foil.label == foil.targets["stance"] == SILENT


def test_a_sentence_is_set_against_itself_turned_round() -> None:
    """Every claim stands beside a context short enough to see the word that was changed; its document is known."""
    made = from_sentences({"doc_id": 7, "title": "Zorvil lowers uric acid in adults with gout", "abstract": ABSTRACT})
    assert {e.label for e in made} == {SUPPORTS, REFUTES} and {e.targets["document"] for e in made} == {"7"}
    assert any(e.text == "Zorvil raises uric acid in adults with gout" and e.label == REFUTES for e in made)
    other = Example(text="x", context="Uric acid in kidneys fell.", label=SUPPORTS, targets={"stance": SUPPORTS})
    for foil in foils(made, [*made, other], SILENT):
        assert foil.context == other.context and foil.targets == {"stance": SILENT, "document": "7"}


def test_the_sentences_that_share_most_are_read_in_order() -> None:
    """Of a long passage a few sentences are kept, the deciding one among them."""
    filler = [f"Sentence number {i} speaks of weather." for i in range(20)]
    kept = read("Zorvil lowers uric acid", " ".join([*filler[:9], ABSTRACT[2], *filler[9:]]))
    assert len(kept) == passage.KEPT and ABSTRACT[2] in kept


def test_claim_and_passage_are_parted_by_a_mark_nobody_can_type() -> None:
    """What a person writes never becomes the mark, and both texts keep their place in a window too small for them."""
    (text,) = segments(Example(text=f"one{PAIR}two", context="three"))
    assert text.count(PAIR) == 1
    assert PAIR not in clean(f"one{PAIR}two")
    words = Words(locate(MINILM.name), 16)
    ids = words.ids("claim " * 40 + PAIR + "passage " * 40)
    assert len(ids) == 16 and ids.count(words.end) == 2
    short = words.ids(f"aspirin helps{PAIR}aspirin does not help [SEP]")
    assert short.count(words.end) == 2
    where = f"water helps{PAIR}water does"
    said = [where[span[0] : span[1]] if span else None for span in words.spans(where)]
    assert said == [None, "water", "helps", None, "water", "does", None]
    assert len(words.spans(where)) == len(words.ids(where))


def test_a_shortcut_hides_one_side() -> None:
    """The floors see the claim or the passage, and keep the right answer."""
    example = Example(text="a", context="b", label=SUPPORTS)
    seen = {name: hide(example) for name, hide in TASK.shortcuts.items()}
    assert (seen["claim only"].text, seen["claim only"].context) == ("a", "")
    assert (seen["passage only"].text, seen["passage only"].context) == ("", "b")
    assert {e.label for e in seen.values()} == {SUPPORTS}


def test_a_whole_abstract_without_rationale_is_not_learned_from() -> None:
    """Only such rows are long: their length would give the label away."""
    row = {"claim": "Masks help.", "rationale": "Masks slowed the spread.", "label": "SUPPORTS"}
    (example,) = from_rationale(row)
    assert (example.label, example.context) == (SUPPORTS, "Masks slowed the spread.")
    assert from_rationale({**row, "label": "NEUTRAL", "rationale": ""}) == ()
    assert from_rationale({**row, "label": "MIXED"}) == ()


def test_of_an_abstract_that_says_nothing_the_nearest_sentences_are_silent() -> None:
    """As short as rationales are; what has not a word of the claim in it ("All rights reserved.") is no passage."""
    abstract = ["We asked nurses.", "Masks were worn in wards.", "Costs of masks rose.", "All rights reserved."]
    row = {"claim": "Masks help.", "label": "NEUTRAL", "rationale": "", "beside": [{"abstract": abstract}]}
    (example,) = from_silent(row)
    assert (example.label, example.targets) == (SILENT, {"stance": SILENT})
    assert set(passage.sentences(example.context)) <= set(abstract[1:3]) and len(example.context.split()) < 12
    assert from_silent({**row, "label": "SUPPORTS"}) == from_silent({**row, "beside": []}) == ()
    assert from_silent({**row, "beside": [{"abstract": abstract[3:]}]}) == ()


def test_captions_teach_what_follows_and_nothing_where_readers_did_not_agree() -> None:
    row = {"sentence1": "A man eats soup.", "sentence2": "Somebody is eating.", "gold_label": "entailment"}
    (example,) = from_snli(row)
    assert (example.text, example.context, example.label) == ("Somebody is eating.", "A man eats soup.", SUPPORTS)
    assert [e.label for e in from_snli({**row, "gold_label": "contradiction"})] == [REFUTES]
    assert [e.label for e in from_snli({**row, "gold_label": "neutral"})] == [SILENT]
    assert from_snli({**row, "gold_label": "-"}) == ()


def test_wrong_beliefs_are_refuted_by_the_answer_and_right_ones_supported() -> None:
    """A leading yes or no is taken off: it would tell the label without the passage."""
    row = {
        "Question": "Does cracking knuckles harm joints?",
        "Best Answer": "No, cracking knuckles does no harm to joints.",
        "Correct Answers": "No, cracking knuckles does no harm to joints; Joints stay healthy when they crack; No",
        "Incorrect Answers": "Yes, cracking knuckles wears joints out; Yes; Cracking knuckles gives you arthritis; "
        "Cracking knuckles makes fingers weak and stiff",
    }
    made = from_misconception(row)
    assert [(e.text, e.label) for e in made] == [
        ("cracking knuckles wears joints out.", REFUTES),
        ("Cracking knuckles gives you arthritis.", REFUTES),
        ("Joints stay healthy when they crack.", SUPPORTS),
    ]
    assert {e.context for e in made} == {
        "Does cracking knuckles harm joints? cracking knuckles does no harm to joints."
    }
    assert from_misconception({**row, "Best Answer": "Hampshire"}) == ()


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("The MMR vaccine does not cause autism.", "The MMR vaccine does cause autism."),
        ("Zorvil cannot cure gout.", "Zorvil can cure gout."),
        ("Zorvil isn't safe in pregnancy.", "Zorvil is safe in pregnancy."),
        ("There is no link between zorvil and gout.", "There is a link between zorvil and gout."),
        ("Zorvil has no effect on gout.", "Zorvil has an effect on gout."),
        ("Zorvil fails to ease gout.", "Zorvil does ease gout."),
        ("Zorvil failed to lower deaths in the trial.", "Zorvil did lower deaths in the trial."),
        ("Antibiotics fail to shorten a cold.", "Antibiotics do shorten a cold."),
        ("It is a common misconception that zorvil cures gout.", "Zorvil cures gout."),
        ("It's a myth that zorvil cures gout.", "Zorvil cures gout."),
        ("It is false that zorvil cures gout.", "Zorvil cures gout."),
        ("It isn’t true that zorvil cures gout.", "Zorvil cures gout."),
    ],
)
def test_what_is_denied_is_said_as_a_fact(said: str, fact: str) -> None:
    assert affirmed(said) == fact
    example = denied(Example(fields={"claim": said, "evidence": "It was studied."}))
    assert (example.text, example.fields) == (fact, {"evidence": "It was studied."})


@pytest.mark.parametrize(
    "said",
    [
        "Zorvil lowers uric acid.",
        "Zorvil does not only lower uric acid.",
        "Not all adults take zorvil.",
        "Nobody who did not take zorvil was cured.",
        "Zorvil works without water.",
        "Zorvil is no longer sold.",
        "Zorvil does not fail to help.",
        "It is a myth that zorvil does not help.",
        "It is not false that zorvil helps.",
        "It is false that zorvil fails to help.",
        "Adults who failed to respond took zorvil.",
        "If rest fails to help, see a doctor.",
        "Heart failure is treated with zorvil.",
        "It is wrong to give zorvil to children.",
        "",
    ],
)
def test_what_is_not_plainly_denied_stays(said: str) -> None:
    assert affirmed(said) is None and denied(Example(text=said, context="x")) is None


def test_a_denial_is_answered_by_what_is_denied_turned_round() -> None:
    """Only by an adapter whose reading says so: one from before answers the words as they stand."""

    class Reader(SlotPredictor):
        def _logits(self, examples):
            return np.array([[3.0, 0.0, 1.0] if "does cause" in e.text else [0.0, 0.5, 2.0] for e in examples])

    plainly = Reading.of(TASK, "minilm-l6", 64)
    rows = [Example(text=t, context="y") for t in ("X does not cause Y.", "X is Y.", "X does cause Y.")]
    said = Reader(TASK, plainly, None, None).logits(rows)
    assert said.tolist() == [[0.0, 3.0, 1.0], [0.0, 0.5, 2.0], [3.0, 0.0, 1.0]]
    before = Reader(TASK, replace(plainly, turns=False), None, None).logits(rows)
    assert before[0].tolist() == [0.0, 0.5, 2.0]
