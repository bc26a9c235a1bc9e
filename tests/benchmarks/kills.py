"""Kills a run with SIGKILL at moments drawn at random, again and again, and goes on with it.

    python tests/benchmarks/kills.py [--kills 200] [--seed 1] [--sandbox docker]

Each run is a process of its own against a model server on the loopback; it alone is killed, or its
whole process group, by chance. Counted are runs and kills; replies, turns or verdicts that are
missing (lost) or there twice; patches that are not the right one, or not whole (truncated); turns
that the server was asked for again; kills after which that was more than one; and what is left on
the machine when the run has been gone on with to its end: containers, volumes, mounts, processes,
temporary folders. ``tests/stories/test_kills.py`` kills at every step, at chosen points.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent.events import Acted, Judged, Replied
from agent.journal import read_journal
from doubles.leftovers import KINDS, all_volumes, left
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, make_repository
from doubles.scripted_server import ScriptedServer

PROGRAM = str(Path(sys.executable).with_name("patchwright"))
LONGEST = 6.0
"""Seconds after its start within which a process is killed, at random."""
MOST = 12
"""Kills of one run, after which it is let go on to its end."""
BAD = ("lost", "twice", "truncated", "asked again, more than one turn", *KINDS)
"""What must be 0."""


def answer(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A reply that makes one call."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": "call-1", "type": "function", "function": function}
    message = {"role": "assistant", "content": "", "tool_calls": [call]}
    return {
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    }


REPLIES = [
    answer("read", {"path": "calculator.py"}),
    answer("edit", {"operation": "create", "path": "notes.txt", "new": "a note\n"}),
    answer("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT}),
    answer("submit", {"summary": "done", "solved": True}),
]


@dataclass(frozen=True)
class Killing:
    """One run that is killed again and again."""

    folder: Path
    repository: Path
    sandbox: str
    server: ScriptedServer

    @property
    def temporary(self) -> Path:
        """Where all its processes keep their temporary files."""
        return self.folder / "temporary"

    def lives(self, chance: random.Random, kills: int) -> Iterator[bool]:
        """Start the run, go on with it until it ends; of each process whether it was killed."""
        while True:
            process = self._start()
            try:
                process.wait(chance.uniform(0.3, LONGEST) if kills else None)
            except subprocess.TimeoutExpired:
                kills -= 1
                kill = os.killpg if chance.random() < 0.5 else os.kill
                kill(process.pid, signal.SIGKILL)
                process.wait()
                yield True
            else:
                yield False
                return

    def _start(self) -> "subprocess.Popen[bytes]":
        begun = list(self.folder.glob("runs/*/journal.jsonl"))
        start = [
            *("fix", str(self.repository), "--issue", "The mean is one too large"),
            *("--base-url", self.server.url, "--model", "scripted"),
            *("--test", CHECK, "--sandbox", self.sandbox, "--yes"),
        ]
        words = ["resume", "last"] if begun and begun[0].stat().st_size else start
        return subprocess.Popen(
            [PROGRAM, *words, "--runs", str(self.folder / "runs")],
            env={
                "HOME": str(self.folder),
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "TMPDIR": str(self.temporary),
            },
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "errors").open("ab"),
            start_new_session=True,
        )


def one_run(
    folder: Path, repository: Path, chance: random.Random, sandbox: str, kills: int
) -> Counter[str]:
    """Kill one run until it has ended, ``kills`` times at most, and look at what it is."""

    def turn(request: dict[str, Any]) -> int:
        return sum(message["role"] == "assistant" for message in request["messages"])

    volumes = all_volumes()
    counted: Counter[str] = Counter(runs=1)
    with ScriptedServer(lambda request: REPLIES[turn(request)]) as server:
        killing = Killing(folder, repository, sandbox, server)
        killing.temporary.mkdir(parents=True)
        before: Counter[int] = Counter()
        for killed in killing.lives(chance, kills):
            counted["kills"] += killed
            asked = Counter(turn(request) for request in server.posts)
            again = (asked - before) & before
            counted["asked again"] += again.total()
            counted["asked again, more than one turn"] += again.total() > 1
            before = asked
    counted += looked_at(folder)
    found = left(killing.temporary, volumes)
    counted += Counter({kind: len(names) for kind, names in found.items()})
    if any(counted[name] for name in BAD):
        print(f"{folder}: {found}\n{(folder / 'errors').read_text()[-2000:]}", file=sys.stderr)
    return counted


def looked_at(folder: Path) -> Counter[str]:
    """What is wrong with a run that has ended."""
    journals = list(folder.glob("runs/*/journal.jsonl"))
    events = [entry.event for path in journals for entry in read_journal(path)]
    turns = Counter(event.turn for event in events if isinstance(event, Replied))
    acted = Counter(event.turn for event in events if isinstance(event, Acted))
    wanted = Counter(range(1, len(REPLIES) + 1))
    proven = sum(isinstance(event, Judged) and event.verdict.proven for event in events)
    patches = [path.read_text() for path in folder.glob("runs/*/patch.diff")]
    return Counter(
        {
            "lost": (wanted - turns).total() + (wanted - acted).total() + (proven == 0),
            "twice": (turns - wanted).total() + (acted - wanted).total() + max(proven - 1, 0),
            "truncated": int(len(patches) != 1 or f"\n+{RIGHT}" not in patches[0]),
        }
    )


def main() -> None:
    """Kill, count and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sandbox", choices=["docker", "podman", "bubblewrap", "none"])
    parser.set_defaults(sandbox="none")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    total: Counter[str] = Counter(runs=0, kills=0)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        repository = make_repository(Path(temporary) / "repository", CALCULATOR)
        while total["kills"] < options.kills:
            kills = min(options.kills - total["kills"], MOST)
            folder = Path(temporary) / f"run-{total['runs']}"
            total.update(one_run(folder, repository, chance, options.sandbox, kills))
            print(f"{time.monotonic() - began:5.0f} s", dict(+total), flush=True)
    for name in ("runs", "kills", "asked again", *BAD):
        print(f"{name}: {total[name]}")
    sys.exit(any(total[name] for name in BAD))


if __name__ == "__main__":
    main()
