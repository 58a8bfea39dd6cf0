"""What no linter knows about the house: a page of `ast`.

Each rule reads one file and yields a line number and a sentence for every breach.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ("kit", "members", "points", "activities", "rewards", "voting", "insights", "pointsvc")
OTHERS = ("benchmarks", "tests")
LINES_OF_A_FUNCTION = 40
LINES_OF_A_FILE = 300

EDGE = {"views", "tasks", "admin", "management", "authentication"}
BELOW = {
    *("services", "ledger", "selectors", "program_file", "decisions", "brakes"),
    *("segments", "book", "rules"),
    *("models", "errors"),
}
KIT = {
    *("__init__", "admin", "api", "apps", "bulk", "clock", "errors", "fields", "files"),
    *("idempotency", "imports", "jobs", "migrations", "models", "outgoing", "pages", "paths"),
    *("schema", "sheets", "tasks", "together", "transactions"),
}
NOWHERE = {"utils", "util", "helpers", "common", "misc", "signals", "managers"}
WRITES = {
    *("save", "delete", "create", "get_or_create", "update_or_create"),
    *("bulk_create", "bulk_update", "select_for_update"),
}
WRITING_SQL = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+\S+(\s+AS\s+\w+)?\s+SET|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE)\b"
)
CLOCKS = {"timezone.now", "time.time"}
SENTENCE = re.compile(r"[a-z]+(_[a-z0-9]+){2,}")
BARE_SILENCE = re.compile(r"#\s*(noqa(?!: [A-Z]+\d+)|type:\s*ignore(?!\[)|nosec(?! B\d+))")

Node = TypeVar("Node", bound=ast.AST)
Breaches = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class File:
    """One Python file of the tree."""

    path: Path
    """Below the tree's root."""
    text: str
    door: str = ""
    """What the `__init__.py` beside it says."""

    @cached_property
    def tree(self) -> ast.Module:
        """What the file says."""
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The package that the file belongs to."""
        return self.path.parts[0]

    @property
    def kind(self) -> str:
        """The floor inside the room; a folder counts as the file of its name."""
        return self.path.parts[1].removesuffix(".py")

    @property
    def is_house(self) -> bool:
        """Whether the file is part of the service, and written by hand."""
        return self.room in FLOORS and self.kind != "migrations"

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        kinds: dict[type[ast.AST], list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            kinds.setdefault(type(node), []).append(node)
        return kinds

    def nodes(self, kind: type[Node]) -> list[Node]:
        """Every node of a kind."""
        return cast("list[Node]", self._nodes.get(kind, []))


def views_and_their_like_neither_query_nor_write(file: File) -> Breaches:
    """They parse, read the clock, make one call and render."""
    if file.is_house and file.kind in EDGE | {"serializers"}:
        for node in file.nodes(ast.Attribute):
            if node.attr == "objects" or node.attr in WRITES:
                yield node.lineno, f"`.{node.attr}` belongs in services or selectors"
        for line, module in _imports(file):
            if module.startswith(("django.db.transaction", "kit.transactions")):
                yield line, "transactions belong in services"


def serializers_call_no_service(file: File) -> Breaches:
    """They may name what a service takes and returns: classes, not functions."""
    if file.is_house and file.kind == "serializers":
        for line, name in _imports(file):
            if re.search(r"\b(services|ledger)\b", name) and name.rpartition(".")[2].islower():
                yield line, f"`{name}` is called by views"


def selectors_only_read(file: File) -> Breaches:
    """They return QuerySets or frozen dataclasses; they do not write and do not lock.

    One that reads twice may open a transaction to see one instant.
    """
    if file.is_house and file.kind == "selectors":
        for node in file.nodes(ast.Attribute):
            if node.attr in WRITES:
                yield node.lineno, f"`.{node.attr}` belongs in services"


def transactions_say_whether_they_are_outermost(file: File) -> Breaches:
    """`durable=True` in the outermost service, `savepoint=False` in those that others call."""
    if file.is_house:
        said = {
            node.func
            for node in file.nodes(ast.Call)
            if {word.arg for word in node.keywords} & {"durable", "savepoint"}
        }
        for node in file.nodes(ast.Attribute):
            if ast.unparse(node).endswith("transaction.atomic") and node not in said:
                yield node.lineno, "`atomic` says durable=True or savepoint=False"


def nothing_below_the_edge_knows_http_or_the_clock(file: File) -> Breaches:
    """The request stops at the view; the clock is read there, once, and passed as `now`."""
    if not file.is_house or file.room == "pointsvc" or file.kind not in BELOW:
        return
    for line, module in _imports(file):
        if module.startswith(("django.http", "django.shortcuts", "django.urls")):
            yield line, f"`{module}` belongs at the edge"
        if file.kind == "rules" and re.match(r"django\.(?!utils\.)", module):
            yield line, f"`{module}` does not belong in plain arithmetic"
    for attribute in file.nodes(ast.Attribute):
        if attribute.attr in {"now", "time"} and ast.unparse(attribute) in CLOCKS:
            yield attribute.lineno, "the clock is read at the edge and passed as `now`"


def functions_and_files_stay_short(file: File) -> Breaches:
    """At most 40 lines and 300 lines."""
    if file.is_house or file.room == "benchmarks":
        for node in file.nodes(ast.FunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield node.lineno, f"`{node.name}` has {lines} lines, at most {LINES_OF_A_FUNCTION}"
        if (lines := file.text.count("\n")) > LINES_OF_A_FILE:
            yield 1, f"the file has {lines} lines, at most {LINES_OF_A_FILE}"


def every_file_has_its_place(file: File) -> Breaches:
    """The kit stays small, and no room has a drawer for the rest."""
    if file.room == "kit" and file.kind not in KIT:
        yield 1, f"the kit has no `{file.kind}`"
    if file.room in FLOORS and file.path.stem in NOWHERE:
        yield 1, f"`{file.path.stem}` says nothing: name the noun"


def services_and_selectors_promise_and_take_keywords(file: File) -> Breaches:
    """A call site reads as a sentence, and a reader finds the promise in the first line."""
    if not file.is_house or file.kind not in {"services", "selectors"}:
        return
    shown = set(re.findall(r"\w+", file.door))
    for node in file.tree.body:
        # In a folder, public is what its door shows.
        is_public = not file.door or (isinstance(node, ast.FunctionDef) and node.name in shown)
        if isinstance(node, ast.FunctionDef) and is_public and not node.name.startswith("_"):
            if node.args.args or node.args.posonlyargs or node.args.vararg:
                yield node.lineno, f"`{node.name}` takes keywords only"
            if not ast.get_docstring(node):
                yield node.lineno, f"`{node.name}` has no docstring"


def sql_that_writes_is_in_the_ledger(file: File) -> Breaches:
    """The one place of hand-written SQL that writes; kit.bulk writes plain rows of any table."""
    if not file.is_house or file.path.parts[:2] in {
        ("points", "ledger.py"),
        ("points", "ledger"),
        ("kit", "bulk.py"),
    }:
        return
    documentation = {
        id(node.value) for node in file.nodes(ast.Expr) if isinstance(node.value, ast.Constant)
    }
    for node in file.nodes(ast.Constant):
        if id(node) in documentation or not isinstance(node.value, str):
            continue
        if found := WRITING_SQL.search(node.value):
            yield node.lineno, f"`{found[0]}` belongs in points/ledger"
    if file.room not in {"kit", "points", "pointsvc"} and file.kind != "selectors":
        for attribute in file.nodes(ast.Attribute):
            if attribute.attr == "cursor":
                yield attribute.lineno, "`cursor` belongs in points/ledger"


def constraints_are_sentences(file: File) -> Breaches:
    """`account_available_not_negative`: the name tells what a breach of it means."""
    if not file.is_house or file.kind != "models":
        return
    for node in file.nodes(ast.Call):
        if ast.unparse(node.func).endswith("Constraint"):
            names = [word.value for word in node.keywords if word.arg == "name"]
            name = names[0].value if names and isinstance(names[0], ast.Constant) else None
            if not isinstance(name, str) or not SENTENCE.fullmatch(name):
                yield node.lineno, f"the constraint's name {name!r} is not a sentence"


def rows_have_no_side_effects(file: File) -> Breaches:
    """A model says what a row is. What happens to it is a service's business."""
    if file.is_house and file.kind == "models":
        for node in file.nodes(ast.FunctionDef):
            if node.name in {"save", "delete"}:
                yield node.lineno, f"`{node.name}` is not overridden: write a service"


def instants_end_in_at_and_dates_in_on(file: File) -> Breaches:
    """One look at a column's name tells what it holds."""
    if not file.is_house or file.kind != "models":
        return
    endings = {"models.DateTimeField": "_at", "models.DateField": "_on"}
    for node in file.nodes(ast.Assign):
        if isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            name, ending = node.targets[0].id, endings.get(ast.unparse(node.value.func), "")
            if not name.endswith(ending):
                yield node.lineno, f"`{name}` ends in `{ending}`"


def migrations_need_no_extension(file: File) -> Breaches:
    """Any PostgreSQL will do, the embedded one included."""
    if file.room in FLOORS and file.kind == "migrations":
        for number, line in enumerate(file.text.splitlines(), start=1):
            if re.search(r"\w+Extension\b|CREATE\s+EXTENSION", line):
                yield number, "no PostgreSQL extension in a migration"


def silence_names_what_it_silences(file: File) -> Breaches:
    """A bare `noqa` hides tomorrow's mistake too."""
    if not BARE_SILENCE.search(file.text):
        return
    for token in tokenize.generate_tokens(io.StringIO(file.text).readline):
        if token.type == tokenize.COMMENT and (found := BARE_SILENCE.search(token.string)):
            yield token.start[0], f"`{found[0]}` without a code"


RULES: tuple[Callable[[File], Breaches], ...] = (
    views_and_their_like_neither_query_nor_write,
    serializers_call_no_service,
    selectors_only_read,
    transactions_say_whether_they_are_outermost,
    nothing_below_the_edge_knows_http_or_the_clock,
    functions_and_files_stay_short,
    every_file_has_its_place,
    services_and_selectors_promise_and_take_keywords,
    sql_that_writes_is_in_the_ledger,
    constraints_are_sentences,
    rows_have_no_side_effects,
    instants_end_in_at_and_dates_in_on,
    migrations_need_no_extension,
    silence_names_what_it_silences,
)


def breaches(rule: Callable[[File], Breaches], tree: Iterable[File]) -> list[str]:
    """Return every breach of the rule in the files of a tree, as `path:line: sentence`."""
    return [f"{file.path}:{line}: {sentence}" for file in tree for line, sentence in rule(file)]


def _imports(file: File) -> Breaches:
    """Every imported name in full, with its line."""
    for plain in file.nodes(ast.Import):
        yield from ((plain.lineno, name.name) for name in plain.names)
    for node in file.nodes(ast.ImportFrom):
        yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def files(root: Path) -> list[File]:
    """Every Python file of the packages below `root`."""
    found = []
    for package in (*FLOORS, *OTHERS):
        for path in sorted((root / package).rglob("*.py")):
            door = path.with_name("__init__.py")
            says = door.read_text(encoding="utf-8") if door.exists() else ""
            found.append(File(path.relative_to(root), path.read_text(encoding="utf-8"), says))
    return found
