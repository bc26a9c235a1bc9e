from pathlib import Path

import pytest

from agent import config
from agent.model.base import UserMessage
from agent.model.profiles import BadProfile
from agent.wiring import make_model
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
