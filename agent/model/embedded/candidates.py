"""All changes that the templates propose, best first, each once.

The order multiplies how suspicious the statement is, how usual the template, how near the change
(Prophet and CapGen rank by such products), how often the repository's own commits made such a one,
and whether it takes away a name that the error complains of; the further down a change is among its
template's for one statement, the less it counts, so that no large pool starves the others.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from agent.model.embedded.language import Place, Text
from agent.model.embedded.languages import known_language
from agent.model.embedded.past import Past
from agent.model.embedded.spans import Edit, apply
from agent.model.embedded.templates.base import Template

_LOCALITY = 0.6
"""How steeply suspicion falls: the power that a statement's score is raised to."""
_CROWD = 0.35
"""How much each further change of one template at one statement loses."""
_ANSWER = 3.0
"""How much more a change counts that takes away a name which an error complains of."""
_NAME = re.compile(r"\w+")
_NO_PAST = Past()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One changed file that could be the repair."""

    path: str
    line: int
    template: str
    priority: float
    text: str
    """The whole file after the change."""
    key: tuple[str, str]
    """The same for all changes with the same syntax tree."""
    edits: tuple[Edit, ...] = ()
    """What leads from the original to the text."""


@dataclass(frozen=True, slots=True)
class _Draft:
    source: Text
    line: int
    template: str
    edits: tuple[Edit, ...]
    priority: float


def _drafts(site: Place, template: Template[Any], symptoms: frozenset[str]) -> Iterator[_Draft]:
    weight = site.suspicion**_LOCALITY * template.prior
    for symptom, factor in template.symptoms.items():
        weight *= factor if symptom in symptoms else 1.0
    proposals = sorted(template.propose(site), key=lambda change: -change[1])
    for place, (edits, closeness) in enumerate(proposals):
        priority = weight * min(1.0, closeness) / (1 + _CROWD * place)
        if priority > 0:
            yield _Draft(site.source, site.line, template.name, edits, priority)


def _answers(text: str, edits: Sequence[Edit], accused: frozenset[str]) -> float:
    """How much more a change is worth for taking away a name that an error complains of."""
    for edit in edits if accused else ():
        gone = set(_NAME.findall(text[edit.start : edit.end])) & accused
        if gone - set(_NAME.findall(edit.text)):
            return _ANSWER
    return 1.0


def _thin(drafts: Sequence[_Draft]) -> list[_Draft]:
    """The same line put at many places counts less at each further one."""
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for draft in drafts:
        if all(edit.start == edit.end for edit in draft.edits):
            written = draft.template, "".join(edit.text.strip() for edit in draft.edits)
            found.append(replace(draft, priority=draft.priority / (1 + _CROWD * counts[written])))
            counts[written] += 1
        else:
            found.append(draft)
    return sorted(found, key=attrgetter("priority"), reverse=True)


def candidates(
    sites: Sequence[Place],
    symptoms: frozenset[str],
    past: Past = _NO_PAST,
    accused: frozenset[str] = frozenset(),
) -> Iterator[Candidate]:
    """Changes that compile and differ from the original and from each other, best first."""
    languages = {site.source.path: known_language(site.source.path) for site in sites}
    remembered = {language.name: language.remembered(past) for language in languages.values()}
    drafts = [
        replace(
            draft,
            priority=draft.priority
            * past.usual(site.source.text, draft.edits)
            * _answers(site.source.text, draft.edits, accused),
        )
        for site in sites
        for language in (languages[site.source.path],)
        for template in (*language.templates, *remembered[language.name])
        for draft in _drafts(site, template, symptoms)
    ]
    drafts.sort(key=attrgetter("priority"), reverse=True)
    drafts = _thin(drafts)
    seen: set[tuple[str, str]] = set()
    sources = {site.source.path: site.source for site in sites}
    parts = {path: known_language(path).parts(source) for path, source in sources.items()}
    for draft in drafts:
        key = parts[draft.source.path].key(draft.edits)
        if key is not None and key not in seen:
            seen.add(key)
            text = apply(draft.source.text, draft.edits)
            yield Candidate(
                draft.source.path,
                draft.line,
                draft.template,
                draft.priority,
                text,
                key,
                draft.edits,
            )
