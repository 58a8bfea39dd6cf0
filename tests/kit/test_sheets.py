import csv
import io
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from kit.sheets import CELL_LIMIT, Row, Sheet, UnreadableSheet, safe_cell, write_rows

COLUMNS = ("a", "b")


def read(path: Path) -> list[Row]:
    with closing(Sheet.at(path).rows(columns=COLUMNS)) as rows:
        return list(rows)


def save(folder: Path, text: str | bytes, *, encoding: str = "utf-8") -> Path:
    path = folder / "sheet.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UnreadableSheet) as caught:
        read(save(folder, text))
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_is_read_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = save(tmp_path, "a,b\n晨山,竹雨🎋\n", encoding=encoding)
    assert [row.cells for row in read(path)] == [{"a": "晨山", "b": "竹雨🎋"}]


def test_damaged_utf8_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    good = "a,b\n" + "晨山,竹雨\n" * 5
    assert refusal(tmp_path, good.encode() + "静,溪".encode()[:-1] + b"\n") == (
        "Line 7 is damaged: it is not UTF-8."
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_rows_keep_the_line_they_begin_on(tmp_path: Path, newline: str) -> None:
    lines = ["a,b", '1,"one', "two", 'three"', "", "2,x", ",", '"3', '",y']
    rows = read(save(tmp_path, newline.join(lines) + newline))
    assert [(row.line, row.last_line) for row in rows] == [(2, 4), (6, 6), (8, 9)]
    assert rows[0].cells["b"] == f"one{newline}two{newline}three"


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    assert read(save(tmp_path, "b, a \n1,2\n"))[0].cells == {"a": "2", "b": "1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty."),
        ("\n", "missing 'a', 'b'"),
        ("a\n", "missing 'b'"),
        ("a,b,c\n", "unknown 'c'"),
        ("a,b,a\n", "repeated 'a'"),
        ("a;b\n", "missing 'a', 'b'; unknown 'a;b'"),
        ('"a,b\n1,2\n', "Line 1 is not a CSV header."),
        (b"PK\x03\x04....", "This is a XLSX file. Save it as CSV in UTF-8."),
        ("a,b\n1,2\n".encode("utf-16"), "This is a UTF-16 file. Save it as CSV in UTF-8."),
        (b"a,b\n\xff\xff,1\n", "The text is neither UTF-8 nor GB18030."),
        ('a,b\n1,2\n3,"4\n5,6\n', "Line 3 opens a quote that is never closed."),
        ('a,b\n1,"say \\"hi\\""\nx,y\n', "Line 2 escapes a quote with a backslash"),
    ],
)
def test_a_file_that_is_no_such_sheet_is_refused_whole(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    assert said in refusal(tmp_path, text)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(UnreadableSheet):
            Sheet.at(path)


def test_a_bad_row_is_named_and_the_next_one_follows(tmp_path: Path) -> None:
    big = "x" * (10 * 1024 * 1024)
    rows = read(save(tmp_path, f'a,b\n1\n1,2,3\n"1"x,2\n1,"{big}\n7,8"\n1,\0\n5,6\n'))
    told = [(row.line, [(error.field, error.code) for error in row.errors]) for row in rows]
    assert told == [
        (2, [("", "wrong_number_of_cells")]),
        (3, [("", "wrong_number_of_cells")]),
        (4, [("", "broken_quoting")]),
        (5, [("b", "too_long")]),
        (7, [("b", "invalid")]),
        (8, []),
    ]
    assert rows[-1].cells == {"a": "5", "b": "6"}


def test_text_inside_a_long_cell_is_never_taken_for_rows(tmp_path: Path) -> None:
    smuggled = "9,9\n" * CELL_LIMIT
    rows = read(save(tmp_path, f'a,b\n1,"{smuggled}"\n2,2\n'))
    assert [row.cells.get("a") for row in rows] == [None, "2"]


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"a,b\n" + b"x" * (17 * 1024 * 1024)) == "Line 2 is too long."


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = save(tmp_path, "a,b\n" + "12345678,text\n" * count)
        tracemalloc.start()
        with closing(Sheet.at(path).rows(columns=COLUMNS)) as rows:
            assert sum(1 for _row in rows) == count
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(50_000) < 1.2 * peak(5_000)


def test_no_cell_is_written_as_a_formula() -> None:
    file = io.StringIO()
    cells = ["=1+1", "+86", "-5", "@x", "\tx", "\r=1", "＝1", "plain", -5, ""]
    assert write_rows(file, [cells]) == 1
    (row,) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert [cell[:1] for cell in row] == ["'"] * 7 + ["p", "-", ""]
    assert safe_cell(-5) == -5
