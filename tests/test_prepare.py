"""Preparation of training rows: off by default, counted, undoable, the same for the same seed."""

import random
from collections import Counter

import pytest

import tasks
from tasks.spec import Example, UserError
from training import data, prepare
from training.steps import KEEP, contradicts

REVIEWS, NOTES, ASPECTS = (tasks.get(name) for name in ("drug_reviews", "clinical_notes", "review_aspects"))


def rows(negative: int = 6, neutral: int = 3, positive: int = 12) -> list[Example]:
    labels = ["negative"] * negative + ["neutral"] * neutral + ["positive"] * positive
    texts = [f"this is not the first review number{i} that i ever wrote for them" for i in range(len(labels))]
    return [Example(text=text, label=label) for text, label in zip(texts, labels, strict=True)]


def test_nothing_is_done_unasked() -> None:
    given = rows()
    done = prepare.prepare(REVIEWS, given, {}, 1)
    assert list(done.rows) == given == list(done.original) and done.steps == () and done.origin == tuple(range(21))
    assert prepare.prepare(REVIEWS, given, {"oversample": 0.0}, 1).steps == ()


@pytest.mark.parametrize("option", prepare.OPTIONS, ids=lambda option: option.name)
def test_every_option_is_the_same_for_a_seed_and_can_be_taken_back(option: prepare.Option) -> None:
    given = [
        Example(
            fields={"benefits": f"it helped me a lot {i}", "comments": f"one tablet at night {i}"},
            label=("negative", "positive", "positive")[i % 3],
            targets={"effectiveness": "Highly Effective", "side_effects": "No Side Effects"},
        )
        for i in range(30)
    ]
    before = list(given)
    once, again = (prepare.prepare(REVIEWS, given, {option.name: option.default}, 5) for _ in range(2))
    assert once == again and given == before == list(once.original)
    (step,) = once.steps
    assert (step.before, step.after) == (30, len(once.rows)) and step.option == option.name and step.says
    assert len(once.origin) == len(once.rows)
    assert step.after == step.before - len(step.dropped) + step.added
    assert set(range(30)) - set(once.origin) == set(step.dropped)


def test_conflicting_rows_go_together() -> None:
    given = [*rows(), Example(text="Same words!", label="positive"), Example(text="same words", label="negative")]
    given.append(Example(text="SAME words", label="positive"))
    done = prepare.prepare(REVIEWS, given, {"drop_conflicts": 1}, 1)
    assert done.steps[0].dropped == (21, 22, 23) and "3 rows of 1 texts" in done.steps[0].says
    assert list(done.rows) == given[:21]


@pytest.mark.parametrize(
    ("label", "worth", "harm", "wrong"),
    [
        ("negative", "Highly Effective", "No Side Effects", True),
        ("negative", "Considerably Effective", "Mild Side Effects", True),
        ("negative", "Highly Effective", "Moderate Side Effects", False),  # it worked, and it hurt
        ("negative", "Ineffective", "No Side Effects", False),
        ("positive", "Ineffective", "No Side Effects", True),
        ("positive", "Marginally Effective", "No Side Effects", True),
        ("positive", "Moderately Effective", "No Side Effects", False),
        ("neutral", "Ineffective", "No Side Effects", False),
        ("positive", "", "", False),
    ],
)
def test_a_rating_goes_against_effectiveness_where_nothing_else_explains_it(
    label: str, worth: str, harm: str, wrong: bool
) -> None:
    assert contradicts(Example(label=label, targets={"effectiveness": worth, "side_effects": harm})) is wrong


def test_balancing_by_repeating_keeps_every_row_and_evens_the_labels() -> None:
    given = rows()
    full = prepare.prepare(REVIEWS, given, {"oversample": 1}, 1)
    assert Counter(row.label for row in full.rows) == {"negative": 12, "neutral": 12, "positive": 12}
    assert set(full.origin) == set(range(21)) and full.steps[0].added == 15
    uses = Counter(full.origin)
    assert all(uses[i] == 2 for i in range(6)) and all(uses[i] == 4 for i in range(6, 9))
    half = prepare.prepare(REVIEWS, given, {"oversample": 0.5}, 1)
    assert Counter(row.label for row in half.rows) == {"negative": 8, "neutral": 6, "positive": 12}


def test_balancing_by_leaving_out_takes_no_row_twice() -> None:
    done = prepare.prepare(REVIEWS, rows(), {"undersample": 1}, 1)
    assert Counter(row.label for row in done.rows) == {"negative": 3, "neutral": 3, "positive": 3}
    assert len(set(done.origin)) == 9 and len(done.steps[0].dropped) == 12
    other = prepare.prepare(REVIEWS, rows(), {"undersample": 1}, 2)
    assert other.origin != done.origin


def test_a_thinned_copy_keeps_its_negations_and_its_label() -> None:
    texts = ["It did not help and I can't, won’t sleep; never again without a doctor who listens to me at all."] * 5
    given = [Example(text=f"{text} {i}", label="negative", targets={"rating": "2"}) for i, text in enumerate(texts)]
    done = prepare.prepare(REVIEWS, given, {"augment": 1}, 3)
    copies = list(zip(done.rows, done.origin, strict=True))[5:]
    assert len(copies) == 5 and done.steps[0].added == 5
    for copy, i in copies:
        words, old = copy.text.split(), given[i].text.split()
        turning = [word for word in old if KEEP.fullmatch(word.strip(".,;"))]
        assert [word for word in words if KEEP.fullmatch(word.strip(".,;"))] == turning and len(turning) == 5
        assert len(words) == len(old) - 2 and not Counter(words) - Counter(old)
        assert (copy.label, copy.targets) == ("negative", {"rating": "2"})


def test_short_rows_get_no_copy_that_says_the_same() -> None:
    done = prepare.prepare(REVIEWS, [Example(text="good stuff", label="positive")] * 10, {"augment": 1}, 3)
    assert len(done.rows) == 10


def test_fields_are_told_again_in_another_order() -> None:
    given = [Example(fields={"benefits": "one", "side effects": "two", "comments": ""}, label="neutral")] * 4
    given.append(Example(fields={"comments": "alone"}, label="neutral"))
    done = prepare.prepare(REVIEWS, given, {"permute_fields": 1}, 1)
    assert [row.text for row in done.rows[5:]] == ["two\none"] * 4 and done.rows[5].fields == {}


def test_identifying_items_are_masked_and_counted() -> None:
    given = [Example(text="Call me on 555-123-4567, Dr. Alan Whitby.", label="positive"), *rows()]
    done = prepare.prepare(REVIEWS, given, {"scrub": 1}, 1)
    assert "555" not in done.rows[0].text and "PHONE 1" in done.steps[0].says
    assert done.original[0].text.startswith("Call me") and done.steps[0].changed == 1
    assert done.rows[1] is given[1]


def test_options_follow_the_task() -> None:
    names = {task.name: {option.name for option in prepare.options(task)} for task in (REVIEWS, NOTES, ASPECTS)}
    assert names["drug_reviews"] == {option.name for option in prepare.OPTIONS}
    assert names["clinical_notes"] == {"drop_conflicts", "scrub", "augment"}
    assert "oversample" in names["review_aspects"] and "permute_fields" not in names["review_aspects"]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"sharpen": 1}, "no preparation 'sharpen'"),
        ({"oversample": 1.5}, "from 0 to 1"),
        ({"oversample": float("nan")}, "from 0 to 1"),
        ({"oversample": True}, "from 0 to 1"),
        ({"augment": "1"}, "from 0 to 1"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(chosen: dict, said: str) -> None:
    with pytest.raises(UserError, match=said):
        prepare.prepare(REVIEWS, rows(), chosen, 1)


def test_what_leaves_no_row_is_refused() -> None:
    torn = [Example(text="a b", label="positive"), Example(text="A b", label="negative")]
    with pytest.raises(UserError, match="leaves no training row"):
        prepare.prepare(REVIEWS, torn, {"drop_conflicts": 1}, 1)


def test_one_option_does_not_change_what_another_draws() -> None:
    given = [*rows(), Example(text="x y", label="positive"), Example(text="X y", label="negative")]
    alone = prepare.prepare(REVIEWS, given[:21], {"augment": 0.5}, 7)
    after = prepare.prepare(REVIEWS, given, {"augment": 0.5, "drop_conflicts": 1}, 7)
    assert after.rows == alone.rows
    assert [step.option for step in after.steps] == ["drop_conflicts", "augment"]


@pytest.mark.skipif(not (data.DATA_DIR / "druglib").is_dir(), reason="the shared sets are not on this machine")
def test_druglib_can_be_prepared_with_every_option_at_once() -> None:
    given = data.load(REVIEWS.dataset("druglib"), "train")
    sample = random.Random(1).sample(given, 300)
    done = prepare.prepare(REVIEWS, sample, {option.name: option.default for option in prepare.OPTIONS}, 1)
    assert [step.option for step in done.steps] == [option.name for option in prepare.OPTIONS]
    assert all(a.after == b.before for a, b in zip(done.steps, done.steps[1:], strict=False))
    assert {row.label for row in done.rows} == set(REVIEWS.labels)
