"""YAML text to plain values, with the line of each.

Scalars follow the core schema of YAML 1.2 to the letter: `no` and `04:00` are text, `1_000` too,
and an instant stays text until its field reads it. Anchors, aliases and tags are refused, so a
small file is a small program.
"""

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.utils.translation import gettext as _
from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from kit.errors import FieldError
from kit.fields import SAFE_INTEGER

MAX_DEPTH = 20

Path: TypeAlias = tuple[str | int, ...]

_NULL = {"", "~", "null", "Null", "NULL"}
_TRUTH = {
    word: word.lower() == "true" for word in ["true", "True", "TRUE", "false", "False", "FALSE"]
}
_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem(FieldError):
    """What is wrong in one place of a program file."""

    line: int

    def __str__(self) -> str:
        return f"{self.field or _('file')}: {self.detail} ({_('line %d') % self.line})"


class Unreadable(Exception):
    """Reading cannot go on: the problems found so far are all that can be told."""


@dataclass(slots=True)
class Tree:
    """The plain values of a file, the line of each path, and what no field can mend."""

    value: Any = None
    is_whole: bool = False
    lines: dict[Path, int] = field(default_factory=dict)
    problems: dict[Path, Problem] = field(default_factory=dict)

    def report(self, path: Path, line: int, code: str, detail: str) -> None:
        """Remember a problem; the first one of a path stands."""
        self.problems.setdefault(path, Problem(shown(path), code, detail, line))

    def line_of(self, path: Path) -> int:
        """Return the line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def shown(path: Path) -> str:
    """Return a path as people write it: `rules[3].when.all[0].field`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step[:64]}"
    return text.removeprefix(".")


def read_tree(text: str) -> Tree:
    """Return the values of the one document in `text`; its `problems` say what is wrong."""
    tree = Tree()
    try:
        _Builder(tree).build(YAML(typ="safe", pure=True).parse(io.StringIO(text)))
        tree.is_whole = True
    except Unreadable:
        pass
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        tree.report((), line, "not_yaml", _("is not YAML: %s") % (error.problem or error.context))
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        tree.report((), line, "not_yaml", _("holds a character that YAML does not allow"))
    return tree


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet; `key` waits for its value."""

    container: Any
    path: Path
    key: str | None = None
    key_line: int = 0


class _Builder:
    """Puts values together from the parser's events, without recursion."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.open: list[_Open] = []
        self.documents = 0

    def build(self, events: Iterator[Any]) -> None:
        for event in events:
            line = event.start_mark.line + 1
            match event:
                case yaml_events.DocumentStartEvent():
                    self._start_document(line)
                case yaml_events.MappingEndEvent() | yaml_events.SequenceEndEvent():
                    self.open.pop()
                case yaml_events.NodeEvent():
                    self._take(event, line)

    def _start_document(self, line: int) -> None:
        self.documents += 1
        if self.documents > 1:
            self.tree.report((), line, "not_one_document", _("holds more than one document"))
            raise Unreadable

    def _take(self, event: yaml_events.NodeEvent, line: int) -> None:
        inside = self.open[-1] if self.open else None
        if inside and isinstance(inside.container, dict) and inside.key is None:
            self._take_key(inside, event, line)
            return
        path = self._path()
        self.tree.lines.setdefault(
            path, inside.key_line if inside and inside.key is not None else line
        )
        self._refuse_magic(event, path, line)
        match event:
            case yaml_events.MappingStartEvent():
                self._enter({}, path, line)
            case yaml_events.SequenceStartEvent():
                self._enter([], path, line)
            case yaml_events.ScalarEvent():
                self._place(self._scalar(event, path, line))
            case _:
                self._place(None)

    def _take_key(self, inside: _Open, event: yaml_events.NodeEvent, line: int) -> None:
        if not isinstance(event, yaml_events.ScalarEvent):
            self.tree.report(inside.path, line, "bad_key", _("has a key that is not plain text"))
            raise Unreadable
        self._refuse_magic(event, (*inside.path, event.value), line)
        inside.key, inside.key_line = event.value, line
        path = (*inside.path, event.value)
        if path in self.tree.lines:
            detail = _("is given twice, first in line %d") % self.tree.lines[path]
            self.tree.report(path, line, "repeated_key", detail)

    def _path(self) -> Path:
        if not self.open:
            return ()
        inside = self.open[-1]
        step = inside.key if inside.key is not None else len(inside.container)
        return (*inside.path, step)

    def _enter(self, container: object, path: Path, line: int) -> None:
        self._place(container)
        if len(self.open) == MAX_DEPTH:
            detail = _("is nested deeper than %d levels") % MAX_DEPTH
            self.tree.report(path, line, "too_deep", detail)
            raise Unreadable
        self.open.append(_Open(container, path))

    def _place(self, value: object) -> None:
        if not self.open:
            self.tree.value = value
            return
        inside = self.open[-1]
        if inside.key is None:
            inside.container.append(value)
        else:
            inside.container[inside.key] = value
            inside.key = None

    def _refuse_magic(self, event: yaml_events.NodeEvent, path: Path, line: int) -> None:
        if event.anchor is not None:
            detail = _("anchors (&) and aliases (*) are not allowed; write the value out")
            self.tree.report(path, line, "anchor", detail)
        elif getattr(event, "tag", None) is not None:
            self.tree.report(path, line, "tag", _("tags (!) are not allowed"))

    def _scalar(self, event: yaml_events.ScalarEvent, path: Path, line: int) -> object:
        text: str = event.value
        if _UNSTORABLE.search(text):
            detail = _("holds a character that cannot be stored")
            self.tree.report(path, line, "unstorable", detail)
        if event.style:
            return text
        if text in _NULL:
            return None
        if text in _TRUTH:
            return _TRUTH[text]
        number = _number(text)
        if number is not None and not abs(number) <= SAFE_INTEGER:
            self.tree.report(path, line, "number_too_large", _("is too large a number"))
            return 0
        return text if number is None else number


def _number(text: str) -> float | None:
    """Return the number that plain text stands for, infinite when it is out of all bounds."""
    if _WHOLE.fullmatch(text):
        digits = len(text.lstrip("+-0"))
        return int(text, 0 if text[:2] in {"0o", "0x"} else 10) if digits <= 20 else math.inf  # noqa: PLR2004
    return float(text.replace(".inf", "inf", 1)) if _REAL.fullmatch(text.lower()) else None
