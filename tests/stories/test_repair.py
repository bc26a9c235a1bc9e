"""Runs from the issue to the patch, with a model whose every word is written here."""

from collections.abc import Callable

import pytest

from agent import runs
from agent.events import Acted, Ended, Judged, Measured, Opened, Prepared, Reproduced, Told
from agent.model.base import AssistantMessage, ContextOverflow, Reply
from agent.state import Outcome
from doubles.repositories import CALCULATOR, RIGHT, WRONG, git
from doubles.scripted_model import ScriptedModel, calls, says, submit
from doubles.story import Story

REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
MakeStory = Callable[..., Story]


def test_a_failing_test_is_repaired_and_proven(story: MakeStory) -> None:
    told = story()
    model = ScriptedModel([calls(("read", {"path": "calculator.py"})), calls(REPAIR), submit()])
    record = told.run(model)
    assert record.outcome is Outcome.PROVEN
    assert "-    return sum(values) / len(values) + 1\n+    return sum(values) / len(values)\n" in (
        told.patch
    )
    [verdict] = [event.verdict for event in told.told(Judged)]
    assert [(t.name, t.before, t.after) for t in verdict.reproduction] == [
        ("test_calculator.py::test_mean", "failed", "passed")
    ]
    assert [case.name for case in verdict.after.passed] == [
        "test_calculator.py::test_mean",
        "test_calculator.py::test_largest",
    ]
    assert "test_mean" in told.folder.report.read_text()


def test_the_users_repository_is_not_touched(story: MakeStory) -> None:
    told = story()
    before = git(told.repository, "status", "--porcelain"), git(told.repository, "for-each-ref")
    told.run(ScriptedModel([calls(REPAIR), submit()]))
    assert before == (
        git(told.repository, "status", "--porcelain"),
        git(told.repository, "for-each-ref"),
    )
    assert WRONG in (told.repository / "calculator.py").read_text()


def test_the_model_sees_issue_code_failing_test_and_tools(story: MakeStory) -> None:
    model = ScriptedModel([submit("no idea", solved=False)])
    story().run(model)
    system, user = model.asked[0]
    assert system.role == "system"
    for text in ("The mean is one too large", "def mean(values)", "assert 3.0 == 2"):
        assert text in user.content
    names = [tool.name for tool in model.tools]
    assert names == ["shell", "read", "search", "edit", "run_tests", "condense", "submit"]
    assert all(tool.description and tool.parameters["properties"] for tool in model.tools)


def test_every_prompt_extends_the_one_before(story: MakeStory) -> None:
    model = ScriptedModel(
        [says("Let me think."), calls(("shell", {"command": "ls"})), calls(REPAIR), submit()]
    )
    story().run(model)
    for shorter, longer in zip(model.asked, model.asked[1:], strict=False):
        assert longer[: len(shorter)] == shorter


def test_a_refused_change_goes_back_to_the_model_with_the_reason(story: MakeStory) -> None:
    told = story()
    breaking = ("edit", {
        "operation": "replace", "path": "calculator.py",
        "old": "    return max(values)", "new": "    return min(values)",
    })  # fmt: skip
    mending = ("edit", {
        "operation": "replace", "path": "calculator.py",
        "old": "    return min(values)", "new": "    return max(values)",
    })  # fmt: skip
    model = ScriptedModel([calls(REPAIR, breaking), submit(), calls(mending), submit()])
    assert told.run(model).outcome is Outcome.PROVEN
    assert "test_largest passed on the base and failed on the patch" in model.asked[2][-1].content
    assert [event.verdict.proven for event in told.told(Judged)] == [False, True]


def test_a_model_that_edits_the_test_instead_proves_nothing(story: MakeStory) -> None:
    told = story()
    cheat = ("edit", {
        "operation": "replace", "path": "test_calculator.py",
        "old": "assert mean([1, 2, 3]) == 2", "new": "assert mean([1, 2, 3]) == 3",
    })  # fmt: skip
    model = ScriptedModel([calls(cheat), submit("fixed!"), submit("I give up", solved=False)])
    record = told.run(model)
    assert record.outcome is Outcome.NONE
    [first, *_] = [event.verdict for event in told.told(Judged)]
    assert first.objections == ["nothing outside the tests was changed"]
    assert first.left_out == ["test_calculator.py"]


def test_a_conftest_that_makes_everything_pass_does_not_count(story: MakeStory) -> None:
    told = story()
    hook = (
        "import pytest\n"
        "@pytest.hookimpl(hookwrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    outcome = yield\n"
        "    outcome.get_result().outcome = 'passed'\n"
    )
    model = ScriptedModel(
        [
            calls(
                ("edit", {"operation": "create", "path": "conftest.py", "new": hook}),
                ("edit", {"operation": "create", "path": "notes.txt", "new": "done\n"}),
            ),
            submit("fixed!"),
            submit("caught", solved=False),
        ]
    )
    assert told.run(model).outcome is Outcome.NONE
    assert not any(event.verdict.proven for event in told.told(Judged))


def test_a_green_suite_gets_a_written_reproduction_first(story: MakeStory) -> None:
    files = CALCULATOR | {
        "test_calculator.py": "from calculator import largest\n\n\n"
        "def test_largest():\n    assert largest([1, 3, 2]) == 3\n"
    }
    told = story(files)
    test = "from calculator import mean\n\n\ndef test_mean():\n    assert mean([1, 2, 3]) == 2\n"
    passing = test.replace("== 2", "== 3")
    write = {"operation": "create", "path": "test_mean.py"}
    model = ScriptedModel(
        [
            submit("I wrote nothing"),
            calls(("edit", write | {"new": passing}), ("submit", {"summary": "passes"})),
            calls(("edit", write | {"new": "import nowhere\n"}), ("submit", {"summary": "broken"})),
            calls(("edit", write | {"new": test}), ("submit", {"summary": "fails"})),
            calls(REPAIR),
            submit(),
        ]
    )
    assert told.run(model).outcome is Outcome.PROVEN
    refusals = [event.text for event in told.told(Told)]
    assert "No test file was added" in refusals[0]
    assert "every test passes" in refusals[1]
    assert "could not be run" in refusals[2]
    assert [event.phase for event in told.told(Opened)] == ["reproduce", "repair"]
    assert told.told(Reproduced) == [Reproduced(tests=["test_mean.py::test_mean"], written=True)]
    assert "test_mean.py" in told.patch
    assert "+    return sum(values) / len(values)" in told.patch


def test_a_repair_has_to_pass_most_of_several_written_tests(story: MakeStory) -> None:
    files = CALCULATOR | {
        "test_calculator.py": "from calculator import largest\n\n\n"
        "def test_largest():\n    assert largest([1, 3, 2]) == 3\n"
    }
    told = story(files)
    asserted = {
        "right": "mean([1, 2, 3]) == 2",
        "also_right": "mean([4]) == 4",
        "mistaken": "mean([1, 2]) == 7",
        "crashing": "maen([1]) == 1",
    }
    test = "from calculator import mean\n" + "".join(
        f"\n\ndef test_{name}():\n    assert {claim}\n" for name, claim in asserted.items()
    )
    half = RIGHT.replace("len(values)", "3")
    edit = {"operation": "replace", "path": "calculator.py"}
    model = ScriptedModel(
        [
            calls(
                ("edit", {"operation": "create", "path": "test_mean.py", "new": test}),
                ("submit", {"summary": "four tests"}),
            ),
            calls(("edit", edit | {"old": WRONG, "new": half})),
            submit("passes one of three"),
            calls(("edit", edit | {"old": half, "new": RIGHT})),
            submit("passes two of three"),
        ]
    )
    assert told.run(model).outcome is Outcome.PROVEN
    [reproduced] = told.told(Reproduced)
    assert reproduced.tests == [
        f"test_mean.py::test_{n}" for n in ("right", "also_right", "mistaken")
    ]
    assert [reason.split()[0] for reason in reproduced.refused] == ["test_mean.py::test_crashing"]
    first, second = (event.verdict for event in told.told(Judged))
    assert not first.proven
    assert "2 of those that were written must pass" in first.objections[0]
    assert second.missed == ["test_mean.py::test_mistaken"]
    assert "test_mean.py::test_mistaken" in told.folder.report.read_text()
    assert second.cut == second.missed
    added = [line for line in told.patch.splitlines() if line.startswith("+def test_")]
    assert added == ["+def test_right():", "+def test_also_right():"]
    assert "test_mistaken was written, fails on the patch" in told.folder.report.read_text()
    assert reproduced.kept == []
    assert "2 failing test(s)" in told.run(ScriptedModel([])).reason
    shared = model.asked[0][1].content.partition("# Your task")[0]
    assert model.asked[4][1].content.startswith(shared)


def test_a_refused_test_that_cannot_be_cut_out_is_named(story: MakeStory) -> None:
    files = CALCULATOR | {"test_calculator.py": "def test_any():\n    pass\n"}
    told = story(files)
    test = (
        "import pytest\nfrom calculator import mean\n\n\n"
        "@pytest.mark.parametrize('name', ['mean', 'maen'])\n"
        "def test_mean(name):\n    assert globals().get(name) or nothing\n"
        "    assert mean([1, 2, 3]) == 2\n"
    )
    write = {"operation": "create", "path": "test_mean.py", "new": test}
    model = ScriptedModel(
        [calls(("edit", write), ("submit", {"summary": "two"})), calls(REPAIR), submit()]
    )
    assert told.run(model).outcome is Outcome.PROVEN
    [reproduced] = told.told(Reproduced)
    assert reproduced.kept == ["test_mean.py::test_mean[maen]"]
    assert "'maen'" in told.patch
    assert "[maen] was written and not accepted; it stays" in told.folder.report.read_text()


def test_an_issue_that_names_its_test_is_about_that_test(story: MakeStory) -> None:
    files = CALCULATOR | {"test_other.py": "def test_unrelated():\n    assert False\n"}
    told = story(files, issue="test_mean fails since metadata was changed")
    assert told.run(ScriptedModel([calls(REPAIR), submit()])).outcome is Outcome.PROVEN
    assert told.told(Reproduced)[0].tests == ["test_calculator.py::test_mean"]


def test_failing_tests_that_the_issue_is_not_about_are_left_aside(story: MakeStory) -> None:
    files = CALCULATOR | {"test_version.py": "def test_metadata():\n    assert False\n"}
    told = story(files, issue="The mean of three numbers is one too large")
    assert told.run(ScriptedModel([calls(REPAIR), submit()])).outcome is Outcome.PROVEN
    [reproduced] = told.told(Reproduced)
    assert reproduced.tests == ["test_calculator.py::test_mean"]
    assert reproduced.left_aside == 1


def test_tests_that_differ_from_run_to_run_are_named_and_do_not_count(story: MakeStory) -> None:
    files = CALCULATOR | {
        "test_clock.py": "import time\nimport pytest\n\n\n"
        "@pytest.mark.parametrize('now', [time.time_ns()])\n"
        "def test_now(now):\n    assert now\n"
    }
    told = story(files)
    assert told.run(ScriptedModel([calls(REPAIR), submit()])).outcome is Outcome.PROVEN
    [measured] = told.told(Measured)
    assert len(measured.baseline.unstable) == 2
    assert all(name.startswith("test_clock.py::test_now[") for name in measured.baseline.unstable)


def test_an_issue_that_is_like_no_test_is_about_every_failing_one(story: MakeStory) -> None:
    files = CALCULATOR | {"test_version.py": "def test_metadata():\n    assert False\n"}
    told = story(files, issue="Broken since yesterday")
    told.run(ScriptedModel([submit(solved=False)]))
    assert len(told.told(Reproduced)[0].tests) == 2


def test_bad_calls_are_answered_and_never_kept_in_history(story: MakeStory) -> None:
    told = story()
    broken = Reply(message=AssistantMessage(content="hm"), malformed=["edit: not JSON: {'a"])
    cut = Reply(message=AssistantMessage(content="I will"), cut_off=True)
    model = ScriptedModel(
        [
            calls(("fly", {"to": "moon"}), ("read", {"file": "x"}), ("shell", {})),
            broken,
            cut,
            calls(REPAIR),
            submit(),
        ]
    )
    assert told.run(model).outcome is Outcome.PROVEN
    unknown, extra, missing = (message.content for message in model.asked[1][-3:])
    assert "There is no such tool. The tools are: shell, read" in unknown
    assert "file: Extra inputs are not permitted" in extra
    assert "command: Field required" in missing
    assert "edit: not JSON" in model.asked[2][-1].content
    assert "cut off at its length limit" in model.asked[3][-1].content


def test_a_model_that_stops_calling_tools_is_not_asked_for_ever(story: MakeStory) -> None:
    told = story()
    record = told.run(ScriptedModel([says("fixed!"), says("fixed!"), says("fixed!")]))
    assert record.outcome is Outcome.NONE
    assert "stopped using its tools" in record.reason


@pytest.mark.parametrize(
    ("settings", "reason"),
    [({"steps": 2}, "2 steps"), ({"tokens": 200}, "200 tokens")],
)
def test_a_spent_budget_ends_with_the_best_attempt(
    story: MakeStory, settings: dict[str, int], reason: str
) -> None:
    told = story(settings=settings)
    attempt = ("edit", {"operation": "create", "path": "notes.txt", "new": "attempt\n"})
    record = told.run(ScriptedModel([calls(attempt), calls(("shell", {"command": "true"}))]))
    assert record.outcome is Outcome.NONE
    assert f"the budget of {reason} is spent" in record.reason
    assert "+attempt" in told.patch
    assert told.told(Ended)[0].patch == str(told.folder.patch)


def test_unsubmitted_work_is_judged_when_the_budget_is_spent(story: MakeStory) -> None:
    told = story(settings={"steps": 1})
    assert told.run(ScriptedModel([calls(REPAIR)])).outcome is Outcome.PROVEN


def test_a_conversation_that_outgrows_the_window_ends_with_what_it_has(story: MakeStory) -> None:
    told = story()
    record = told.run(ScriptedModel([calls(REPAIR), ContextOverflow("32768 tokens at most")]))
    assert record.outcome is Outcome.PROVEN
    record = Story(told.repository, runs.create(told.folder.path.parent)).run(
        ScriptedModel([ContextOverflow("32768 tokens at most")])
    )
    assert record.outcome is Outcome.NONE
    assert "no longer fits the model's window: 32768 tokens at most" in record.reason


def test_a_run_can_start_from_uncommitted_work(story: MakeStory) -> None:
    told = story(from_dirty=True)
    path = told.repository / "calculator.py"
    path.write_text(path.read_text() + "\n\nWORK = 'in progress'\n")
    assert told.run(ScriptedModel([calls(REPAIR), submit()])).outcome is Outcome.PROVEN
    assert "in progress" not in told.patch.replace(" WORK = 'in progress'", "")
    assert told.told(Prepared)[0].base_commit is None


def test_by_default_a_run_starts_from_the_last_commit(story: MakeStory) -> None:
    told = story()
    (told.repository / "calculator.py").write_text("broken(\n")
    assert told.run(ScriptedModel([calls(REPAIR), submit()])).outcome is Outcome.PROVEN
    assert "--dirty starts from them" in told.told(Prepared)[0].notes[0]


def test_a_proven_patch_becomes_a_branch(story: MakeStory) -> None:
    told = story(settings={"output": "branch"}, issue="Mean is wrong\n\nDetails")
    told.run(ScriptedModel([calls(REPAIR), submit("the +1 was wrong")]))
    branch = f"patchwright/{told.folder.name}"
    assert git(told.repository, "log", "-1", "--format=%s%n%b", branch).splitlines() == [
        "Mean is wrong",
        "the +1 was wrong",
    ]
    assert git(told.repository, "diff", "--stat", "main", branch).startswith("calculator.py")
    assert git(told.repository, "rev-parse", "--abbrev-ref", "HEAD") == "main"


def test_a_proven_patch_is_applied_to_the_work_tree_when_asked(story: MakeStory) -> None:
    told = story(settings={"output": "worktree"})
    told.run(ScriptedModel([calls(REPAIR), submit()]))
    assert RIGHT in (told.repository / "calculator.py").read_text()
    assert git(told.repository, "status", "--porcelain") == "M calculator.py"


def test_a_work_tree_that_does_not_fit_is_left_as_it_is(story: MakeStory) -> None:
    told = story(settings={"output": "worktree"})
    (told.repository / "calculator.py").write_text("something else\n")
    record = told.run(ScriptedModel([calls(REPAIR), submit()]))
    assert record.outcome is Outcome.PROVEN
    assert (told.repository / "calculator.py").read_text() == "something else\n"
    assert RIGHT in told.patch


def test_what_the_model_said_is_kept_but_proves_nothing(story: MakeStory) -> None:
    told = story()
    model = ScriptedModel([submit("It is fixed, trust me"), submit("really", solved=False)])
    record = told.run(model)
    assert record.outcome is Outcome.NONE
    assert told.told(Acted)[0].summary == "It is fixed, trust me"
    report = told.folder.report.read_text()
    assert "not proven" in report.splitlines()[0]
    assert "It is fixed, trust me" not in report
