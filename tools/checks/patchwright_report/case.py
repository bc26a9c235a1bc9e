"""One test between its start and its end."""

LONGEST = 2000
"""Characters of a message; after a thousand failures the rest are told in a line each."""
LONGEST_CRASH = 600
MANY = 1000
SHORT = 200


class Running:
    """One test that has begun; what it is when nothing more is said is told by ``outcome``."""

    def __init__(self, name: str, outcome: str = "skipped") -> None:
        self.name = name
        self.outcome = outcome
        self.seconds = 0.0
        self.message = ""

    @property
    def broken(self) -> bool:
        """Whether it failed or could not run."""
        return self.outcome in ("failed", "error")

    def become(self, outcome: str, message: str = "") -> None:
        """Take on an outcome; the first thing that breaks is what the case tells."""
        if not self.broken:
            self.outcome, self.message = outcome, message

    def fail(self, message: str) -> None:
        """It did not end as a test ends, whatever was said of it."""
        self.outcome, self.message = "failed", message

    def expire(self, message: str) -> None:
        """It ran too long, and may have passed all the same or failed in the words of others."""
        if not self.broken:
            self.fail(message)
        elif message not in self.message:
            self.message = f"{message}\n{self.message}"


def shorten(text: str, crash: str = "") -> str:
    """An error's text: all of it, or where and why it crashed and then its last lines."""
    if len(text) <= LONGEST:
        return text
    crash = (crash or text)[:LONGEST_CRASH]
    tail = text[len(crash) - LONGEST :]
    return "\n...\n".join((crash, tail.partition("\n")[2] or tail))
