"""A program file as people like to read it."""

from collections.abc import Iterable

from points.program_file import said
from points.program_file.sections import lists_of, sections_of
from points.program_file.shape import ProgramFile

WIDTH = 100


def render(program: ProgramFile) -> str:
    """Return the YAML text that `parse` reads back as the same program."""
    return "".join(
        [
            "community:\n",
            *(f"  {name}: {text}\n" for name, text in said.of_community(program.community).items()),
            f"expiry: {_flow(said.of_expiry(program.expiry))}\n",
            f"adjustments: {_flow(said.of_adjustments(program.adjustments))}\n",
            *(_settings(name, said.of_section(section)) for name, section in sections_of(program)),
            *_section("levels", map(said.of_level, program.levels)),
            *_if_any("segments", map(said.of_segment, program.segments)),
            *_section("caps", map(said.of_cap, program.caps)),
            *_if_any("brakes", map(said.of_brake, program.brakes)),
            *_section("rules", map(said.of_rule, program.rules)),
            *(
                line
                for name, items in lists_of(program)
                for line in _section(name, map(said.of_listed, items))
            ),
        ]
    )


def _settings(name: str, words: said.Words) -> str:
    line = f"{name}: {_flow(words)}\n"
    if len(line) <= WIDTH:
        return line
    return f"{name}:\n" + "".join(f"  {field}: {text}\n" for field, text in words.items())


def _section(name: str, items: Iterable[said.Words]) -> list[str]:
    lines = [_item(item) for item in items]
    return [f"{name}:\n", *lines] if lines else [f"{name}: []\n"]


def _if_any(name: str, items: Iterable[said.Words]) -> list[str]:
    written = list(items)
    return _section(name, written) if written else []


def _item(item: said.Words) -> str:
    line = f"  - {_flow(item)}\n"
    if len(line) <= WIDTH and "when" not in item:
        return line
    return "  - " + "    ".join(f"{name}: {text}\n" for name, text in item.items())


def _flow(item: said.Words) -> str:
    return "{" + ", ".join(f"{name}: {text}" for name, text in item.items()) + "}"
