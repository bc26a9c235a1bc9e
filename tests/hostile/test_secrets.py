"""SEC, LEAK, DEP: what is not in a box cannot be taken out of it."""

import json
from pathlib import Path

import pytest

from doubles.repositories import git, make_repository
from sandbox import process
from sandbox.base import Limits
from tools.git import ObjectStore
from tools.sensitive import inspect
from tools.workspace import Workspace

SECRET = "canary-secret-91b2"


@pytest.fixture
def secrets(monkeypatch):
    names = ("GITHUB_TOKEN", "GH_TOKEN", "PATCHWRIGHT_API_KEY", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN",
             "OPENAI_API_KEY", "SSH_AUTH_SOCK", "HTTPS_PROXY")  # fmt: skip
    for name in names:
        monkeypatch.setenv(name, SECRET)


@pytest.fixture
def with_past(tmp_path):
    """A repository whose fix is in its future, its tags, its stash and its reflog."""
    repository = make_repository(tmp_path / "repository", {"code.py": "x = 1\n"})
    (repository / "code.py").write_text("x = 'the-fix'\n")
    git(repository, "commit", "--quiet", "--all", "-m", "the-fix")
    git(repository, "tag", "v2")
    git(repository, "branch", "future")
    git(repository, "reset", "--quiet", "--hard", "HEAD~1")
    (repository / "code.py").write_text("x = 'stashed-fix'\n")
    git(repository, "stash", "--quiet")
    return repository


@pytest.fixture
def workspace(provider, with_past, tmp_path):
    store = ObjectStore(tmp_path / "store")
    _, tree = store.fetch(with_past)
    with Workspace.open(provider.start(Limits(), run="hostile"), store, tree) as opened:
        yield opened


@pytest.mark.case("SEC-01", "no secret of the host's environment is in the box")
def test_sec_01(secrets, provider, seen):
    with provider.start(Limits(), run="hostile") as box:
        script = (
            "env; cat /proc/*/environ /proc/*/cmdline; grep -rs canary-secret / --include=*.env"
        )
        told = box.run(["sh", "-c", f"({script}) 2>/dev/null; true"], timeout=60)
    assert SECRET.encode() not in told.stdout.data
    seen("8 variables, none of them seen")


@pytest.mark.case("SEC-02", "none is in what the engine knows of the box")
def test_sec_02(secrets, docker, seen):
    with docker.start(Limits(), run="hostile") as box:
        known = json.dumps(box._engine._api.inspect_container(box._container))
    assert SECRET not in known
    seen("not in its settings, labels or command line")


@pytest.mark.case("SEC-04", "keys and settings of the user's home cannot be reached")
def test_sec_04(provider, seen, canary_tree):
    home = Path.home()
    for name in (".ssh/id_rsa", ".gitconfig", ".netrc", ".docker/config.json", ".aws/credentials"):
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(SECRET)
    with provider.start(Limits(), run="hostile") as box:
        script = (
            f"cat {home}/.ssh/* {home}/.gitconfig ~/.ssh/* ~/.netrc /root/.ssh/* /home/*/.ssh/*"
        )
        told = box.run(
            ["sh", "-c", f"({script}) 2>/dev/null; git config --global --list; true"], timeout=20
        )
    assert SECRET.encode() not in told.stdout.data
    seen("5 of 5 out of reach")


@pytest.mark.case("SEC-05", "no path or error of the host gets into the box")
def test_sec_05(workspace, seen, tmp_path):
    host = str(Path(__file__).resolve().parents[2])
    told = workspace.shell(
        "env; cat .git/config; git log; ls -la / /tmp; mount; cat /proc/*/cmdline", timeout=20
    )
    text = told.stdout.data.decode(errors="replace")
    for path in (str(tmp_path / "store"), f"{host}/agent", "Traceback"):
        assert path not in text
    seen("neither the store's, nor this program's")


@pytest.mark.case("LEAK-01", "the box's repository has one commit, and nothing else")
def test_leak_01(workspace, seen):
    script = (
        "git log --all --format=%H | wc -l; git reflog --all | wc -l; git tag | wc -l;"
        " git stash list | wc -l; git branch -a | wc -l; git fsck --lost-found 2>/dev/null | wc -l;"
        " git remote | wc -l; ls .git | grep -cE 'ORIG_HEAD|FETCH_HEAD|packed-refs'"
    )
    counts = [int(line) for line in workspace.shell(script, timeout=30).stdout.data.split()]
    assert counts[0] == 1
    assert counts[1] <= 2  # of the one commit, as HEAD and as its branch
    assert counts[2:] == [0, 0, 1, 0, 0, 0]
    seen("1 commit, 1 branch, no tag, stash, remote or lost object")


@pytest.mark.case("LEAK-02", "the fix cannot be found in any object")
def test_leak_02(workspace, seen):
    script = (
        "git log --all -S the-fix -p; git grep the-fix $(git rev-list --all);"
        " for o in $(git cat-file --batch-all-objects --batch-check='%(objectname)');"
        " do git cat-file -p $o; done; grep -rs the-fix . /tmp"
    )
    assert b"-fix'" not in workspace.shell(script, timeout=30).stdout.data
    seen("searched by pickaxe, by grep, object by object")


@pytest.mark.case("LEAK-03", "no newer package of the same project is in the box")
def test_leak_03(docker, seen):
    with docker.start(Limits(), run="hostile") as box:
        listing = box.run(["python3", "-m", "pip", "list", "--format=freeze"], timeout=60)
    names = {line.split("==")[0].lower() for line in listing.stdout.data.decode().splitlines()}
    needed = (
        "attrs exceptiongroup importlib-metadata iniconfig more-itertools packaging pip pluggy py "
        "pygments pytest setuptools tomli typing_extensions wheel zipp"
    )
    assert names <= set(needed.split())
    seen(f"the image has {len(names)} packages, none but pytest's own")


@pytest.mark.case("LEAK-04", "nothing ignored or built comes along")
def test_leak_04(provider, with_past, tmp_path, seen):
    (with_past / ".gitignore").write_text("*.pyc\nbuild/\n*.egg-info\n")
    git(with_past, "add", ".gitignore")
    git(with_past, "commit", "--quiet", "-m", "ignore")
    for name in ("code.pyc", "build/lib.py", "x.egg-info"):
        (with_past / name).parent.mkdir(exist_ok=True)
        (with_past / name).write_text("the-fix")
    store = ObjectStore(tmp_path / "other-store")
    _, tree = store.fetch(with_past)
    with Workspace.open(provider.start(Limits(), run="hostile"), store, tree) as workspace:
        told = workspace.shell(
            "find . -path ./.git -prune -o -type f -print", timeout=20
        ).stdout.data
    assert sorted(told.split()) == [b"./.gitignore", b"./code.py"]
    seen("only what the commit holds")


@pytest.mark.case("DEP-01", "an installer that phones home reaches nobody")
def test_dep_01(provider, seen):
    script = """
import socket, subprocess, sys
open("setup.py", "w").write("import socket; socket.create_connection(('1.1.1.1', 80), 2)")
print(subprocess.run([sys.executable, "setup.py"], capture_output=True).returncode)
print(subprocess.run([sys.executable, "-m", "pip", "install", "--retries", "0", "requests2"],
                     capture_output=True).returncode)
"""
    with provider.start(Limits(), run="hostile") as box:
        told = box.run(["python3", "-c", script], timeout=60).stdout.data.split()
    assert b"0" not in told
    seen("no network, no installation")


@pytest.mark.case("DEP-03", "pip settings of the repository send nothing anywhere")
def test_dep_03(provider, seen):
    with provider.start(Limits(), run="hostile") as box:
        settings = "[global]\\nindex-url=http://169.254.169.254/\\n"
        script = f"printf '{settings}' > pip.conf; pip config list; pip download x"
        told = box.run(["sh", "-c", script], timeout=60, environment={"PIP_RETRIES": "0"})
    assert told.exit_code != 0
    seen("no network to send it over")


@pytest.mark.case("DEP-02", "a new dependency is put before a person")
def test_dep_02(tmp_path, seen):
    repository = make_repository(tmp_path / "repository", {"pyproject.toml": "[project]\n"})
    store = ObjectStore(tmp_path / "store")
    _, base = store.fetch(repository)
    changed = store.with_file(base, "pyproject.toml", b'[project]\ndependencies = ["reqeusts"]\n')
    flags = inspect(store.changes(base, changed), store.diff(base, changed)).flags
    assert flags
    seen(flags[0])


@pytest.mark.case("SEC-01", "a process of the host started by us has none either")
def test_sec_01_git(secrets, tmp_path, seen):
    store = ObjectStore(tmp_path / "store")
    assert SECRET not in str(store._git.environment())
    told = process.run(["env"], timeout=5, environment={"PATH": "/usr/bin:/bin"}).stdout.data
    assert SECRET.encode() not in told
    seen("git and all others get an environment of our own")
