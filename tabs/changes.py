"""How to listen to a change that others listen to as well."""

from typing import Any

CHANGED: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "trigger_mode": "multiple"}
"""By default a change that comes while its listener still answers is put off, and then *all* listeners to it are called
again (Gradio 6.31), which puts off others in turn: two changes in quick succession, and they never come to rest."""
AT_ONCE: dict[str, Any] = CHANGED | {"queue": False}
"""The same for a listener that answers at once: it waits for nobody in the queue."""
