"""Path converters: an id that cannot exist is a route that does not exist, so 404."""

from kit.fields import SAFE_INTEGER, is_identifier

LONGEST_IDENTIFIER = 64


class IdConverter:
    """`<id:pk>`: a row's id, 1 to 2⁵³ - 1, written the one way an integer is."""

    regex = "[1-9][0-9]{0,15}"

    def to_python(self, value: str) -> int:
        """Return the id. ValueError, which Django takes as no match, where it is too large."""
        number = int(value)
        if number > SAFE_INTEGER:
            raise ValueError(value)
        return number

    def to_url(self, value: int) -> str:
        """Return the id as it stands in a path."""
        return str(value)


class IdentifierConverter:
    """`<identifier:external_id>`: another system's name for something."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """Return the name. ValueError, which Django takes as no match, where it cannot be one."""
        if len(value) > LONGEST_IDENTIFIER or not is_identifier(value):
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        """Return the name as it stands in a path; Django quotes it."""
        return value
