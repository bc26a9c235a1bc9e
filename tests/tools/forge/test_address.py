import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.forge import BadAddress, looks_like_address, parse, safe_revision
from tools.forge.address import from_remote


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        ("https://github.com/o/r/issues/7", "issue", "https://github.com/o/r/issues/7"),
        ("https://GitHub.com/o/r/issues/7?x=1#issuecomment-9", "issue", "https://github.com/o/r/issues/7"),
        ("o/r#7", "issue", "https://github.com/o/r/issues/7"),
        ("https://github.com/o/r/pull/7/files#diff-x", "pull", "https://github.com/o/r/pull/7"),
        ("https://github.com/o/r/actions/runs/7", "run", "https://github.com/o/r/actions/runs/7"),
        ("https://github.com/o/r/actions/runs/7/job/8", "job", "https://github.com/o/r/actions/jobs/8"),
        ("https://github.com/o/r/runs/7", "check", "https://github.com/o/r/runs/7"),
        ("https://github.com/o/r", "repository", "https://github.com/o/r"),
        ("https://github.com/o/r.git", "repository", "https://github.com/o/r"),
        ("https://git.example.org/o/r/issues/7", "issue", "https://git.example.org/o/r/issues/7"),
        ("https://github.com/o/r/compare/v1.0...feature/x", "compare",
         "https://github.com/o/r/compare/v1.0...feature/x"),
        ("http://127.0.0.1:8080/o/r/issues/7", "issue", "http://127.0.0.1:8080/o/r/issues/7"),
    ],
)  # fmt: skip
def test_what_a_person_pastes(text: str, kind: str, url: str) -> None:
    address = parse(text)
    assert (address.kind, address.url) == (kind, url)
    assert parse(address.url) == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://user:secret@github.com/o/r/issues/7", "no user name or password"),
        ("ssh://github.com/o/r/issues/7", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("http://github.com/o/r/issues/7", "http is not safe"),
        ("http://127.0.0.1.example.org/o/r/issues/7", "http is not safe"),
        ("https://github.com/o", "names no repository"),
        ("https://github.com/o/r/issues/0", "not a number"),
        ("https://github.com/o/r/issues/7a", "not a number"),
        ("https://github.com/o/r/issues/-1", "not a number"),
        ("https://github.com/o/r/wiki", "is not an issue"),
        ("https://github.com/../r/issues/7", "not the name of an owner"),
        ("https://github.com/o/%2e%2e/issues/7", "not the name of a repository"),
        ("https://github.com/o/r%2f..%2fs/issues/7", "not the name of a repository"),
        ("https://github.com/-o/r/issues/7", "not the name of an owner"),
        ("https://git hub.com/o/r/issues/7", "not the name of a host"),
        ("https://github.com\\@evil.org/o/r/issues/7", "no user name"),
        ("https://github.com/o/r/compare/--upload-pack=x...y", "not a comparison"),
        ("https://[::1/o/r/issues/7", "is not an address"),
        ("", "not the name of an owner"),
    ],
)
def test_what_is_no_address(text: str, words: str) -> None:
    with pytest.raises(BadAddress, match=words):
        parse(text)


def test_enterprise_and_data_residency_have_their_own_interface() -> None:
    assert parse("o/r#1").repository.api == "https://api.github.com"
    assert parse("o/r#1", host="git.example.org").repository.api == "https://git.example.org/api/v3"
    assert parse("https://a.ghe.com/o/r/issues/1").repository.api == "https://api.a.ghe.com"


@pytest.mark.parametrize("text", ["src/project", "../x", "repo", "C:\\x", "a#b"])
def test_a_folder_is_none(text: str) -> None:
    assert not looks_like_address(text)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        address = parse(text)
    except BadAddress:
        return
    assert address.url.startswith(("https://", "http://127.", "http://localhost"))
    assert not set(address.repository.git) & set(" \n\0'\"`$;|<>")


@pytest.mark.parametrize("name", ["main", "feature/x", "v1.2", "a-b_c", "HEAD", "x#1"])
def test_revisions_that_git_can_only_take_for_one(name: str) -> None:
    assert safe_revision(name)


@pytest.mark.parametrize(
    "name",
    [
        "-x", "--upload-pack=x", "a..b", "a b", "a\nb", "a;b", "$(x)", "x.lock", "/a", "a/", ".a",
        "", "a@{1}",
    ],
)  # fmt: skip
def test_revisions_that_could_be_something_else(name: str) -> None:
    assert not safe_revision(name)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("git@github.com:o/r.git", "https://github.com/o/r"),
        ("https://github.com/o/r.git", "https://github.com/o/r"),
        ("https://x:secret@github.com/o/r", "https://github.com/o/r"),
        ("ssh://git@github.com:22/o/r.git", "https://github.com/o/r"),
        ("http://127.0.0.1:81/o/r.git", "http://127.0.0.1:81/o/r"),
    ],
)
def test_remotes(url: str, name: str) -> None:
    found = from_remote(url)
    assert found is not None
    assert found.web == name


@pytest.mark.parametrize("url", ["/srv/git/r.git", "../r", "ext::sh -c x", "file:///r", ""])
def test_remotes_that_are_no_forge(url: str) -> None:
    assert from_remote(url) is None
