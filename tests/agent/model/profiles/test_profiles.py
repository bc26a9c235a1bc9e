from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.model import profiles
from agent.model.profiles import BadProfile, Profile, Reasoning, Sampling, find, read

SOURCED = (
    "context",
    "sampling",
    "tool_parser",
    "reasoning_parser",
    "reasoning",
    "server_flags",
    "remote_code",
)
# The parsers of vLLM 0.32.0, as `vllm serve --help` names them, that a profile may use.
TOOL_PARSERS = {
    *("hermes", "qwen3_coder", "mistral", "openai", "glm45", "glm47"),
    *("deepseek_v3", "deepseek_v31", "deepseek_v32", "minimax_m2"),
}
REASONING_PARSERS = {"qwen3", "openai_gptoss", "glm45", "deepseek_v3", "minimax_m2"}


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        ("IQuestLab/IQuest-Coder-V1-40B-Instruct", "iquest-coder-v1-40b-instruct"),
        ("IQuestLab/IQuest-Coder-V1-7B-Instruct", "iquest-coder-v1-small-instruct"),
        ("IQuestLab/IQuest-Coder-V1-14B-Instruct", "iquest-coder-v1-small-instruct"),
        ("IQuestLab/IQuest-Coder-V1-7B-Thinking", "iquest-coder-v1-thinking"),
        ("IQuestLab/IQuest-Coder-V1-40B-Thinking", "iquest-coder-v1-thinking"),
        ("IQuestLab/IQuest-Coder-V1-40B-Loop-Instruct", "iquest-coder-v1-loop-instruct"),
        ("IQuestLab/IQuest-Coder-V1-40B-Loop-Thinking", "iquest-coder-v1-loop-thinking"),
        ("IQuestLab/IQuest-Coder-V1-40B-Base", "generic"),
        ("Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8", "qwen3-coder"),
        ("qwen3-coder:30b", "qwen3-coder"),
        ("Qwen/Qwen3-Coder-Next", "qwen3-coder-next"),
        ("/models/Qwen3-Coder-30B-A3B-Instruct-Q4_K_M.gguf", "qwen3-coder"),
        ("C:\\models\\Qwen3-Coder-30B.gguf", "qwen3-coder"),
        ("mistralai/Devstral-Small-2507", "devstral"),
        ("mistralai/Devstral-Small-2505", "devstral"),
        ("devstral:24b", "devstral"),
        ("mistralai/Devstral-Small-2-24B-Instruct-2512", "devstral-2"),
        ("mistralai/Devstral-2-123B-Instruct-2512", "devstral-2"),
        ("devstral-small-2:24b", "devstral-2"),
        ("openai/gpt-oss-20b", "gpt-oss"),
        ("gpt-oss:120b", "gpt-oss"),
        ("zai-org/GLM-4.5-Air", "glm-4.5"),
        ("zai-org/GLM-4.6-FP8", "glm-4.6"),
        ("glm-4.7-flash", "glm-4.7"),
        ("zai-org/GLM-5", "glm-5"),
        ("deepseek-ai/DeepSeek-V3-0324", "deepseek-v3"),
        ("deepseek-ai/DeepSeek-V3.1-Terminus", "deepseek-v3.1"),
        ("deepseek-ai/DeepSeek-V3.2-Exp", "deepseek-v3.2"),
        ("MiniMaxAI/MiniMax-M2.5", "minimax-m2"),
        ("meta-llama/Llama-3.1-8B-Instruct", "generic"),
        ("/home/deepseek-v3/models/llama", "generic"),
        ("/cache/hub/models--Qwen--Qwen3-Coder-Next/snapshots/0f1e2d", "qwen3-coder-next"),
        ("", "generic"),
        ("[", "generic"),
    ],
)
def test_a_model_is_known_by_its_name(model: str, profile: str) -> None:
    assert find(model).name == profile


@given(some.text())
def test_every_name_has_a_profile(name: str) -> None:
    assert find(name).match


@pytest.mark.parametrize("profile", profiles.shipped(), ids=lambda profile: profile.name)
def test_every_figure_has_its_source(profile: Profile) -> None:
    given_fields = {name for name in SOURCED if name in profile.model_fields_set}
    assert set(profile.sources) == given_fields
    for source in (*profile.sources.values(), *(quirk.source for quirk in profile.quirks)):
        assert source.startswith(("https://", "measured with vLLM 0.32.0"))


@pytest.mark.parametrize("profile", profiles.shipped(), ids=lambda profile: profile.name)
def test_a_profile_does_not_contradict_itself(profile: Profile) -> None:
    reasoning = profile.reasoning
    assert (reasoning.kind == "switch") is (reasoning.switch is not None)
    assert (reasoning.kind == "effort") is bool(reasoning.efforts)
    assert reasoning.kind != "none" or not (reasoning.on or reasoning.keep)
    assert (reasoning.kind == "none") is (profile.reasoning_parser is None)
    assert profile.tool_parser is None or profile.tool_parser in TOOL_PARSERS
    assert profile.reasoning_parser is None or profile.reasoning_parser in REASONING_PARSERS


def test_names_are_unique_and_only_the_last_matches_everything() -> None:
    known = profiles.shipped()
    assert len({profile.name for profile in known}) == len(known)
    assert [profile.name for profile in known if "*" in profile.match] == ["generic"]
    assert known[-1].name == "generic"


def test_what_the_issue_asks_of_iquest() -> None:
    instruct = find("IQuest-Coder-V1-40B-Instruct")
    assert instruct.sampling == Sampling(temperature=0.6, top_p=0.85, top_k=20)
    assert instruct.tool_parser == "hermes"
    assert instruct.reasoning == Reasoning()
    assert find("IQuest-Coder-V1-14B-Instruct").tool_parser == "qwen3_coder"
    thinking = find("IQuest-Coder-V1-40B-Thinking")
    assert thinking.reasoning_parser == "qwen3"
    assert thinking.tool_parser == "qwen3_coder"
    for loop in ("Instruct", "Thinking"):
        flags = find(f"IQuest-Coder-V1-40B-Loop-{loop}").server_flags
        assert flags == ("--prefix-cache-retention-interval", "1024")
    assert all(
        find(f"IQuest-Coder-V1-40B-{x}").context == 131_072 for x in ("Instruct", "Thinking")
    )


def test_a_users_own_profile_is_tried_first_and_may_start_from_another(tmp_path: Path) -> None:
    file = tmp_path / "profiles.toml"
    file.write_text(
        """
        [[profile]]
        name = "ours"
        like = "qwen3-coder"
        match = ["*qwen3-coder-30b*"]
        sampling = { temperature = 0.2 }
        [[profile]]
        name = "house"
        match = ["house-*"]
        """
    )
    own = read(file)
    ours = find("Qwen/Qwen3-Coder-30B-A3B-Instruct", own)
    assert ours.name == "ours"
    assert ours.sampling == Sampling(temperature=0.2, top_p=0.8, top_k=20, repetition_penalty=1.05)
    assert ours.tool_parser == "qwen3_coder"
    assert find("house-1", own) == Profile(name="house", match=("house-*",))
    assert find("Qwen/Qwen3-Coder-480B-A35B-Instruct", own).name == "qwen3-coder"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[profile", "profiles.toml"),
        ("profile = 1", "no \\[\\[profile\\]\\]"),
        ("profile = [1]", "no \\[\\[profile\\]\\]"),
        ("[[profile]]\nname = 'x'", "x: match: Field required"),
        ("[[profile]]\nname = 'x'\nmatch = []", "x: match"),
        ("[[profile]]\nname = 'x'\nmatch = ['x']\ncolour = 'red'", "x: colour"),
        (
            "[[profile]]\nname = 'x'\nmatch = ['x']\nsampling = { temperature = 9 }",
            "x: sampling.temperature",
        ),
        ("[[profile]]\nname = 'x'\nmatch = ['x']\nlike = 'nobody'", "'nobody' is none of: "),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "profiles.toml"
    file.write_text(text)
    with pytest.raises(BadProfile, match=line):
        read(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match=r"nowhere\.toml"):
        read(tmp_path / "nowhere.toml")
