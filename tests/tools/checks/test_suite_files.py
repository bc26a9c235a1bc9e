import pytest

from tools.checks.suite_files import is_test_path


@pytest.mark.parametrize(
    "path",
    [
        "test_a.py",
        "src/package/test_a.py",
        "package/a_test.py",
        "conftest.py",
        "package/conftest.py",
        "pytest.ini",
        "tox.ini",
        "app/tests.py",
        "tests/data/input.txt",
        "package/tests/helpers.py",
        "test/helper.py",
        "src/test/java/Helper.java",
        "packages/one/test/helper.ts",
        "pkg/read_test.go",
        "pkg/testdata/golden.json",
        "web/button.test.js",
        "web/button.spec.tsx",
        "web/__tests__/button.jsx",
        "web/__snapshots__/button.snap",
        "jest.config.js",
        "spec/models/user_spec.rb",
        "spec/spec_helper.rb",
        "lib/user_test.exs",
        "src/ReaderTest.java",
    ],
)
def test_files_of_tests(path: str) -> None:
    assert is_test_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "latest.py",
        "src/contest.py",
        "src/testing.py",
        "src/attest/tests_runner.py",
        "src/test_utils_for_production/read.py",
        "django/test/client.py",
        "numpy/testing/overrides.py",
        "src/specification.py",
        "docs/testing.md",
        "pkg/test.go",
        "web/test.js",
        "web/latest.js",
        "setup.cfg",
        "pyproject.toml",
        "tests",
        "",
    ],
)
def test_files_of_production(path: str) -> None:
    assert not is_test_path(path)
