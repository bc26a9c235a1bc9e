"""Books meeting rooms by the minute."""

from booking.room import Room, Taken
from booking.slot import Slot

__all__ = ["Room", "Slot", "Taken"]
