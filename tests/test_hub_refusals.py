"""What the Hub answers while a base is brought, said in words that tell what to do next."""

import httpx
import pytest
from huggingface_hub import errors

from models import fetch
from models.bases import BASES
from tasks.spec import UserError


def answered(status: int, name: str = "flan-t5-base") -> str:
    """Return what is said of an answer, as huggingface_hub hands it on: as the cause of files that are not here."""
    response = httpx.Response(status, request=httpx.Request("GET", "https://hub.example"))

    def download(**wanted: object) -> str:
        if wanted.get("local_files_only"):
            raise errors.LocalEntryNotFoundError("not here")
        raise errors.LocalEntryNotFoundError("secret") from errors.HfHubHTTPError("secret", response=response)

    with pytest.raises(UserError) as told:
        fetch.fetch(BASES[name], download=download)
    return str(told.value)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARETUNE_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "does not let this machine download google/flan-t5-base"),
        (429, "asked too often just now"),
        (500, "a fault of its own just now (HTTP 500)"),
        (504, "a fault of its own just now (HTTP 504)"),
    ],
)
def test_a_hub_that_answers_is_not_said_to_be_out_of_reach(status: int, said: str) -> None:
    told = answered(status)
    assert said in told and "cannot be reached" not in told and "secret" not in told


def test_a_gated_base_that_is_refused_asks_for_a_login_that_a_run_is_told_of_too() -> None:
    """What trains is handed no token of the environment."""
    told = answered(403, "llama-2-7b")
    assert "accept its licence" in told and "hf auth login" in told and "HF_TOKEN" not in told


@pytest.mark.parametrize("direct", [True, False])
def test_a_connection_that_is_cut_in_the_midst_of_a_file_is_a_sentence(direct: bool) -> None:
    def download(**wanted: object) -> str:
        if direct:
            raise errors.HTTPError("peer closed connection without sending complete message body")
        raise errors.LocalEntryNotFoundError("no") from errors.HTTPError("closed")

    with pytest.raises(UserError, match="could not be downloaded" if direct else "cannot be reached") as told:
        fetch.fetch(BASES["flan-t5-base"], download=download)
    assert "peer" not in str(told.value)
