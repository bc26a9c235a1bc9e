"""JavaScript repaired from the issue to the proof, by the embedded model and node's own runner."""

import shutil
from collections.abc import Callable

import pytest

from agent.events import Judged, Replied
from agent.model.embedded import Embedded
from agent.state import Outcome
from doubles.sandboxes import BUBBLEWRAP, provider_or_skip
from doubles.story import Story
from sandbox.host import HostProvider

WRONG = "if (days > LONG_STAY) {"
ROOMS = f"""\
'use strict'

const LONG_STAY = 7

function price (room, days) {{
  const whole = room.rate * days
  {WRONG}
    return whole - room.rate
  }}
  return whole
}}

function cheapest (rooms, days) {{
  const sorted = rooms.slice().sort((one, other) => price(one, days) - price(other, days))
  return sorted.length > 0 ? sorted[0].name : null
}}

module.exports = {{ price, cheapest }}
"""
TESTS = """\
const { test, describe } = require('node:test')
const assert = require('node:assert')
const { price, cheapest } = require('../lib/rooms')

describe('price', () => {
  test('a day costs the rate', () => assert.strictEqual(price({ rate: 50 }, 1), 50))
  test('the seventh day is free', () => assert.strictEqual(price({ rate: 50 }, 7), 300))
  test('so it is on the eighth', () => assert.strictEqual(price({ rate: 50 }, 8), 350))
})

test('the cheapest room is found', () => {
  assert.strictEqual(cheapest([{ name: 'a', rate: 9 }, { name: 'b', rate: 5 }], 2), 'b')
  assert.strictEqual(cheapest([], 2), null)
})
"""
FILES = {
    "package.json": '{"name": "rooms", "scripts": {"test": "node --test test/rooms.test.js"}}\n',
    "lib/rooms.js": ROOMS,
    "test/rooms.test.js": TESTS,
}
SETTINGS = {"test": "npm test", "steps": 200, "minutes": 10.0}
ISSUE = "A week costs too much: the seventh day should be free."

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None, reason="node is not installed"
)


@needs_node
@pytest.mark.parametrize("kind", ["host", BUBBLEWRAP])
def test_a_script_is_repaired_with_proof(story: Callable[..., Story], kind: str) -> None:
    provider = HostProvider() if kind == "host" else provider_or_skip(kind)
    told = story(FILES, issue=ISSUE, settings=SETTINGS, provider=provider)
    record = told.run(Embedded())
    assert record.outcome is Outcome.PROVEN
    assert f"-  {WRONG}\n+  if (days >= LONG_STAY) {{\n" in told.patch
    [verdict] = [event.verdict for event in told.told(Judged)]
    assert [(t.name, t.before, t.after) for t in verdict.reproduction] == [
        ("test/rooms.test.js::price > the seventh day is free", "failed", "passed")
    ]
    words = "\n".join(event.reply.message.content for event in told.told(Replied))
    assert "No language model is at work" in words
    assert "Failing tests ran code in lib/rooms.js" in words
