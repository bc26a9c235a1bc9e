import pytest

from tools.checks.suite_files import (
    CONFIGURATION,
    is_suite_configuration,
    is_test_path,
    may_configure_suite,
)


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
        "pkg/plain_tests.py",
        "core/src/main/java/com/x/ReaderIT.java",
        "app/src/androidTest/java/Helper.java",
        "app/src/integrationTest/kotlin/Helper.kt",
        "core/src/it/pom.xml",
        "src/parser/tests.rs",
        "tests/testsuite/main.rs",
        "lib/buffer_test.cc",
        "src/test-json.cpp",
        "test_helpers/test_it.c",
        "t/basic.t",
        "t/lib/Helper.pm",
        "Zend/tests/bug1.phpt",
        "src/Tests/Fixtures/a.php",
        "test/run.bats",
        "web/e2e/login.ts",
        "web/button-spec.js",
        "web/button.cy.ts",
        "crates/a/testdata/in.txt",
        "phpunit.dist.xml",
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
        "src/features/cart.ts",
        "src/t/mod.rs",
        "src/latest.rs",
        "src/attest.c",
        "com/x/Contest.java",
        "com/x/Tester.java",
        "lib/inspec.rb",
        "src/unittest.cpp",
        "package.json",
        "go.mod",
        "tests",
        "",
    ],
)
def test_files_of_production(path: str) -> None:
    assert not is_test_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *("conftest.py", "pkg/deep/conftest.py", "pytest.ini", "tox.ini", "noxfile.py"),
        *("sitecustomize.py", "lib/usercustomize.py", ".coveragerc"),
        *("jest.config.ts", "web/jest.setup.js", "vitest.config.mts", "vitest.workspace.json"),
        *(".mocharc.yml", "karma.conf.js", "playwright.config.ts", ".nycrc.json"),
        *(".rspec", "spec/spec_helper.rb", "test/test_helper.rb"),
        *("phpunit.xml", "phpunit.xml.dist", "phpunit.ci.xml", "tests/Pest.php"),
        *("src/test/resources/junit-platform.properties", "testng.xml"),
        *("CTestCustom.cmake", ".config/nextest.toml", ".proverc"),
    ],
)
def test_files_that_say_how_tests_are_run(path: str) -> None:
    assert is_suite_configuration(path)
    assert is_test_path(path)
    assert not may_configure_suite(path)


@pytest.mark.parametrize(
    "path",
    [
        *("pyproject.toml", "setup.cfg", "package.json", "web/package.json", "Cargo.toml"),
        *("pom.xml", "build.gradle.kts", "CMakeLists.txt", "composer.json", "Rakefile"),
        *("Makefile", "go.mod"),
    ],
)
def test_files_of_a_product_that_may_say_so_too(path: str) -> None:
    assert may_configure_suite(path)
    assert not is_suite_configuration(path)
    assert not is_test_path(path)


@pytest.mark.parametrize("path", ["tests/test_a.py", "src/a.py", "jest.md", "myconftest.py", ""])
def test_files_that_say_nothing_of_it(path: str) -> None:
    assert not is_suite_configuration(path)
    assert not may_configure_suite(path)


def test_no_configuration_is_named_so_widely_that_a_product_might_need_it() -> None:
    assert not any(pattern.startswith("*") for pattern in CONFIGURATION)
