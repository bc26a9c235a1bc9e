import json

import pytest

from tools.environment import Setup, find_setups, fingerprint

PROJECT = "[project]\nname = 'a'\n\n[project.optional-dependencies]\ntest = ['pytest']\nplot = []\n"
SETUP_CFG = "[options.extras_require]\ndev =\n    pytest\nplot =\n    x\n\n[flake8]\na = 1\n"


def setups(files: dict[str, str]) -> list[Setup]:
    return find_setups(list(files), lambda path: files[path])


@pytest.mark.parametrize(
    ("files", "ecosystem", "commands", "made_of"),
    [
        (
            {"uv.lock": "", "pyproject.toml": PROJECT},
            "uv",
            ["uv sync --frozen --all-extras --all-groups"],
            ["uv.lock", "pyproject.toml"],
        ),
        (
            {"poetry.lock": "", "pyproject.toml": ""},
            "Poetry",
            ["poetry install --no-interaction --all-extras"],
            ["poetry.lock", "pyproject.toml"],
        ),
        (
            {"environment.yml": ""},
            "conda",
            ["conda env update --name base --file environment.yml"],
            ["environment.yml"],
        ),
        (
            {"pyproject.toml": PROJECT},
            "pip",
            ["python3 -m pip install --editable '.[test]'"],
            ["pyproject.toml"],
        ),
        (
            {"setup.py": "", "setup.cfg": SETUP_CFG, "requirements-dev.txt": ""},
            "pip",
            [
                "python3 -m pip install --editable '.[dev]'",
                "python3 -m pip install --requirement requirements-dev.txt",
            ],
            ["setup.py", "setup.cfg", "requirements-dev.txt"],
        ),
        (
            {"requirements.txt": "attrs\n"},
            "pip",
            ["python3 -m pip install --requirement requirements.txt"],
            ["requirements.txt"],
        ),
        (
            {"package.json": "{}", "package-lock.json": "{}"},
            "npm",
            ["npm ci"],
            ["package-lock.json", "package.json"],
        ),
        (
            {"package.json": json.dumps({"devDependencies": {"jest": "*"}})},
            "npm",
            ["npm install --no-audit --no-fund"],
            ["package.json"],
        ),
        ({"go.mod": "", "go.sum": ""}, "Go", ["go mod download"], ["go.mod", "go.sum"]),
        ({"Cargo.toml": ""}, "Cargo", ["cargo fetch"], ["Cargo.toml"]),
        (
            {".devcontainer/devcontainer.json": '{"postCreateCommand": ["make", "a b"]}'},
            "devcontainer",
            ["make 'a b'"],
            [".devcontainer/devcontainer.json"],
        ),
    ],
)
def test_the_files_tell_how_it_is_set_up(
    files: dict[str, str], ecosystem: str, commands: list[str], made_of: list[str]
) -> None:
    assert setups(files) == [Setup(ecosystem, tuple(commands), tuple(made_of))]


def test_several_ecosystems_belong_together() -> None:
    files = {"pyproject.toml": PROJECT, "package.json": "{}", "yarn.lock": "", "Gemfile": ""}
    assert [setup.ecosystem for setup in setups(files)] == ["pip", "npm", "Bundler"]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.py": ""},
        {"package.json": "[]"},
        {"pyproject.toml": "[tool.ruff]\n"},
        {"package.json": "{"},
    ],
)
def test_where_nothing_is_to_be_installed_nothing_is_said(files: dict[str, str]) -> None:
    assert setups(files) == []


def test_the_same_locks_are_the_same_environment_and_others_are_not() -> None:
    locks = {"a.lock": b"1", "b.lock": b"2"}
    same = fingerprint("image", ["install"], ["b.lock", "a.lock"], locks.__getitem__)
    assert same == fingerprint("image", ["install"], ["a.lock", "b.lock"], locks.__getitem__)
    others = {
        fingerprint("other", ["install"], ["a.lock", "b.lock"], locks.__getitem__),
        fingerprint("image", ["install more"], ["a.lock", "b.lock"], locks.__getitem__),
        fingerprint("image", ["install"], ["a.lock"], locks.__getitem__),
        fingerprint("image", ["install"], ["a.lock", "b.lock"], {**locks, "a.lock": b"3"}.get),
        fingerprint("imagei", ["nstall"], ["a.lock", "b.lock"], locks.__getitem__),
    }
    assert len(others) == 5
    assert same not in others
