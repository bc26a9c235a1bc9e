"""A change is known by its part of the file as it is by the whole."""

from agent.model.embedded.normal import Parts, normal_form
from agent.model.embedded.spans import Edit, Source, apply
from agent.model.embedded.templates.table import TEMPLATES

LONG = '''\
"""A long function, and what can stand in one."""

LIMIT = 3


class Desk:
    """Holds sheets."""

    kinds = ("a", "b")

    def sort(self, sheets, most):
        """Sort them."""
        found = []
        count = 0; last = None

        def note(sheet):
            nonlocal count
            count = count + 1
            if sheet > most:
                return None
            found.append(sheet)

        for sheet in sheets:
            if sheet is None:
                continue
            if sheet == last:
                break
            try:
                note(sheet)
            except ValueError:
                raise
            last = sheet
        else:
            note(most)
        while count > most:
            count -= 1
            if count < 2:
                break
        with open("a") as file:
            file.write(str(count))
        if not found:
            return None
        return found[0]

    async def wait(self, sheets, most):
        total = 0
        async for sheet in sheets:
            total += sheet
            if total > most:
                return total
        await self.rest(total)
        first = await self.rest(most)
        if first > total:
            return first
        if first == total:
            return most
        if first < 0:
            total = -first
        if first < 1:
            total = first
        if first < 2:
            total = first + 1
        if first < 3:
            total = first + 2
        if first < 4:
            total = first + 3
        if first < 5:
            total = first + 4
        if first < 6:
            total = first + 5
        return total

    async def rest(self, total):
        return total
'''


def test_parts_of_long_functions_tell_the_same_as_the_whole_file(sites) -> None:
    source = Source("desk.py", LONG)
    parts = Parts(source)
    original = normal_form(LONG)
    wholes: dict[tuple[str, str], str] = {}
    keys: dict[str, set[tuple[str, str]]] = {}
    for site in sites(LONG):
        for template in TEMPLATES:
            for edits, _ in list(template.propose(site))[::5]:
                whole = normal_form(apply(LONG, edits))
                key = parts.key(edits)
                assert (key is None) == (whole is None or whole == original), edits
                if key is not None and whole is not None:
                    assert wholes.setdefault(key, whole) == whole, edits
                    keys.setdefault(whole, set()).add(key)
    assert len(keys) > 200
    twice = [whole for whole, found in keys.items() if len(found) > 1]
    assert len(twice) < 0.02 * len(keys)


def test_what_is_no_program_alone_is_told_with_what_is_before() -> None:
    parts = Parts(Source("desk.py", LONG))
    place = LONG.index("count + 1")
    assert parts.key([Edit(place, place + 9, "count + 2")]) is not None
    assert parts.key([Edit(place, place + 9, "count + 1")]) is None
    assert parts.key([Edit(place, place + 9, "count +")]) is None
