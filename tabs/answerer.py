"""The quiet choice of who answers, as the tabs share it: seen only where there is more than one.

Knows nothing of models: it is handed who may answer now.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from tabs.changes import AT_ONCE
from tabs.errors import Edge
from tasks.written import Offer

Drawn = tuple[Any, ...]
Offers = Callable[[], Sequence[Offer]]
_MARKUP = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]()<>#+-.!|~$&"})
_PLAIN: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}


def escaped(text: str) -> str:
    """Return text that Markdown shows as it stands."""
    return " ".join(text.split()).translate(_MARKUP)


def choices(offers: Sequence[Offer]) -> list[tuple[str, str]]:
    """Return who may answer as a list to choose from: what is read, and the key."""
    return [(offer.label, offer.key) for offer in offers]


def about(offers: Sequence[Offer], key: str) -> str:
    """Return what to know of whoever is chosen, as Markdown."""
    return next((f"_{escaped(offer.about)}_" for offer in offers if offer.key == key), "")


def who_answers(offers: Offers, name: str) -> gr.Dropdown:
    """Lay out the choice and, under it, what to know of whoever is chosen before anything is sent to them.

    Returns:
        The component whose value is the key.
    """
    now = offers()
    with gr.Column(visible=len(now) > 1) as column:
        who = gr.Dropdown(choices(now), value=now[0].key, label="Who answers", elem_id=f"{name}-who")
        known = gr.Markdown(visible=False, elem_id=f"{name}-known", elem_classes="source")

    def tell(key: str) -> gr.Markdown:
        found = offers()
        return gr.Markdown(about(found, key), visible=key != found[0].key)

    def look() -> tuple[Any, Any]:
        found = offers()
        return gr.Column(visible=len(found) > 1), gr.Dropdown(choices=choices(found))

    who.change(tell, [who], [known], **AT_ONCE)
    # On load: who may answer changes while the app runs, when an adapter goes live.
    gr.on(None, look, None, [column, who], **_PLAIN)
    return who


def drawn(steps: Callable[[], Iterator[Any]], draw: Callable[[Any], Drawn], blank: Drawn) -> Iterator[Drawn]:
    """Yield the updates of an answer that is waited for: words in the first place of `blank`, then what is drawn of it.

    What goes wrong stands where the answer would have, and a toast says it too; before anything was drawn all else is
    blank, or the answer to another text would stand beside it.
    """
    begun = False
    try:
        with Edge():
            for step in steps():
                begun = True
                yield (f"_{escaped(step)}_", *blank[1:]) if isinstance(step, str) else draw(step)
    except gr.Error as error:
        gr.Warning(str(error.message), title=error.title)
        rest = [gr.skip() for _ in blank[1:]] if begun else blank[1:]
        yield f"⚠ {escaped(str(error.message))}", *rest


def key_of(token: gr.OAuthToken | None) -> str | None:
    """Return the token that a visitor's sign-in gave, or None where they have not signed in."""
    return token.token if token else None
