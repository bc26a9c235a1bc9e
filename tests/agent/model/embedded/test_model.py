"""The conversation is all that the model goes by."""

import pytest

from agent.model.base import AssistantMessage, ModelRefused, ToolMessage, UserMessage
from agent.model.embedded import Bounds, Embedded

FILES = {
    "shop/__init__.py": "",
    "shop/price.py": (
        "def total(prices, discount=0):\n"
        "    result = 0\n"
        "    for price in prices:\n"
        "        result += price\n"
        "    return result + discount\n"
    ),
    "tests/test_price.py": (
        "from shop.price import total\n\n"
        "def test_plain():\n    assert total([1, 2]) == 3\n\n"
        "def test_discount():\n    assert total([5, 6], 3) == 8\n"
    ),
}
RIGHT = "    return result - discount\n"


@pytest.fixture
def spoken(harness):
    """A harness whose conversation has come to its end."""
    made = harness(FILES, "shop/price.py")
    assert made.converse(Embedded())
    return made


def test_the_bug_is_repaired_and_nothing_else_changed(spoken):
    text = (spoken.folder / "shop/price.py").read_text()
    assert text == FILES["shop/price.py"].replace("    return result + discount\n", RIGHT)


def test_it_says_what_it_is_and_what_it_did(spoken):
    replies = [m.content for m in spoken.messages if isinstance(m, AssistantMessage)]
    assert "No language model" in replies[0]
    assert all(replies)
    assert "without a language model" in spoken.submitted["summary"]


def test_a_fresh_model_goes_on_where_the_conversation_is(spoken):
    places = [i for i, m in enumerate(spoken.messages) if isinstance(m, AssistantMessage)]
    for place in places:
        assert Embedded().reply(spoken.messages[:place], []).message == spoken.messages[place]


def test_one_model_serves_several_conversations_in_turn(spoken):
    places = [i for i, m in enumerate(spoken.messages) if isinstance(m, AssistantMessage)]
    model = Embedded()
    for place in (*places, *reversed(places)):
        assert model.reply(spoken.messages[:place], []).message == spoken.messages[place]


def test_a_recording_of_something_else_is_refused(spoken):
    place = next(i for i, m in enumerate(spoken.messages) if isinstance(m, AssistantMessage))
    recorded = spoken.messages[place]
    other = recorded.calls[0].model_copy(update={"arguments": {"coverage": False}})
    messages = [*spoken.messages[:place], recorded.model_copy(update={"calls": [other]})]
    messages.append(ToolMessage(call_id=other.id, name=other.name, content=""))
    with pytest.raises(ModelRefused, match="other code"):
        Embedded().reply(messages, [])


def test_after_a_refusal_it_tries_on(harness):
    made = harness(FILES, "shop/price.py", refusals=1)
    made.converse(Embedded(Bounds(candidates=24)), turns=30)
    refused = [i for i, m in enumerate(made.messages) if isinstance(m, UserMessage)][1]
    assert [m for m in made.messages[refused:] if isinstance(m, AssistantMessage)]
    place = len(made.messages) - 1
    while not isinstance(made.messages[place], AssistantMessage):
        place -= 1
    assert (
        Embedded(Bounds(candidates=24)).reply(made.messages[:place], []).message
        == (made.messages[place])
    )


def test_when_it_gives_up_the_files_are_as_they_were(harness):
    files = FILES | {"tests/test_price.py": "def test_never():\n    assert False\n"}
    made = harness(files, "shop/price.py")
    assert not made.converse(Embedded(Bounds(candidates=12)))
    assert "12 small changes" in made.submitted["summary"]
    assert (made.folder / "shop/price.py").read_text() == FILES["shop/price.py"]


def test_without_a_failing_test_there_is_no_goal(harness):
    made = harness(
        FILES | {"tests/test_price.py": "def test_right():\n    pass\n"}, "shop/price.py"
    )
    assert not made.converse(Embedded())
    assert "Every test passes" in made.submitted["summary"]


def test_it_can_be_asked_and_costs_nothing():
    model = Embedded()
    model.check()
    assert model.name == "embedded"
    assert model.count_tokens("some words") > 0
    reply = model.reply([UserMessage(content="Repair it.")], [])
    assert reply.usage.total == 0
