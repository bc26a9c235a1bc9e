"""A room and the meetings in it."""

from booking.slot import Slot

DAY = Slot(8 * 60, 18 * 60)


class Taken(Exception):
    """The room has a meeting in that time."""


class Room:
    def __init__(self, name, hours=DAY):
        self.name = name
        self.hours = hours
        self.slots = []

    def book(self, text):
        """Book the room for a time such as ``9:00-10:30``; raises Taken or ValueError."""
        wanted = Slot.parse(text)
        if wanted.start < self.hours.start or wanted.end > self.hours.end:
            raise ValueError(f"{self.name} is open from {self.hours}")
        for slot in self.slots:
            if wanted.overlaps(slot):
                raise Taken(f"{self.name} is taken from {slot}")
        self.slots.append(wanted)
        self.slots.sort()
        return wanted

    def cancel(self, text):
        """Remove a booking; raises ValueError when there is none at exactly that time."""
        self.slots.remove(Slot.parse(text))

    def free(self):
        """The times of the day at which the room can still be booked."""
        gaps, start = [], self.hours.start
        for slot in self.slots:
            if start < slot.start:
                gaps.append(Slot(start, slot.start))
            start = slot.end
        if start < self.hours.end:
            gaps.append(Slot(start, self.hours.end))
        return gaps

    def minutes_booked(self):
        return sum(slot.length for slot in self.slots)
