"""What the program file says of the monthly awards."""

from points.program_file import Section
from voting.program_file.awards import AwardsSection, CategorySection, FairnessSection

SECTIONS: dict[str, type[Section]] = {"awards": AwardsSection}

__all__ = ["SECTIONS", "AwardsSection", "CategorySection", "FairnessSection"]
