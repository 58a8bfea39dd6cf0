"""The section `redemptions`."""

from typing import Annotated

from pydantic import Field

from points.program_file import Section


class RedemptionsSection(Section):
    """How long a redemption waits for its member, and how long an address is kept after it."""

    claim_days: Annotated[int, Field(ge=1, le=365)] = 14
    address_days: Annotated[int, Field(ge=0, le=3_650)] = 90
