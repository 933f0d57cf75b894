"""YAML as people write recipes: plain values, lists and tables, and no more of them than a person writes.

Through aliases a short text can name one list many times over, and whoever then quotes it fills the memory; lists in
lists end the stack. Recipes need neither. Knows nothing of what a recipe says.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from tasks.spec import UserError

MOST_CHARS = 50_000
"""Longest text that is read."""
MOST_DEPTH = 8
"""Lists and tables inside each other; a sweep needs four."""
_MOST_DIGITS = 40
"""Longer numbers are none of ours, and Python refuses to write down the longest."""
_DATE, _INT, _FLOAT = (f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "int", "float"))


class _Loader(yaml.SafeLoader):
    """The safe loader without aliases, tags and dates: what looks like a date is a text."""

    yaml_implicit_resolvers: Mapping[str, Any] = {
        first: [one for one in found if one[0] != _DATE]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse a node before it is made."""
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) is not None:
            raise UserError("Recipes are written without aliases (*) and tags (!); please write every value out.")
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise UserError("This YAML has too many lists inside each other.")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _number(loader: _Loader, node: Any) -> Any:
    if len(node.value) > _MOST_DIGITS:
        raise UserError(f"A number in this YAML has more than {_MOST_DIGITS} digits.")
    return yaml.SafeLoader.yaml_constructors[node.tag](loader, node)


_Loader.add_constructor(_INT, _number)
_Loader.add_constructor(_FLOAT, _number)


def documents(text: str, otherwise: str) -> list[Any]:
    """Return what the documents of a text say, those that say nothing left out.

    Raises:
        UserError: with the words of `otherwise` where the text is no YAML; in its own where it is more than plain.
    """
    if len(text) > MOST_CHARS:
        raise UserError(f"This text has {len(text):,} characters; YAML of at most {MOST_CHARS:,} is read.")
    try:
        return [one for one in yaml.load_all(text, _Loader) if one is not None]
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # a number like 0b_ fails in Python's own words
        raise UserError(otherwise) from error


def document(text: str, otherwise: str) -> Any:
    """Return what the only document of a text says, None where there is none; raise UserError as `documents`."""
    found = documents(text, otherwise)
    if len(found) > 1:
        raise UserError(otherwise)
    return found[0] if found else None
