"""How a repository's own image is built, as its files say; no engine is asked."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.environment import NoContainer, OwnImage, find_setups, own_image
from tools.environment.container import why_refused

SIMPLE = "FROM python:3.12\nRUN pip install pytest\n"
DESCRIPTION = ".devcontainer/devcontainer.json"


def found(files: dict[str, str], named: str = "") -> OwnImage:
    return own_image(list(files), files.__getitem__, named)


def described(properties: dict[str, Any], **files: str) -> OwnImage:
    return found({DESCRIPTION: json.dumps(properties), **files})


def test_a_dockerfile_at_the_root() -> None:
    image = found({"Dockerfile": SIMPLE, "docker/Dockerfile": "FROM other\n"})
    assert (image.dockerfile, image.path, image.context) == (SIMPLE, "Dockerfile", "")


def test_one_that_was_named_goes_before_all() -> None:
    files = {"Dockerfile": "FROM a\n", "ci/Dockerfile.test": SIMPLE, DESCRIPTION: '{"image": "b"}'}
    assert found(files, "ci/Dockerfile.test").path == "ci/Dockerfile.test"


def test_a_description_goes_before_a_dockerfile() -> None:
    files = {"Dockerfile": SIMPLE, ".devcontainer.json": '{"image": "debian:12"}'}
    assert found(files).dockerfile == "FROM debian:12\n"


def test_what_a_description_says_of_its_build() -> None:
    image = described(
        {
            "build": {
                "dockerfile": "Dockerfile.dev",
                "context": "..",
                "args": {"VARIANT": "3.12", "TOKEN": "${localEnv:TOKEN}", "N": "${localEnv:N:7}"},
                "target": "test",
            },
            "onCreateCommand": "first",
            "postCreateCommand": {"a": ["make", "a b"], "b": "cd ${containerWorkspaceFolder}/b"},
        },
        **{".devcontainer/Dockerfile.dev": SIMPLE},
    )
    assert image.path == ".devcontainer/Dockerfile.dev"
    assert (image.context, image.target) == ("", "test")
    assert image.arguments == {"VARIANT": "3.12", "TOKEN": "", "N": "7"}
    assert image.commands == ("first", "make 'a b'", "cd /workspace/b")
    assert image.files == (DESCRIPTION, ".devcontainer/Dockerfile.dev", ".dockerignore")


def test_without_a_context_it_is_the_descriptions_own_folder() -> None:
    image = described({"dockerFile": "Dockerfile"}, **{".devcontainer/Dockerfile": SIMPLE})
    assert image.context == ".devcontainer"


def test_comments_and_last_commas_are_no_mistake() -> None:
    text = '{\n// a comment\n"image": "x//y", /* one\n more */ "postCreateCommand": "make",\n}'
    image = found({".devcontainer.json": text})
    assert image.dockerfile == "FROM x//y\n"
    [setup] = find_setups([".devcontainer.json"], lambda _path: text)
    assert setup.commands == ("make",)


def test_a_description_that_names_no_image_leaves_it_to_the_dockerfile() -> None:
    assert described({"name": "x"}, Dockerfile=SIMPLE).path == "Dockerfile"


@pytest.mark.parametrize(
    ("files", "named", "why"),
    [
        ({}, "", "no Dockerfile and no devcontainer.json"),
        ({"Dockerfile": SIMPLE}, "other", "no file other"),
        ({DESCRIPTION: '{"dockerComposeFile": "x.yml"}'}, "", "Docker Compose"),
        ({DESCRIPTION: '{"build": {"dockerfile": "x"}}'}, "", "not in the repository"),
        ({DESCRIPTION: '{"build": {"dockerfile": "../../x"}}'}, "", "outside of the repository"),
        (
            {
                DESCRIPTION: '{"build": {"dockerfile": "D", "context": "../.."}}',
                ".devcontainer/D": SIMPLE,
            },
            "",
            "outside of the repository",
        ),
        ({"Dockerfile": "FROM x\nADD https://host/x /\n"}, "", "from the host's own network"),
    ],
)
def test_what_is_not_built_says_why(files: dict[str, str], named: str, why: str) -> None:
    with pytest.raises(NoContainer, match=why):
        found(files, named)


@pytest.mark.parametrize(
    "line",
    [
        "ADD http://169.254.169.254/latest /x",
        "add --chown=1:1 https://x/y /",
        "ADD \\\n  # between\n  http://x /",
        'ADD ["https://x", "/"]',
        "ADD $WHERE /",
        "ADD git@host:x.git /",
        "ONBUILD ADD http://x /",
    ],
)
def test_what_the_engine_itself_would_fetch_is_refused(line: str) -> None:
    assert why_refused(f"FROM x\r\nRUN true\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "ADD a.tar.gz /opt/",
        "COPY $FILE /",
        "RUN curl https://x",
        "# ADD http://x /",
        "ADDx http://",
    ],
)
def test_what_it_takes_from_the_repository_is_not(line: str) -> None:
    assert not why_refused(f"FROM x\n{line}\n")


@given(st.text())
def test_no_text_of_a_description_or_dockerfile_breaks_the_reading(text: str) -> None:
    why_refused(text)
    assert found({DESCRIPTION: text, "Dockerfile": SIMPLE}).dockerfile
