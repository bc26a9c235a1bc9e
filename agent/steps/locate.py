"""Choose the code that every conversation starts with."""

from typing import Any

from agent.events import Located
from agent.evidence.baseline import Baseline
from agent.kit import Kit
from agent.state import Repair
from prompts import render
from tools.code.pack import pack
from tools.code.rank import rank_texts

_FILE_BYTES = 200_000


def locate(state: Repair, kit: Kit) -> dict[str, Any]:
    """Rank the files by the issue and the failing tests, and pack the best under the budget."""
    texts = _texts(state, kit)
    baseline = Baseline.model_validate_json(kit.store.get(state.baseline))
    failures = "\n".join(f"{case.name}\n{case.message}" for case in baseline.failing)
    ranked = [path for path, _ in rank_texts(f"{kit.issue}\n{failures}", texts)]
    packed = pack(
        [entry.path for entry in kit.store.entries(state.base)],
        ranked,
        texts,
        budget=min(kit.settings.context, kit.model.window // 2),
        count_tokens=kit.model.count_tokens,
    )
    text = render(
        "repository",
        paths=packed.paths,
        paths_omitted=packed.paths_omitted,
        files=packed.files,
        issue=kit.issue,
        test_command=state.test_command,
    )
    located = Located(files=[path for path, _ in packed.files], tokens=kit.model.count_tokens(text))
    kit.journal.once("located", lambda: located)
    return {"context": kit.store.put(text.encode(errors="replace"))}


def _texts(state: Repair, kit: Kit) -> dict[str, str]:
    """The repository's text files of a size that a person would read."""
    entries = [entry for entry in kit.store.entries(state.base) if entry.regular]
    texts = {}
    for entry, data in zip(entries, kit.store.get_many([e.blob for e in entries]), strict=True):
        if len(data) <= _FILE_BYTES and b"\0" not in data:
            texts[entry.path] = data.decode(errors="replace")
    return texts
