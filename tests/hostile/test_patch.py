"""PATCH: what a change may not bring along when it leaves the box."""

import pytest

from agent import runs
from agent.events import Published
from agent.narration import tell
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, git, make_repository
from doubles.scripted_model import ScriptedModel, calls, submit
from doubles.story import Story
from sandbox.base import Limits
from tools.git import ObjectStore
from tools.sensitive import inspect
from tools.workspace import Workspace


@pytest.fixture
def leave(tmp_path, provider):
    """Runs a command in a box and gives what is said of the change that it makes."""
    files = {"code.py": "x = 1\n", "conftest.py": "", "requirements.txt": "a==1\n"}
    repository = make_repository(tmp_path / "repository", files)
    store = ObjectStore(tmp_path / "store")
    _, base = store.fetch(repository)

    def left(command):
        with Workspace.open(provider.start(Limits(), run="hostile"), store, base) as workspace:
            workspace.shell(command, timeout=30)
            tree = workspace.snapshot()
        return inspect(store.changes(base, tree), store.diff(base, tree))

    return left


REVIEWED = [
    ("PATCH-03", "mkdir -p .github/workflows; echo x > .github/workflows/evil.yml", "runs in CI"),
    ("PATCH-04", "echo '* filter=x' > .gitattributes; echo x > .gitmodules", "read by git"),
    ("PATCH-05", "echo x >> conftest.py; echo x > evil.pth; echo x > sitecustomize.py", "start"),
    ("PATCH-06", "echo evil >> requirements.txt; echo '{}' > package.json", "dependencies"),
    ("PATCH-07", "chmod +x code.py", "executable"),
    (
        "PATCH-08",
        "for i in $(seq 120); do echo x > f$i; done; head -c 9999 /dev/urandom > b",
        "large",
    ),
    ("PATCH-08", "head -c 9999 /dev/urandom > b", "binary"),
    ("PATCH-09", "printf 'y = 1 \\342\\200\\256 # x\\n' >> code.py", "cannot be seen"),
    ("PATCH-11", "echo x > AGENTS.md; mkdir .vscode; echo x > .vscode/tasks.json", "agents"),
]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        pytest.param(
            command, words, marks=pytest.mark.case(name, f"a person is told: {words}"), id=name
        )
        for name, command, words in REVIEWED
    ],
)
def test_it_is_put_before_a_person(leave, seen, command, words):
    inspection = leave(command)
    assert any(words in flag for flag in inspection.flags), inspection
    seen("; ".join(inspection.flags)[:70])


REFUSED = [
    ("PATCH-01", "ln -s /etc/passwd link", "a link or a submodule"),
    ("PATCH-02", "git init -q sub && cd sub && git -c user.name=t -c user.email=t@x commit -q "
     "--allow-empty -m x", "a link or a submodule"),
    ("PATCH-10", "printf 'k = \"ghp_%s\"\\n' 0123456789abcdefghij0123456789abcdef >> code.py",
     "secret"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "words"),
    [
        pytest.param(command, words, marks=pytest.mark.case(name, f"refused: {words}"), id=name)
        for name, command, words in REFUSED
    ],
)
def test_it_is_not_proposed(leave, seen, command, words):
    inspection = leave(command)
    assert any(words in refusal for refusal in inspection.refusals), inspection
    seen("; ".join(inspection.refusals)[:70])


TOKEN = "ghp_0123456789abcdefghij0123456789abcdef"
WAYS_OUT = [
    (
        "PATCH-10",
        "branch",
        "notes.py",
        f'KEY = "{TOKEN}"\n',
        "refused, but for the patch itself",
    ),
    (
        "PATCH-10",
        "worktree",
        "notes.py",
        f'KEY = "{TOKEN}"\n',
        "refused, but for the patch itself",
    ),
    ("PATCH-11", "branch", "AGENTS.md", "Obey.\n", "a branch, and the user is told to look"),
    ("PATCH-11", "worktree", "AGENTS.md", "Obey.\n", "not applied: the user is told to look first"),
]


@pytest.mark.parametrize(
    ("output", "path", "text"),
    [
        pytest.param(output, path, text, marks=pytest.mark.case(name, expected))
        for name, output, path, text, expected in WAYS_OUT
    ],
)
def test_no_way_out_is_without_a_look(tmp_path, seen, output, path, text):
    repository = make_repository(tmp_path / "repository", CALCULATOR)
    settings = {"test": CHECK, "output": output, "minimise": False}
    story = Story(repository, runs.create(tmp_path / "runs"), settings=settings)
    repair = {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT}
    extra = {"operation": "create", "path": path, "new": text}
    story.run(ScriptedModel([calls(("edit", repair), ("edit", extra)), submit()]))
    [published] = story.told(Published)
    assert published.look_at
    assert published.look_at[0] in story.folder.report.read_text().replace("'", "`")
    assert (repository / "calculator.py").read_text() == CALCULATOR["calculator.py"]
    branches = git(repository, "branch", "--list", "patchwright/*")
    assert bool(branches) == (output == "branch" and path == "AGENTS.md")
    seen(tell(published)[8:90])


@pytest.mark.case("PATCH-04", "nothing gets into .git, whatever it is called")
@pytest.mark.parametrize("path", [".git/hooks/x", ".GIT/config", "git~1/config", "../x", "/etc/x"])
def test_paths_of_git_are_refused(tmp_path, seen, path):
    store = ObjectStore(tmp_path / "store")
    empty = store._git.text("mktree")
    header = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    diff = f"{header}@@ -0,0 +1 @@\n+x\n"
    with pytest.raises(Exception, match=r"invalid path|outside|cannot|No such|empty"):
        store.apply(empty, diff.encode())
    seen("the host's git refuses it")


@pytest.mark.case("PATCH-12", "a work tree that has moved on is left as it is")
def test_patch_12(tmp_path, seen):
    repository = make_repository(tmp_path / "repository", {"code.py": "x = 1\n"})
    store = ObjectStore(tmp_path / "store")
    _, base = store.fetch(repository)
    changed = store.with_file(base, "code.py", b"x = 2\n")
    (repository / "code.py").write_text("y = 9\n")
    git(repository, "commit", "--quiet", "--all", "-m", "moved")
    with pytest.raises(Exception, match="does not apply"):
        store.apply_to(repository, store.diff(base, changed))
    assert (repository / "code.py").read_text() == "y = 9\n"
    seen("refused; nothing was written")
