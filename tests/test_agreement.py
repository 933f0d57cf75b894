"""Agreement of several models: against Krippendorff's own worked example, and by hand."""

import numpy as np
import pytest

from training.agreement import agreement, alpha

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", example C: four observers, twelve units, 26 pairable
# values; a dot is a missing one. Alpha is 0.743 nominal and 0.815 ordinal.


def table() -> np.ndarray:
    rows = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    return np.array([[-1 if cell == "." else int(cell) - 1 for cell in row] for row in rows])


def test_alpha_is_that_of_the_worked_example() -> None:
    assert alpha(table(), 5) == pytest.approx(0.743, abs=5e-4)
    assert alpha(table(), 5, ordinal=True) == pytest.approx(0.815, abs=5e-4)


def test_models_that_agree_and_models_that_do_not() -> None:
    said = {"a": [0, 1, 2, 1], "b": [0, 1, 2, 1], "c": [2, 0, 1, 0]}
    found = agreement(said, 3)
    assert found.names == ("a", "b", "c") and found.rows == 4
    assert found.shares.tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert found.kappas[0][1] == 1 and found.kappas[0][2] < 0
    assert found.unanimous == 0
    assert agreement({"a": said["a"], "b": said["b"]}, 3).nominal == 1


def test_kappa_is_worked_out_by_hand() -> None:
    """Observed 0.7; by chance 0.5 x 0.6 + 0.5 x 0.4 = 0.5."""
    a, b = [0] * 5 + [1] * 5, [0, 0, 0, 0, 1, 0, 0, 1, 1, 1]
    assert agreement({"a": a, "b": b}, 2).kappas[0][1] == pytest.approx((0.7 - 0.5) / 0.5)


def test_what_chance_explains_whole_has_no_number() -> None:
    found = agreement({"a": [1, 1], "b": [1, 1]}, 3)
    assert found.kappas[0][1] is None and found.nominal is None
    assert alpha(np.array([[0, -1], [-1, 1]]), 2) is None  # no row was answered twice


def test_a_neighbour_is_nearly_right_where_labels_are_ordered() -> None:
    near = np.array([[0, 1, 2, 0, 1, 2], [1, 1, 2, 0, 1, 2]])
    far = np.array([[0, 1, 2, 0, 1, 2], [2, 1, 2, 0, 1, 2]])
    assert alpha(near, 3, ordinal=True) > alpha(far, 3, ordinal=True)
