from pathlib import Path

import pytest

from agent.conversation import fold
from agent.events import Acted, Entered, Opened, Replied, Told
from agent.journal import Entry, Journal, JournalError, read_journal
from agent.model.base import (
    AssistantMessage,
    Reply,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)


def told(text: str) -> Told:
    return Told(text=text)


def test_once_makes_an_event_once_even_in_another_process(tmp_path: Path) -> None:
    made = []

    def make() -> Told:
        made.append(1)
        return told("first")

    path = tmp_path / "journal.jsonl"
    for _ in range(2):
        journal = Journal(path)
        assert journal.once("key", make) == told("first")
        assert journal.once("key", make) == told("first")
        journal.close()
    assert made == [1]
    assert [entry.key for entry in read_journal(path)] == ["key"]


def test_a_line_cut_off_by_a_crash_is_forgotten_and_written_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.once("one", lambda: told("one"))
    journal.once("two", lambda: told("two"))
    journal.close()
    whole = path.read_bytes()
    for length in range(whole.index(b"\n") + 1, len(whole)):
        path.write_bytes(whole[:length])
        journal = Journal(path)
        assert [entry.key for entry in journal.entries] == ["one"]
        journal.once("two", lambda: told("again"))
        journal.close()
        assert [entry.event for entry in read_journal(path)] == [told("one"), told("again")]


def test_a_complete_line_that_cannot_be_read_is_an_error_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"key": 1}\n')
    with pytest.raises(JournalError, match="cannot be read"):
        Journal(path)
    assert path.read_bytes() == b'{"key": 1}\n'


def test_running_time_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    line = Entry.model_validate(
        {"key": "a", "time": "2026-01-01T00:00:00Z", "elapsed": 100.0, "event": told("x")}
    )
    path.write_text(line.model_dump_json() + "\n")
    journal = Journal(path)
    assert 100 <= journal.elapsed < 160
    journal.close()


def test_observers_see_what_is_kept_and_what_is_only_shown(tmp_path: Path) -> None:
    seen: list[Entry] = []
    journal = Journal(tmp_path / "journal.jsonl", (seen.append,))
    journal.show(Entered(step="ask"))
    journal.once("key", lambda: told("x"))
    journal.once("key", lambda: told("x"))
    assert [entry.event for entry in seen] == [Entered(step="ask"), told("x")]
    assert [entry.key for entry in journal.entries] == ["key"]
    journal.close()


def test_any_text_survives_the_disk(tmp_path: Path) -> None:
    text = "\x00\x1b[31m\u202e\u2028 \\n ü 😀"
    journal = Journal(tmp_path / "journal.jsonl")
    journal.once("key", lambda: told(text))
    journal.close()
    assert read_journal(tmp_path / "journal.jsonl")[0].event == told(text)


def entries(*events: object) -> list[Entry]:
    return [
        Entry.model_validate(
            {"key": str(i), "time": "2026-01-01T00:00:00Z", "elapsed": i, "event": event}
        )
        for i, event in enumerate(events)
    ]


CALL = ToolCall(id="1", name="read", arguments={"path": "a"})
OBSERVATION = ToolMessage(call_id="1", name="read", content="text")


def test_a_conversation_is_folded_in_order() -> None:
    said = AssistantMessage(content="looking", calls=[CALL])
    events = [
        Opened(phase="repair", messages=[SystemMessage(content="rules")], tree="t0"),
        Replied(turn=1, reply=Reply(message=said)),
        Acted(turn=1, observations=[OBSERVATION], tree="t1", submitted=False),
        Told(text="go on"),
    ]
    conversation = fold(entries(*events))
    assert conversation.messages == [
        SystemMessage(content="rules"), said, OBSERVATION, UserMessage(content="go on")
    ]  # fmt: skip
    assert (conversation.tree, conversation.changed) == ("t1", True)


def test_another_phase_starts_from_its_own_messages_and_tree() -> None:
    conversation = fold(
        entries(
            Opened(phase="reproduce", messages=[SystemMessage(content="a")], tree="t0"),
            Acted(turn=1, observations=[], tree="t1", submitted=True),
            Opened(phase="repair", messages=[SystemMessage(content="b")], tree="t2"),
        )
    )
    assert conversation.messages == [SystemMessage(content="b")]
    assert (conversation.tree, conversation.changed) == ("t2", False)


def test_replies_without_a_call_are_counted_until_one_comes() -> None:
    silent = Replied(turn=1, reply=Reply(message=AssistantMessage(content="hm")))
    calling = Replied(turn=2, reply=Reply(message=AssistantMessage(calls=[CALL])))
    assert fold(entries(silent, silent)).silent == 2
    assert fold(entries(silent, silent, calling)).silent == 0
