"""Programs that call the app, with the patience a busy machine needs: Gradio's client gives an answer five seconds."""

from gradio_client import Client


def caller(url: str, **headers: str) -> Client:
    """Return a client of the app at `url`; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(url, verbose=False, headers=named or None, httpx_kwargs={"timeout": 120})
