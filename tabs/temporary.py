"""Where a file lies that somebody asked to take home: among the uploads, swept with them."""

import os
import tempfile
from pathlib import Path


def folder() -> Path:
    """Return a new, empty folder. The uploads' own is made again where it has gone."""
    root = os.environ.get("GRADIO_TEMP_DIR")
    if root:
        Path(root).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=root))
