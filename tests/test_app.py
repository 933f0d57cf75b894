"""The app as people and programs meet it: through a client, through MCP, and in a browser."""

import asyncio
import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from callers import caller
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from test_train_journey import tab

FOUNDING = (
    "The nurses were great, but I had to wait over six hours in the ER before seeing a doctor. "
    "It was a frustrating experience."
)


@pytest.fixture(scope="module")
def client(app) -> Client:
    return caller(app.url)


def test_the_founding_example_comes_out_right(client) -> None:
    answer = client.predict(FOUNDING, api_name="/sentiment")
    assert answer["label"] == "negative"
    assert answer["aspects"]["staff"] == "positive"
    assert answer["aspects"]["waiting"] == "negative"
    assert answer["aspects"]["overall experience"] == "negative"


def test_an_answer_says_all_it_promises(client) -> None:
    answer = client.predict("It cured my acne but my skin is dry.", api_name="/sentiment")
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert list(answer["probabilities"]) == ["negative", "neutral", "positive"]
    assert 1 <= answer["expected_rating"] <= 10
    assert answer["intensity"] in ("very negative", "negative", "mixed", "positive", "very positive")
    assert "macro-F1" in answer["source"] and "reviews" in answer["source"]
    assert [c["text"] for c in answer["clauses"]] == ["It cured my acne", "but my skin is dry."]


def test_fields_and_named_fields_are_the_same_review(client) -> None:
    parts = ("No more pain.", "None at all.", "Take it with food.")
    form = client.predict("", *parts, api_name="/sentiment")
    text = "Benefits: No more pain.\nSide effects: None at all.\nComments: Take it with food."
    assert client.predict(text, api_name="/sentiment")["probabilities"] == form["probabilities"]


def test_a_conversation_gets_a_tone_per_turn(client) -> None:
    answer = client.predict(
        "Doctor: How are the tablets? Patient: Horrible, I am sick every day. Doctor: Let us stop them.",
        api_name="/sentiment",
    )
    assert [turn["speaker"] for turn in answer["tone"]] == ["Doctor", "Patient", "Doctor"]
    assert answer["tone"][1]["label"] == "negative"
    assert answer["label"] == "negative"


@pytest.mark.parametrize("nothing", ["", "   ", "\u200b", "\n\n"])
def test_nothing_gets_a_sentence(client, nothing: str) -> None:
    with pytest.raises(AppError, match="Please enter some review first"):
        client.predict(nothing, api_name="/sentiment")


@pytest.mark.parametrize(
    "odd",
    [
        "😀😀😀",
        "这个药很好",
        "<script>alert(1)</script>",
        "{{7*7}} %s {0}",
        "a",
        "= 1+1",
        "x\x00y",
        "." * 500,
        "no " * 6000,
    ],
)
def test_odd_text_gets_an_answer(client, odd: str) -> None:
    answer = client.predict(odd, api_name="/sentiment")
    assert answer["label"] in ("negative", "neutral", "positive")


def test_a_placeholder_alone_is_no_review(client) -> None:
    with pytest.raises(AppError, match="only a placeholder"):
        client.predict("NULL", api_name="/sentiment")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("😀😀😀", "no words"),
        ("这个药很好", "English"),
        ("El medicamento me ha ayudado mucho con el dolor de espalda.", "English"),
    ],
)
def test_what_the_model_cannot_read_is_said(client, text: str, said: str) -> None:
    assert said in client.predict(text, api_name="/sentiment")["notes"][0]


def test_plain_english_gets_no_warning(client) -> None:
    for text in ("lol gr8 drug luv it 4ever, no probs", "Nausea, headache, vomiting, insomnia", "ok"):
        assert client.predict(text, api_name="/sentiment")["notes"] == []


def test_too_much_text_gets_a_sentence(client) -> None:
    with pytest.raises(AppError, match="at most 20,000"):
        client.predict("a" * 20_001, api_name="/sentiment")


def test_visitors_at_the_same_moment_each_get_their_own_answer(client) -> None:
    texts = [
        ("Wonderful, it saved my life. " if i % 2 else "Horrible, it ruined my life. ") + f"Day {i}." for i in range(12)
    ]
    alone = [client.predict(text, api_name="/sentiment") for text in texts]
    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(lambda text: client.predict(text, api_name="/sentiment"), texts))
    for one, other in zip(alone, together, strict=True):
        assert one["clauses"][-1]["text"] == other["clauses"][-1]["text"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=2e-3)


def reviews(folder: Path) -> Path:
    path = folder / "reviews.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["drugName", "condition", "review"])
        for i in range(12):
            rows.writerow(
                [f"drug{i % 2}", "pain", "Horrible, I am sick every day." if i % 2 else "=Wonderful, works great!"]
            )
        rows.writerow(["drug1", "pain", ""])
        rows.writerow(["short"])
    return path


def test_a_file_is_scored_through_the_api(client, tmp_path) -> None:
    scored, summary = client.predict(handle_file(reviews(tmp_path)), "", "", "", api_name="/sentiment_file")
    with open(scored, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows[:12]] == ["positive", "negative"] * 6
    assert rows[0]["review"] == "'=Wonderful, works great!"  # defused: people open this in a spreadsheet
    assert summary["scored"] == 12
    assert [bad["line"] for bad in summary["not_scored"]] == [14, 15]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("zip.csv", b"PK\x03\x04..", "zip"),
        ("other.csv", b"a,b\n1,2\n", "choose one of: a, b"),
    ],
)
def test_a_file_that_cannot_be_used_gets_a_sentence(client, tmp_path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AppError, match=said) as caught:
        client.predict(handle_file(tmp_path / name), "", "", "", api_name="/sentiment_file")
    assert str(tmp_path) not in str(caught.value)


def test_a_file_alone_is_enough(client, tmp_path) -> None:
    """Its columns are found by name, as the description says."""
    scored, summary = client.predict(handle_file(reviews(tmp_path)), api_name="/sentiment_file")
    assert summary["scored"] == 12 and Path(scored).name == "reviews-scored.csv"


def test_the_tools_are_there_for_mcp_under_the_endpoints_names(app, client) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> tuple[dict[str, str], str]:
        async with (
            streamablehttp_client(f"{app.url}/gradio_api/mcp/") as (r, w, _),
            ClientSession(r, w) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool.description for tool in (await session.list_tools()).tools}
            name = next(n for n in tools if n.endswith("sentiment"))
            called = await session.call_tool(name, {"text": "It ruined my sleep and I hate it."})
            assert not called.isError, called
            return tools, called.content[0].text

    with ThreadPoolExecutor(1) as alone:  # a browser of an earlier test leaves its loop running in this thread
        tools, answer = alone.submit(asyncio.run, talk()).result()
    endpoints = client.view_api(print_info=False, return_format="dict")["named_endpoints"]
    assert set(tools) == {name.removeprefix("/") for name in endpoints}
    assert {"sentiment", "sentiment_file", "deidentify"} <= set(tools)
    assert "negative" in answer


def test_a_review_is_read_in_the_browser(page) -> None:
    page.locator("#review-text textarea").fill(FOUNDING + ' <img src=x onerror="window.hit=1">')
    page.locator("#review-go").click()
    page.get_by_role("heading", name="Negative").wait_for()
    page.locator("#review-words").wait_for()
    assert "waiting" in page.locator("#review-aspects").inner_text()
    assert "macro-F1" in page.locator("#review-source").inner_text()
    assert page.evaluate("window.hit") is None
    assert page.locator("#review-aspects img, #review-words img").count() == 0
    assert page.evaluate("JSON.stringify(localStorage)").find("nurses") == -1
    assert page.errors == [] and page.strangers == []


def test_headings_that_wrap_on_a_phone_stay_on_the_left(page) -> None:
    tab(page, "Train & Evaluate")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#data-own .label-wrap").wait_for()
    aligned = "all => all.map(one => getComputedStyle(one).textAlign)"
    assert set(page.locator(".label-wrap").evaluate_all(aligned)) == {"left"}


def test_an_empty_box_is_answered_in_the_browser(page) -> None:
    page.locator("#review-go").click()
    page.get_by_role("paragraph").get_by_text("Please enter some review first.").wait_for()
    assert page.get_by_test_id("toast-text").inner_text() == "Please enter some review first."


def test_a_file_is_scored_in_the_browser(page, tmp_path) -> None:
    page.get_by_role("tab", name="Many reviews").click()
    page.locator("#reviews-file input[type=file]").set_input_files(reviews(tmp_path))
    page.get_by_text("Columns found by name").wait_for()
    page.locator("#reviews-go").click()
    page.locator("#reviews-result").wait_for()
    assert "12 reviews scored" in page.locator("#reviews-progress").inner_text()
    page.locator("#reviews-drugs .js-plotly-plot").wait_for()
    assert "no text" in page.locator("#reviews-bad").inner_text()
    assert page.errors == [] and page.strangers == []
