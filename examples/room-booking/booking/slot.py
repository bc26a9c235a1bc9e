"""A span of time on one day, in minutes since midnight."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Slot:
    start: int
    end: int

    def __post_init__(self):
        if not 0 <= self.start < self.end <= 24 * 60:
            raise ValueError(f"not a slot of one day: {self.start} to {self.end}")

    @classmethod
    def parse(cls, text):
        """Read ``9:00-10:30``."""
        start, end = (_minutes(part) for part in text.split("-"))
        return cls(start, end)

    @property
    def length(self):
        return self.end - self.start

    def overlaps(self, other):
        """Whether there is a moment that belongs to both."""
        return self.start <= other.end and other.start < self.end

    def __str__(self):
        return f"{_clock(self.start)} to {_clock(self.end)}"


def _minutes(text):
    hours, minutes = text.strip().split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes):
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
