"""Settings of the rooms above, in the program file with the rest."""

from typing import Annotated, Any

import pytest
from pydantic import Field
from pytest_django.fixtures import Settings

from points import selectors
from points.errors import BadProgramFile
from points.program_file import ProgramFile, Section, parse, render
from points.selectors import program_file, section
from points.services import load_program


class GardenSection(Section):
    """What a room above says of gardens."""

    beds: Annotated[int, Field(ge=1, le=9)] = 2
    plants: list[str] = Field(default_factory=list)
    water: dict[str, int] = Field(default_factory=dict)


SECTIONS = {"garden": GardenSection}


@pytest.fixture(autouse=True)
def _a_room(settings: Settings) -> None:
    settings.PROGRAM_SECTIONS = (f"{__name__}.SECTIONS",)


def load(text: str, *, dry_run: bool = False) -> Any:
    return load_program(source=parse(content=text.encode()), dry_run=dry_run)


def test_a_section_is_loaded_read_and_written(db: None) -> None:
    load("garden: {beds: 5, plants: [rose, no], water: {monday: 3}}")
    wanted = GardenSection(beds=5, plants=["rose", "no"], water={"monday": 3})
    assert section(shape=GardenSection) == wanted
    text = render(program_file())
    assert "garden: {beds: 5" in text
    assert parse(content=text.encode()) == program_file()
    assert not load(text)


def test_what_a_file_leaves_out_takes_its_default(db: None) -> None:
    assert section(shape=GardenSection) == GardenSection()
    load("garden: {beds: 5}")
    load("{}")
    assert section(shape=GardenSection) == GardenSection()


def test_a_change_is_told_and_a_dry_run_makes_none(db: None) -> None:
    [change] = load("garden: {beds: 5}", dry_run=True).changes
    assert (change.section, change.kind) == ("garden", "changed")
    [field] = change.fields
    assert (field.name, field.before, field.after) == ("beds", "2", "5")
    assert section(shape=GardenSection).beds == 2


def test_a_process_that_remembered_the_old_settings_sees_the_new(db: None) -> None:
    assert section(shape=GardenSection).beds == 2
    load("garden: {beds: 5}")
    assert section(shape=GardenSection).beds == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("garden: {beds: 10}", "garden.beds: should be at most 9 (line 1)"),
        ("garden:\n  bedz: 1", "garden.bedz: unknown field (did you mean beds?) (line 2)"),
        ("gardn: {}", "gardn: unknown field (did you mean garden?) (line 1)"),
        ("garden: 3", "garden: should be a mapping of fields (line 1)"),
        ("garden: {plants: [rose, 7]}", "garden.plants[1]: should be text; put it in quotes"),
    ],
)
def test_a_bad_section_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BadProgramFile) as refused:
        parse(content=text.encode())
    assert said in "\n".join(map(str, refused.value.errors))


def test_settings_of_a_room_that_is_gone_are_left_out(db: None, settings: Settings) -> None:
    load("garden: {beds: 5}")
    settings.PROGRAM_SECTIONS = ()
    selectors.forget_program()
    assert isinstance(program_file(), ProgramFile)
    assert "garden" not in render(program_file())
