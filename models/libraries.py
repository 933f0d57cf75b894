"""Reads transformers before anything of ours, or any library that builds on it, asks it for a name.

While they are read, transformers and its packages put another object in their place in `sys.modules`. A second thread
that waits for one at that moment holds the old object and is told that there is no AutoTokenizer. Python lets one
thread at a time read *this* module and has the others wait; so whoever uses transformers, peft, accelerate or
sentence_transformers imports it first (tests/test_rooms.py). Knows nothing of models.
"""

import logging
import os
import warnings

# Looked at when tokenizers are first used; their threads would not survive the fork of a data loader.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from transformers import AutoModel, AutoTokenizer, GenerationConfig, PreTrainedModel  # noqa: F401

# It says at every start that a CPU kernel for 4-bit weights is not installed. Here these need a GPU.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
# peft asks transformers for a name that has got a new one; nobody who runs the app can do anything there.
warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated", category=FutureWarning)
