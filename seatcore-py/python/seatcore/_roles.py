"""What people are, and what they may do: the words of the one role table."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """What a user is. Each may do what the one before may, and compares as less than the next."""

    CUSTOMER = "customer"
    STAFF = "staff"
    MANAGER = "manager"

    # By rank: as words, a manager would come before staff.
    def __lt__(self, other: object) -> bool:
        if isinstance(other, Role):
            ranks = list(Role)
            return ranks.index(self) < ranks.index(other)
        return NotImplemented

    def __le__(self, other: object) -> bool:
        return self == other or self < other if isinstance(other, Role) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return not self <= other if isinstance(other, Role) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return not self < other if isinstance(other, Role) else NotImplemented


class Deed(enum.StrEnum):
    """What one needs a right for: the rows of the one role table."""

    BROWSE = "browse"
    BUY = "buy"
    SELL = "sell"
    BLOCK = "block"
    CANCEL_FOR_OTHERS = "cancel_for_others"
    SEE_OTHERS = "see_others"
    EDIT_CATALOGUE = "edit_catalogue"
    EDIT_USERS = "edit_users"
    OWN_ACCOUNT = "own_account"
    MEASURE = "measure"
