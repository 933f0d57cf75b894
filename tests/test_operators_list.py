"""The operator's list of remote models: what it may hold, and that a visitor adds nothing to it."""

import json

import pytest
from fake_server import KEY, everything_about

from models.endpoints import Endpoint, endpoint, endpoints
from tasks.spec import UserError

LIST = """
- name: Ours
  base_url: http://10.0.0.5:8000/v1
  model: mistral
- {name: GPT, base_url: https://api.openai.com/v1, model: gpt-4o-mini, key_env: OPENAI_API_KEY, context: 128000}
"""


def test_the_list_is_a_file_or_the_text_itself(tmp_path, monkeypatch) -> None:
    (tmp_path / "list.yaml").write_text(LIST)
    for setting in (LIST, str(tmp_path / "list.yaml")):
        monkeypatch.setenv("CARETUNE_ENDPOINTS", setting)
        assert list(endpoints()) == ["Ours", "GPT"]
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert [one.ready for one in endpoints().values()] == [True, False]
    with pytest.raises(UserError, match="GPT is not ready: the operator has not set OPENAI_API_KEY"):
        endpoint("GPT").key()
    monkeypatch.delenv("CARETUNE_ENDPOINTS")
    assert endpoints() == {}


def test_a_visitor_can_name_no_address_of_their_own() -> None:
    for name in ("http://169.254.169.254/v1", "https://api.openai.com/v1", "", "ours"):
        with pytest.raises(UserError, match="no such remote model here; offered: Ours, GPT"):
            endpoint(name, LIST)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"base_url": "ftp://host/v1"}, "must be https"),
        ({"base_url": "http://example.org/v1"}, "must be https"),
        ({"base_url": "http://8.8.8.8/v1"}, "must be https"),
        ({"base_url": f"https://user:{KEY}@host/v1"}, "no key in it"),
        ({"base_url": f"https://host/v1?key={KEY}"}, "no key in it"),
        ({"base_url": "https://host:port/v1"}, "no address"),
        ({"base_url": "https:///v1"}, "plain address"),
        ({"key_env": KEY}, "never the key"),
        ({"key": KEY}, "nothing else"),
        ({"context": "many"}, "must be of type int"),
        ({"context": 1}, "number of tokens"),
        ({"name": "<b>x</b>"}, "plain characters"),
        ({"model": ""}, "and a model"),
        ({"length": "n"}, "max_tokens or"),
        ({"sign_in": True}, "only goes to Hugging Face"),
        ({"sign_in": True, "base_url": "https://huggingface.co.evil.org/v1"}, "only goes to Hugging Face"),
        ({"sign_in": True, "base_url": "https://evilhuggingface.co/v1"}, "only goes to Hugging Face"),
    ],
)
def test_a_list_that_says_nothing_sensible_is_refused_unquoted(change: dict, reason: str) -> None:
    row = {"name": "One", "base_url": "https://host/v1", "model": "m", **change}
    with pytest.raises(UserError, match=reason) as told:
        endpoints(json.dumps([row]))
    assert KEY not in everything_about(told.value)


@pytest.mark.parametrize("setting", ["{", "no/such/file.yaml", "- 5", "[", "name: x\nmodel: y", f"- {KEY}: ["])
def test_a_setting_that_is_no_list_is_refused(setting: str) -> None:
    with pytest.raises(UserError, match="must name a YAML file with a list") as told:
        endpoints(setting)
    assert KEY not in str(told.value)


def test_hugging_face_may_be_given_the_visitors_token() -> None:
    for host in ("router.huggingface.co", "huggingface.co", "x.eu.endpoints.huggingface.cloud"):
        assert Endpoint("HF", f"https://{host}/v1", "m", sign_in=True).key("hf_x") == "hf_x"
