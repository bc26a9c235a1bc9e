from pathlib import Path

import pytest

from agent import config


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def settings_file(home: Path, text: str) -> None:
    path = home / ".config" / "patchwright" / "patchwright.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def load(home: Path, repository: Path | None = None, *, flags=None, **variables: str):  # type: ignore[no-untyped-def]
    environment = {"HOME": str(home)} | variables
    return config.load(flags or {}, repository=repository, environment=environment)


def test_defaults(home: Path) -> None:
    settings = load(home)
    assert settings.embedded
    assert settings.sandbox == "auto"
    assert settings.runs == home / ".local/state/patchwright/runs"
    assert (settings.budget.steps, settings.budget.minutes) == (100, 30)


def test_each_source_wins_over_the_one_before(home: Path, tmp_path: Path) -> None:
    assert load(home, tmp_path).steps == 100
    settings_file(home, "steps = 1\n")
    assert load(home, tmp_path).steps == 1
    (tmp_path / "patchwright.toml").write_text("steps = 2\n")
    assert load(home, tmp_path).steps == 2
    assert load(home, tmp_path, PATCHWRIGHT_STEPS="3").steps == 3
    assert load(home, tmp_path, PATCHWRIGHT_STEPS="3", flags={"steps": 4}).steps == 4
    assert load(home, tmp_path, PATCHWRIGHT_STEPS="3", flags={"steps": None}).steps == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps = 'many'\n", "patchwright.toml: steps: "),
        ("stepz = 3\n", "stepz: .*known are: .*steps"),
        ("steps = 0\n", "greater than or equal to 1"),
        ("sandbox = 'chroot'\n", r"'auto', 'isolated', 'docker', 'podman', 'bubblewrap' or 'none'"),
        ("steps = \n", "cannot read .*patchwright.toml: Invalid value"),
        ("api_key = 'x'\n", "set api_key by PATCHWRIGHT_API_KEY, not a file"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong_in_it(home: Path, text: str, message: str) -> None:
    settings_file(home, text)
    with pytest.raises(config.ConfigurationError, match=message):
        load(home)


def test_a_bad_variable_is_named_as_one(home: Path) -> None:
    with pytest.raises(config.ConfigurationError, match=r"environment \(PATCHWRIGHT_\*\): steps: "):
        load(home, PATCHWRIGHT_STEPS="many")


def test_an_unreadable_file_is_an_error_and_not_ignored(home: Path) -> None:
    settings_file(home, "steps = 1\n")
    path = home / ".config" / "patchwright" / "patchwright.toml"
    path.unlink()
    path.mkdir()
    with pytest.raises(config.ConfigurationError, match=r"cannot read .*patchwright\.toml"):
        load(home)


@pytest.mark.parametrize(
    "text",
    ["base_url = 'http://evil/v1'", "sandbox = 'none'", "runs = '/'", "api_key = 'x'"],
)
def test_a_repository_may_not_choose_where_code_goes_or_runs(
    home: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "patchwright.toml").write_text(text)
    with pytest.raises(config.ConfigurationError, match=r"patchwright\.toml"):
        load(home, tmp_path)


def test_a_repositorys_file_that_is_a_link_is_not_followed(home: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not toml at all\n")
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "patchwright.toml").symlink_to(secret)
    assert load(home, repository).steps == 100


def test_a_base_url_alone_means_the_servers_own_model(home: Path) -> None:
    settings = load(home, PATCHWRIGHT_BASE_URL="http://127.0.0.1:8000/v1")
    assert not settings.embedded
    assert settings.model is None
    assert load(home, PATCHWRIGHT_MODEL="embedded", PATCHWRIGHT_BASE_URL="http://x/v1").embedded


def test_the_key_is_never_shown(home: Path) -> None:
    settings = load(home, PATCHWRIGHT_API_KEY="sk-canary")
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-canary"
    assert "sk-canary" not in repr(settings)
    assert "sk-canary" not in settings.model_dump_json()


def test_folders_follow_the_base_directory_specification(home: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert load(home, XDG_STATE_HOME=str(state)).runs == state / "patchwright" / "runs"
    assert load(home, XDG_STATE_HOME="relative").runs == home / ".local/state/patchwright/runs"


def test_a_budget_of_money_needs_a_price(home: Path) -> None:
    with pytest.raises(config.ConfigurationError, match="needs price_prompt"):
        load(home, PATCHWRIGHT_MONEY="3")
    settings_file(home, "price_prompt = 2.0\nprice_completion = 8.0\n")
    settings = load(home, PATCHWRIGHT_MONEY="3")
    assert settings.price is not None
    assert (settings.price.cached, settings.price.completion) == (2.0, 8.0)


def test_nobody_waits_for_gpus_where_the_model_is_embedded(home: Path) -> None:
    assert load(home).budget.gpus == 0
    assert load(home, PATCHWRIGHT_MODEL="served", PATCHWRIGHT_GPUS="4").budget.gpus == 4


@pytest.mark.parametrize("name", ["small_base_url", "review_base_url", "small_api_key"])
def test_a_repository_may_not_say_where_code_is_sent_for_any_role(
    home: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "patchwright.toml").write_text(f"{name} = 'http://elsewhere'\n")
    with pytest.raises(config.ConfigurationError, match=name):
        load(home, tmp_path)


@pytest.mark.parametrize(
    ("variables", "token", "host"),
    [
        ({}, None, "github.com"),
        ({"GITHUB_TOKEN": "a"}, "a", "github.com"),
        ({"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, "b", "github.com"),
        ({"GITHUB_TOKEN": "a", "PATCHWRIGHT_GITHUB_TOKEN": "c"}, "c", "github.com"),
        ({"GITHUB_TOKEN": "a", "GITHUB_SERVER_URL": "https://git.example"}, "a", "git.example"),
        ({"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "git.example.org"}, "e", "git.example.org"),
        ({"GH_ENTERPRISE_TOKEN": "e", "GITHUB_TOKEN": "a"}, "a", "github.com"),
    ],
)  # fmt: skip
def test_the_token_for_github_and_the_one_host_that_it_is_for(
    home: Path, variables: dict[str, str], token: str | None, host: str
) -> None:
    settings = load(home, **variables)
    assert (settings.github_token and settings.github_token.get_secret_value()) == token
    assert settings.github_host == host
    assert "secret" not in repr(load(home, GITHUB_TOKEN="secret"))


@pytest.mark.parametrize("text", ["github_token = 'x'", "github_host = 'evil'", "fork = true"])
def test_a_repository_may_not_choose_where_a_token_goes(
    home: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "patchwright.toml").write_text(text)
    with pytest.raises(config.ConfigurationError, match=r"may not set|not a file"):
        load(home, tmp_path)
