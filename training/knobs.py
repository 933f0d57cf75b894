"""How a setting of a run is declared, and what it may hold. Knows nothing of which settings there are."""

from collections.abc import Mapping
from dataclasses import Field, field
from reprlib import repr as quoted
from typing import Any

from tasks.spec import UserError


def knob(group: str, default: float, lo: float, hi: float, help: str) -> Any:
    """Declare a number a trainer may turn."""
    return field(default=default, metadata={"group": group, "lo": lo, "hi": hi, "help": help})


def choice(group: str, default: str, choices: tuple[str, ...], help: str) -> Any:
    """Declare one of several words."""
    return field(default=default, metadata={"group": group, "choices": choices, "help": help})


def switch(group: str, help: str) -> Any:
    """Declare something that is off unless asked for."""
    return field(default=False, metadata={"group": group, "help": help})


def check(f: Field[Any], value: Any) -> None:
    """Raise UserError where a knob holds nothing it may hold; NaN is within no limits."""
    if "choices" in f.metadata:
        if value not in f.metadata["choices"]:
            raise UserError(f"{f.name} must be one of {', '.join(f.metadata['choices'])}, not {quoted(value)}.")
        return
    if f.type in (bool, "bool"):
        if not isinstance(value, bool):
            raise UserError(f"{f.name} must be true or false, not {quoted(value)}.")
        return
    lo, hi, whole = f.metadata["lo"], f.metadata["hi"], f.type in (int, "int")
    number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not number or not lo <= value <= hi:
        kind = "a whole number" if whole else "a number"
        raise UserError(f"{f.name} must be {kind} between {lo} and {hi}, not {quoted(value)}.")


def check_name(name: str, value: object) -> None:
    """Raise UserError where a setting that names one thing holds no name."""
    if not isinstance(value, str):
        raise UserError(f"{name} must be one name, not {quoted(value)}.")


def check_names(name: str, value: object) -> None:
    """Raise UserError where a setting that lists names holds no such list."""
    if not isinstance(value, (tuple, list)) or not all(isinstance(one, str) for one in value):
        raise UserError(f"{name} must be a list of names, not {quoted(value)}.")


def check_table(name: str, value: object) -> None:
    """Raise UserError where a setting that gives numbers to names holds no such table."""
    if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value):
        raise UserError(f"{name} must be a table of names and numbers, not {quoted(value)}.")
