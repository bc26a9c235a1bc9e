from pathlib import Path

import pytest

from agent import config, runs
from agent.model.base import UserMessage
from agent.model.profiles import BadProfile
from agent.wiring import Helpers, make_helpers, make_model, recording
from doubles.scripted_server import ScriptedServer, completion, served


def settings(server: ScriptedServer, **flags: object) -> config.Settings:
    return config.load({"base_url": server.url, **flags}, environment={"HOME": "/nonexistent"})


@pytest.mark.parametrize("named", [True, False])
def test_a_model_is_asked_as_its_makers_recommend(named: bool) -> None:
    name = "IQuestLab/IQuest-Coder-V1-40B-Instruct"
    with ScriptedServer([completion("yes")], models=served(name)) as server:
        make_model(settings(server, **({"model": name} if named else {}))).reply(
            [UserMessage(content="hello")], []
        )
        body = server.posts[-1]
    assert body["model"] == name
    assert (body["temperature"], body["top_p"], body["top_k"]) == (0.6, 0.85, 20)


def test_a_profile_of_the_users_own_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "profiles.toml"
    own.write_text(
        '[[profile]]\nname = "ours"\nmatch = ["house-*"]\n[profile.sampling]\ntop_k = 7\n'
    )
    with ScriptedServer([completion("yes")], models=served("house-1")) as server:
        model = make_model(settings(server, model="house-1", profiles=own))
        model.reply([UserMessage(content="hello")], [])
        assert server.posts[-1]["top_k"] == 7
    own.write_text("[[profile]]\nname = 1\n")
    with ScriptedServer() as server, pytest.raises(BadProfile):
        make_model(settings(server, model="house-1", profiles=own))


def test_helpers_are_made_of_what_is_configured() -> None:
    with ScriptedServer() as main, ScriptedServer([completion("yes")]) as other:
        assert make_helpers(settings(main)) == Helpers()
        found = make_helpers(
            settings(
                main,
                api_key="main-key",
                small_model="scripted",
                review_base_url=other.url,
                review_api_key="review-key",
            )
        )
        found.check()
        assert found.small is not None
        assert found.review is not None
        assert (found.small.name, found.review.name) == ("scripted", "scripted")
        keys = {r.headers["Authorization"] for r in main.requests}
        assert keys == {"Bearer main-key"}
        assert {r.headers["Authorization"] for r in other.requests} == {"Bearer review-key"}


def test_a_key_does_not_go_to_another_server() -> None:
    with ScriptedServer() as main, ScriptedServer() as other:
        found = make_helpers(
            settings(main, api_key="main-key", small_base_url=other.url, small_model="scripted")
        )
        found.check()
        assert other.requests
        assert all("Authorization" not in request.headers for request in other.requests)


def test_a_recording_is_named_by_run_or_file(tmp_path: Path) -> None:
    folder = runs.create(tmp_path)
    folder.journal.write_text("")
    for name in (folder.name, "last", str(folder.journal), str(folder.path)):
        found = config.load(
            {"model": f"replay:{name}", "runs": tmp_path}, environment={"HOME": "/nonexistent"}
        )
        assert recording(found) == folder.journal
    with pytest.raises(runs.RunError, match="there is no run nothing"):
        recording(
            config.load({"model": "replay:nothing", "runs": tmp_path}, environment={"HOME": "/x"})
        )
