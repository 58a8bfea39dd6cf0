"""What a program file may say of check-ins."""

import pytest
from django.utils import translation

from activities.program_file.check_ins import CheckInSection
from points.errors import BadProgramFile
from points.program_file import parse, render
from points.selectors import program_file, section
from points.services import load_program


def faults(text: str) -> list[str]:
    with pytest.raises(BadProgramFile) as refused:
        parse(content=text.encode())
    return list(map(str, refused.value.errors))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("check_ins: {mode: ring}", "check_ins.mode: should be one of endless, cycle, month"),
        ("check_ins: {milestones: [7, 3]}", "check_ins: has milestones that do not rise"),
        ("check_ins: {milestones: [0]}", "check_ins.milestones[0]: should be at least 1"),
        ("check_ins: {cycle_days: 1}", "check_ins.cycle_days: should be at least 2"),
        (
            "check_ins:\n  makeups:\n    within_day: 7",
            "check_ins.makeups.within_day: unknown field (did you mean within_days?) (line 3)",
        ),
        ("check_ins: {makeups: {within_days: 32}}", "within_days: should be at most 31"),
        ("check_ins: {makeups: {points: -1}}", "points: should be at least 0"),
        ("check_ins: {makeups: {points: null, card: false}}", "should cost points or a card"),
        ("check_ins: {makeups: {card: 1}}", "card: should be true or false"),
        ("check_ins: {freezes: {in_a_row: 0}}", "in_a_row: should be at least 1"),
        ("check_ins: {freezes: {earned_at: [8]}}", "has no milestone at 8 days"),
        ("check_ins: {mode: cycle, makeups: {cards_at: [10]}}", "has no milestone at 10 days"),
        ("check_ins: 3", "check_ins: should be a mapping of fields (line 1)"),
    ],
)
def test_a_bad_section_is_told_with_its_place(text: str, said: str) -> None:
    assert said in "\n".join(faults(text))


def test_faults_are_told_in_chinese_too() -> None:
    with translation.override("zh-hans"):
        [fault] = faults("check_ins: {milestones: [7, 3]}")
    assert "中的里程碑没有递增" in fault


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "check_ins: {mode: cycle, cycle_days: 5, makeups: {cards_at: [10]}}",
        "check_ins: {mode: month, freezes: {earned_at: [28, 29, 30, 31]}}",
        "check_ins: {milestones: [], makeups: {points: null}, freezes: {points: 5, most_held: 0}}",
    ],
)
def test_what_is_loaded_is_read_and_written(db: None, text: str) -> None:
    source = parse(content=text.encode())
    load_program(source=source, dry_run=False)
    assert section(shape=CheckInSection) == getattr(source, "check_ins", CheckInSection())
    assert parse(content=render(program_file()).encode()) == program_file()
    assert not load_program(source=source, dry_run=True)


def test_the_defaults_are_those_of_the_page() -> None:
    said = CheckInSection()
    assert said.milestones == [3, 7, 30, 100, 365]
    assert (said.makeups.within_days, said.makeups.per_month) == (7, 3)
    assert (said.freezes.most_held, said.freezes.in_a_row) == (2, 2)
