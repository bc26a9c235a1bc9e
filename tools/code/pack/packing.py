"""Chosen code under a hard budget of tokens, in five sections.

.. code-block:: text

    skeleton    the tree of files, folded; the same for every issue of a commit
    code        of each file what is worth its tokens, in file order, gaps marked; the source as it
                is, but for what the renderer spells out
    tests       that exercise the suspects
    fixes       similar changes of the past, as diffs
    left out    what was ranked next, so that it can be asked for
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tools.code import collection
from tools.code.pack.candidates import Tree, candidates
from tools.code.pack.choose import Market, choose
from tools.code.pack.contents import Pack, Section
from tools.code.pack.fit import fullest
from tools.code.pack.layout import (
    Block,
    file_block,
    fix_block,
    left_out_lines,
    list_block,
)
from tools.code.pack.offers import Shown
from tools.code.pack.skeleton import skeleton
from tools.code.pack.told import left_out, packed_file, shares, signals_of
from tools.code.pack.weight import TOKENS_PER_UNIT
from tools.code.ranking import Ranking

CountTokens = Callable[[str], int]

_SKELETON_SHARE, _SKELETON_MOST = 0.04, 3000
"""Of the budget, and in tokens."""
_SKELETON_TRIES = 2
_TESTS_SHARE = 0.12
_FIXES_SHARE = 0.04
_LEFT_OUT_SHARE, _LEFT_OUT_MOST = 0.02, 4000
"""Of the room, and in units."""
_MARKET_MARGIN = 1.3
"""How much larger drafts may become before candidates are looked for anew."""

_TEMPLATE = "code"


class Render(Protocol):
    """Fills a template of the given name; :func:`prompts.render`."""

    def __call__(self, name: str, /, **values: Any) -> str:
        """The text."""
        ...


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    skeleton: Block | None
    files: Sequence[Shown] = ()
    blocks: Sequence[Block] = ()
    """Of ``files``."""
    fixes: Sequence[tuple[str, Block]] = ()
    """With the commit's id."""
    left_out: Block | None = None

    @property
    def bare(self) -> bool:
        """Whether nothing of the repository is in it."""
        return not (self.skeleton or self.files or self.fixes or self.left_out)

    def weights(self) -> dict[Section, int]:
        """Units of each section."""
        pairs = list(zip(self.files, self.blocks, strict=True))
        return {
            Section.SKELETON: self.skeleton.weight if self.skeleton else 0,
            Section.CODE: sum(block.weight for shown, block in pairs if not shown.file.test),
            Section.TESTS: sum(block.weight for shown, block in pairs if shown.file.test),
            Section.FIXES: sum(block.weight for _, block in self.fixes),
            Section.LEFT_OUT: self.left_out.weight if self.left_out else 0,
        }


@dataclass(slots=True)
class _Composer:
    """Makes drafts of any size from one ranking."""

    ranking: Ranking
    tree: Tree
    render: Render
    skeleton: Block | None = None
    _market: Market = field(default_factory=lambda: Market([]))
    _market_room: int = 0
    _fixes: list[tuple[str, Block]] = field(default_factory=list)

    def frame(self, skeleton: Block | None) -> _Draft:
        """The skeleton alone; without one, the words that are always there."""
        return self._draft(skeleton, [], [], None)

    def compose(self, room: int) -> _Draft:
        """A draft of about so many units besides the frame."""
        fixes = list(self._fitting_fixes(int(room * _FIXES_SHARE)))
        room_for_list = min(int(room * _LEFT_OUT_SHARE), _LEFT_OUT_MOST)
        room_for_files = room - room_for_list - sum(block.weight for _, block in fixes)
        market = self._open_market(room)
        files = choose(market, room_for_files, int(room * _TESTS_SHARE))
        for shown in files:
            shown.sheet.close_gaps()
        files.sort(key=lambda shown: (shown.file.test, -shown.file.best, shown.file.path))
        listed = left_out_lines(left_out(self.ranking, self.tree, files), room_for_list)
        return self._draft(self.skeleton, files, fixes, list_block(listed))

    def _open_market(self, room: int) -> Market:
        if room > self._market_room:
            self._market_room = int(room * _MARKET_MARGIN)
            found, floor = candidates(self.ranking, self.tree, self._market_room)
            self._market = Market.open(found, self._market_room, floor)
        return self._market

    def _fitting_fixes(self, room: int) -> Iterator[tuple[str, Block]]:
        """The most similar fixes that fit, each as a whole: half a diff misleads."""
        if not self._fixes:
            self._fixes = [(fix[0], fix_block(*fix)) for fix in self.ranking.fixes]
        for commit, block in self._fixes:
            if block.weight <= room:
                room -= block.weight
                yield commit, block

    def _draft(
        self,
        skeleton: Block | None,
        files: Sequence[Shown],
        fixes: Sequence[tuple[str, Block]],
        listed: Block | None,
    ) -> _Draft:
        blocks = [file_block(shown) for shown in files]
        pairs = list(zip(files, blocks, strict=True))
        text = self.render(
            _TEMPLATE,
            total=len(self.tree.paths),
            skeleton=skeleton,
            tests=[block for shown, block in pairs if shown.file.test],
            files=[block for shown, block in pairs if not shown.file.test],
            fixes=[block for _, block in fixes],
            left_out=listed,
        )
        return _Draft(text, skeleton, files, blocks, fixes, listed)


@collection.put_off()
def pack(
    ranking: Ranking, tree: Tree, *, budget: int, count_tokens: CountTokens, render: Render
) -> Pack:
    """Fill a budget of tokens with what the ranking names; the same input gives the same bytes.

    The text has been counted as a whole by ``count_tokens`` and has no more than ``budget`` tokens;
    where nothing fits it is empty. ``count_tokens`` is called at most 13 times. Files of the
    ranking that the tree has no outline of are left out. Time and memory grow with the ranking, the
    budget and the number of paths; texts are read of the files only that may well be shown.
    """
    composer = _Composer(ranking, tree, render)
    frame, frame_tokens = _frame(composer, budget, count_tokens)
    found = fullest(composer.compose, count_tokens, budget=budget, frame=frame_tokens)
    if found is None and frame_tokens <= budget:
        found = frame, frame_tokens
    if found is None or found[0].bare:
        return Pack("", 0, budget, {}, (), (), tuple(left_out(ranking, tree, ())))
    return _pack(composer, *found, frame_tokens, budget)


def _frame(composer: _Composer, budget: int, count_tokens: CountTokens) -> tuple[_Draft, int]:
    """The skeleton that has its share of the budget, or less, and the tokens of it alone.

    It is fitted for itself, by its own tokens, so that the code that follows has no say in it.
    """
    share = min(int(budget * _SKELETON_SHARE), _SKELETON_MOST)
    room = int(share / TOKENS_PER_UNIT)
    bare = composer.frame(None)
    base = count_tokens(bare.text)
    for _ in range(_SKELETON_TRIES):
        lines = skeleton(composer.tree.paths, composer.tree.kept_out, room)
        if not lines:
            break
        frame = composer.frame(list_block(lines))
        tokens = count_tokens(frame.text)
        if tokens - base <= share:
            composer.skeleton = frame.skeleton
            return frame, tokens
        room = int(room * 0.9 * share / (tokens - base))
    return bare, base


def _pack(composer: _Composer, draft: _Draft, tokens: int, frame_tokens: int, budget: int) -> Pack:
    spent = sum(cost for shown in draft.files for _, cost in shown.taken)
    rate = max(0, tokens - frame_tokens) / max(1, spent)
    signals = signals_of(composer.ranking)
    return Pack(
        text=draft.text,
        tokens=tokens,
        budget=budget,
        sections=shares(draft.weights(), tokens),
        files=tuple(packed_file(shown, signals, rate) for shown in draft.files),
        fixes=tuple(commit for commit, _ in draft.fixes),
        left_out=tuple(left_out(composer.ranking, composer.tree, draft.files)),
    )
