"""Which rows another reading of an adapter is measured on."""

import pytest

import tasks
from models.shelf import SHIPPED
from tasks.spec import UserError
from training.readings import asked_for


def test_a_mean_of_folds_has_no_rows_that_it_did_not_learn_from() -> None:
    """It printed a table of no rows at all."""
    with pytest.raises(UserError, match="mean of folds"):
        asked_for(tasks.get("medical_qa"), SHIPPED / "medical_qa", [])


def test_rows_of_no_set_are_refused() -> None:
    for wanted in ("weather:test", "pubmedqa:weather"):
        with pytest.raises(UserError):
            asked_for(tasks.get("medical_qa"), SHIPPED / "medical_qa", [wanted])
