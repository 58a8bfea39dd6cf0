"""What the service says to people, and the catalogue that says it in Chinese.

It says what stands in its code and templates, and what the packages it is built on say without a
Chinese word of their own. `python -m tests.words` brings the catalogue up to date, and needs none
of gettext's tools.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import NamedTuple

import django
import django.conf
import polib
from django.apps import apps
from django.utils.translation.template import templatize

from tests.house.rules import FLOORS, ROOT, File, files

CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

WELCOME = (
    "Simplified Chinese. `make messages` keeps this file; docs/words.md says which word to use."
)

HEADER = {
    "Project-Id-Version": "pointsvc",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


class Message(NamedTuple):
    """What the code says; what a message does not have is empty."""

    text: str
    plural: str = ""
    context: str = ""


BORROWED = frozenset(
    map(
        Message,
        [
            '"{input}" is not a valid choice.',
            "A valid integer is required.",
            "Authentication credentials were not provided.",
            "Could not satisfy the request Accept header.",
            "Ensure this field has no more than {max_length} characters.",
            "Ensure this field has no more than {max_length} elements.",
            "Ensure this value is greater than or equal to {min_value}.",
            "Ensure this value is less than or equal to {max_value}.",
            "Enter a valid URL.",
            'Expected a dictionary of items but got type "{input_type}".',
            'Expected a list of items but got type "{input_type}".',
            "Expected available in {wait} second.",
            "Expected available in {wait} seconds.",
            "Invalid data. Expected a dictionary, but got {datatype}.",
            'Method "{method}" not allowed.',
            "Not a valid string.",
            "Null characters are not allowed.",
            "Request was throttled.",
            "This field may not be blank.",
            "This field may not be null.",
            'Unsupported media type "{media_type}" in request.',
        ],
    )
)
"""What Django and REST framework say to our callers, and our catalogue says better."""

# Where each of gettext's functions, by the names it goes by here, takes the parts of a message.
_PARTS = {
    "_": ("text",),
    "__": ("text",),
    "gettext": ("text",),
    "ngettext": ("text", "plural"),
    "pgettext": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
}

_TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(?:{'|'.join(_PARTS)})\({_TEXT}(?:, ?(?:{_TEXT}|count))*\)")

_PLACE = re.compile(r"%[%a-z]")
_NAMED_PLACE = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")


def said(root: Path = ROOT) -> set[Message]:
    """Return every message in the code below `root`.

    Raises ValueError, with the place, for one that is only put together when the program runs:
    no catalogue could hold it.
    """
    code = {message for file in files(root) if file.is_house for message in _said_in(file)}
    pages = [page for room in FLOORS for page in (root / room).rglob("templates/**/*.html")]
    return code.union(*map(_said_on, pages))


def left_in_english() -> set[Message]:
    """Return what the installed packages say and no catalogue of theirs says in Chinese."""
    packages = [
        Path(config.path)
        for config in apps.get_app_configs()
        if config.name.partition(".")[0] not in FLOORS
    ]
    theirs: set[Message] = set()
    for folder in [Path(django.conf.__path__[0]), *packages]:
        for catalogue in folder.glob("locale/zh_Hans/LC_MESSAGES/django.mo"):
            theirs.update(map(message_of, polib.mofile(f"{catalogue}").translated_entries()))
    return set().union(*map(said_by, packages)) - theirs


def said_by(package: Path) -> set[Message]:
    """Return what a package's code and pages say; what is optional to it is a package apart."""
    messages: set[Message] = set()
    for path in package.rglob("*"):
        if "contrib" in path.relative_to(package).parts:
            continue
        if path.suffix == ".py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
            messages.update(filter(None, map(_message_in, calls)))
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            messages.update(_said_on(path))
    return messages


def _said_on(page: Path) -> set[Message]:
    """Return what a template says. Django turns it into calls among blanks; these are found."""
    calls = _CALL.findall(templatize(page.read_text(encoding="utf-8")))
    found = (_message_in(ast.parse(call, mode="eval").body) for call in calls)
    return set(filter(None, found))


def updated(catalogue: polib.POFile, *, wanted: AbstractSet[Message]) -> polib.POFile:
    """Return a catalogue of exactly what is wanted, sorted, with the translations that are known.

    Holds no dates and no line numbers, so that it changes only when the words do.
    """
    known = {message_of(entry): entry for entry in catalogue if not entry.obsolete}
    fresh = polib.POFile(wrapwidth=0)
    fresh.header = WELCOME
    fresh.metadata = HEADER
    for message in sorted(wanted):
        was = known.get(message)
        fresh.append(
            polib.POEntry(
                msgid=message.text,
                msgid_plural=message.plural,
                msgctxt=message.context or None,
                msgstr=was.msgstr if was else "",
                msgstr_plural=(was.msgstr_plural if was else {0: ""}) if message.plural else {},
                tcomment=was.tcomment if was else "",
                flags=was.flags if was else [],
            )
        )
    return fresh


def faults(catalogue: polib.POFile, compiled: bytes, *, wanted: AbstractSet[Message]) -> list[str]:
    """Return what is wrong with a catalogue and with the file it was compiled to."""
    known = {message_of(entry) for entry in catalogue if not entry.obsolete}
    return [
        *(f"{message.text!r} is missing" for message in sorted(wanted - known)),
        *(f"{message.text!r} is said no more" for message in sorted(known - wanted)),
        *(f"{entry.msgid!r} is not translated" for entry in catalogue.untranslated_entries()),
        *(f"{entry.msgid!r} is fuzzy" for entry in catalogue.fuzzy_entries()),
        *(f"{entry.msgid!r} has other placeholders" for entry in catalogue if not _fits(entry)),
        *(["the .po is not as `make messages` writes it"] * _differs(catalogue, wanted)),
        *(["the .mo is not what the .po compiles to"] * (catalogue.to_binary() != compiled)),
    ]


def _differs(catalogue: polib.POFile, wanted: AbstractSet[Message]) -> bool:
    return f"{catalogue}" != f"{updated(catalogue, wanted=wanted)}"


def _fits(entry: polib.POEntry) -> bool:
    """Whether the translation, if there is one, has the places of the text: any order if named."""
    text = entry.msgid_plural or entry.msgid
    says = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    return all(_places(said) == _places(text) for said in says if said)


def _places(text: str) -> tuple[list[str], set[str]]:
    return _PLACE.findall(text), set(_NAMED_PLACE.findall(text))


def message_of(entry: polib.POEntry) -> Message:
    """Return what an entry of a catalogue translates."""
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _said_in(file: File) -> Iterator[Message]:
    for call in file.nodes(ast.Call):
        message = _message_in(call)
        if _parts(call) and message is None:
            name = ast.unparse(call.func).rpartition(".")[2]
            raise ValueError(f"{file.path}:{call.lineno}: {name} takes plain text only")
        if message:
            yield message


def _parts(call: ast.Call) -> tuple[str, ...]:
    name = ast.unparse(call.func).rpartition(".")[2]
    return _PARTS.get(name.removesuffix("_lazy").removesuffix("_noop"), ())


def _message_in(call: ast.expr) -> Message | None:
    """Return what a call of one of gettext's functions says, if it says it plainly."""
    assert isinstance(call, ast.Call)
    parts = _parts(call)
    texts = [_text(argument) for argument in call.args[: len(parts)]]
    if not parts or len(texts) != len(parts) or not all(texts):
        return None
    return Message(**dict(zip(parts, texts, strict=True)))


def _text(node: ast.expr) -> str:
    """Return the text that stands in the code; empty where there is something else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def everything() -> set[Message]:
    """Return all that the catalogue holds."""
    return said() | left_in_english() | BORROWED


def main() -> None:
    """Write the catalogue and what it compiles to."""
    catalogue = polib.pofile(CATALOGUE.read_text(encoding="utf-8") if CATALOGUE.exists() else "")
    fresh = updated(catalogue, wanted=everything())
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text(f"{fresh}", encoding="utf-8", newline="\n")
    CATALOGUE.with_suffix(".mo").write_bytes(fresh.to_binary())
    for entry in fresh.untranslated_entries() + fresh.fuzzy_entries():
        sys.stdout.write(f"not translated: {entry.msgid}\n")
    sys.stdout.write(f"{len(fresh)} messages\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main()
