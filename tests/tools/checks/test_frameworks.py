"""Which framework a repository uses, and which one a command runs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Request
from tools.checks.frameworks import (
    FRAMEWORKS,
    find_command,
    find_suites,
    framework_for,
    framework_of,
)


def package(**values: object) -> str:
    return json.dumps(values)


def chosen(files: dict[str, str]) -> tuple[str, str]:
    suites = find_suites(list(files), files.__getitem__)
    return (suites[0].framework, suites[0].command) if suites else ("", "")


def test_the_command_is_that_of_the_first_framework_at_home() -> None:
    assert find_command(["src/a.py", "tests/test_a.py"], lambda _: "") == "python3 -m pytest"


def test_no_command_is_made_up() -> None:
    assert find_command(["README.md", "Makefile", "package.json"], lambda _: "") is None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("pytest -q", "pytest"),
        ("make test", "command"),
        ("", "command"),
        ("npm test", "command"),
        ("python3 -m unittest -v", "unittest"),
        ("coverage run -m unittest", "unittest"),
        ("python setup.py test", "unittest"),
        ("./tests/runtests.py --parallel 1 auth_tests", "Django"),
        ("cd tests && python runtests.py", "Django"),
        ("python manage.py test polls", "Django"),
        ("python -m django test --settings=x", "Django"),
        ("python manage.py migrate", "command"),
        ("python bin/test -C", "SymPy"),
        ("bin/test", "command"),
        ("npx jest --ci", "Jest"),
        ("yarn jest", "Jest"),
        ("yarn add jest", "command"),
        ("NODE_OPTIONS=--experimental-vm-modules npx jest", "Jest"),
        ("node node_modules/.bin/jest", "Jest"),
        ("node ./node_modules/jest/bin/jest.js", "Jest"),
        ("pnpm exec vitest run", "Vitest"),
        ("npx --no-install mocha -r ts-node/register test/*.ts", "Mocha"),
        ("nyc mocha", "Mocha"),
        ("node --test", "node:test"),
        ("node --import tsx --test test/*.ts", "node:test"),
        ("npx tsx --test", "node:test"),
        ("node server.js", "command"),
        ("go test ./...", "go test"),
        ("cd server && go test -race ./...", "go test"),
        ("go vet ./...", "command"),
        ("cargo test --workspace", "cargo test"),
        ("cargo +nightly t", "cargo test"),
        ("cargo build", "command"),
        ("mvn -q test", "Maven"),
        ("./mvnw -B verify", "Maven"),
        ("mvn compile", "command"),
        ("./gradlew :core:test", "Gradle"),
        ("gradle integrationTest", "Gradle"),
        ("gradle assemble", "command"),
        ("ctest --test-dir build -j4", "CTest"),
        ("bundle exec rspec spec/models", "RSpec"),
        ("bundle exec rake test", "Minitest"),
        ("ruby -Itest test/a_test.rb", "Minitest"),
        ("bin/rails test", "Minitest"),
        ("vendor/bin/phpunit --testdox", "PHPUnit"),
        ("php vendor/bin/phpunit", "PHPUnit"),
        ("vendor/bin/pest", "PHPUnit"),
        ("prove -lr t", "prove"),
    ],
)
def test_every_command_has_a_framework(command: str, name: str) -> None:
    assert framework_for(command).name == name


def test_the_last_framework_understands_everything() -> None:
    assert FRAMEWORKS[-1].understands("anything at all")


def test_named_reports_speak_for_any_command() -> None:
    assert framework_of(Request("pytest", report="out/*.xml")).name == "report files"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # Python
        (
            {"tests/test_a.py": "import unittest"},
            ("unittest", "python3 -m unittest discover -s tests"),
        ),
        (
            {"pkg/tests/a_test.py": "import unittest", "pkg/__init__.py": ""},
            ("unittest", "python3 -m unittest discover -s pkg -t . -p '*_test.py'"),
        ),
        (
            {"test_a.py": "from unittest import TestCase"},
            ("unittest", "python3 -m unittest discover"),
        ),
        (
            {"tests/test_a.py": "import unittest", "requirements-dev.txt": "pytest>=7"},
            ("pytest", "python3 -m pytest"),
        ),
        (
            {"tests/test_a.py": "import unittest", "tests/test_b.py": "import pytest"},
            ("pytest", "python3 -m pytest"),
        ),
        (
            {"tests/runtests.py": "import django", "tests/a/test_a.py": "import unittest"},
            ("Django", "python3 tests/runtests.py"),
        ),
        (
            {"site/manage.py": "from django", "site/polls/tests.py": "from django.test"},
            ("Django", "cd site && python3 manage.py test"),
        ),
        (
            {"manage.py": "from django", "setup.cfg": "[tool:pytest]\n", "a/test_a.py": ""},
            ("pytest", "python3 -m pytest"),
        ),
        (
            {"pkg/tests/a_tests.py": "import unittest", "pkg/__init__.py": ""},
            ("unittest", "python3 -m unittest discover -s pkg -t . -p '*_tests.py'"),
        ),
        (
            {"bin/test": "", "sympy/testing/runtests.py": "", "conftest.py": ""},
            ("SymPy", "python3 bin/test -C"),
        ),
        # JavaScript
        ({"package.json": package(scripts={"test": "jest"})}, ("Jest", "npm test")),
        (
            {
                "package.json": package(
                    scripts={
                        "test": "npm run lint && npm run unit",
                        "lint": "eslint .",
                        "unit": "mocha 'test/**/*.js'",
                    }
                )
            },
            ("Mocha", "npx --no-install mocha 'test/**/*.js'"),
        ),
        (
            {"package.json": package(scripts={"test": "yarn build && vitest", "build": "tsc"})},
            ("Vitest", "npm test"),
        ),
        (
            {"package.json": package(scripts={"test": "karma start", "test:unit": "node --test"})},
            ("node:test", "npm run test:unit"),
        ),
        (
            {
                "package.json": package(
                    scripts={"test": 'echo "Error: no test specified" && exit 1'},
                    devDependencies={"mocha": "1"},
                )
            },
            ("Mocha", "npx --no-install mocha"),
        ),
        (
            {
                "package.json": package(
                    scripts={"test": "run-s lint unit:*", "lint": "xo", "unit:a": "vitest run"}
                )
            },
            ("Vitest", "npx --no-install vitest run"),
        ),
        (
            {
                "package.json": package(scripts={"test": "turbo run test"}),
                "packages/a/package.json": package(scripts={"test": "mocha"}),
            },
            ("Mocha", "npm test"),
        ),
        (
            {
                "package.json": package(scripts={"test": "pnpm -r test"}),
                "packages/a/package.json": package(scripts={"test": "vitest"}),
            },
            ("Vitest", "npm test"),
        ),
        ({"package.json": package(scripts={"test": "lerna run test"})}, ("", "")),
        ({"package.json": package(scripts={"test": "npm test"})}, ("", "")),
        ({"package.json": package(scripts={"test": ["jest"]})}, ("", "")),
        ({"package.json": "[]"}, ("", "")),
        ({"node_modules/x/package.json": package(scripts={"test": "jest"})}, ("", "")),
        # compiled languages
        ({"go.mod": "", "a/a_test.go": ""}, ("go test", "go test ./...")),
        ({"srv/go.mod": "", "srv/a_test.go": ""}, ("go test", "cd srv && go test ./...")),
        ({"go.mod": "", "main.go": ""}, ("", "")),
        ({"Cargo.toml": "[package]\nname='a'"}, ("cargo test", "cargo test")),
        ({"Cargo.toml": "[workspace]\n"}, ("cargo test", "cargo test --workspace")),
        ({"pom.xml": ""}, ("Maven", "mvn --batch-mode --offline test")),
        ({"pom.xml": "", "mvnw": ""}, ("Maven", "./mvnw --batch-mode --offline test")),
        ({"build.gradle.kts": "", "gradlew": ""}, ("Gradle", "./gradlew --offline test")),
        ({"CMakeLists.txt": "project(a)"}, ("", "")),
        # others
        ({".rspec": "", "Gemfile": ""}, ("RSpec", "bundle exec rspec")),
        ({"gem/spec/a_spec.rb": ""}, ("RSpec", "cd gem && rspec")),
        (
            {"test/a_test.rb": "", "Rakefile": "Rake::TestTask.new", "Gemfile": ""},
            ("Minitest", "bundle exec rake test"),
        ),
        ({"test/spec_a.rb": "", "Rakefile": "Minitest::TestTask"}, ("Minitest", "rake test")),
        ({"test/a_test.rb": "", "bin/rails": ""}, ("Minitest", "ruby bin/rails test")),
        ({"phpunit.xml.dist": ""}, ("PHPUnit", "phpunit")),
        (
            {"composer.json": package(**{"require-dev": {"phpunit/phpunit": "^9"}})},
            ("PHPUnit", "vendor/bin/phpunit"),
        ),
        (
            {
                "phpunit.xml": "",
                "composer.json": package(**{"require-dev": {"pestphp/pest": "^2"}}),
            },
            ("PHPUnit", "vendor/bin/pest"),
        ),
        ({"t/a.t": "", "Makefile.PL": ""}, ("prove", "prove --merge --lib --recurse t")),
        ({"t/a.t": ""}, ("", "")),
        ({"Makefile": "all: a\n\ncheck: all\n\t./check"}, ("command", "make check")),
        ({"Makefile": "test := a\nTEST_FILES = b"}, ("", "")),
    ],
)
def test_a_repositorys_own_files_show_what_it_uses(
    files: dict[str, str], expected: tuple[str, str]
) -> None:
    assert chosen(files) == expected


JEST = package(scripts={"test": "jest"})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # What runs from the root goes before what runs from a folder.
        (
            {
                "go.mod": "",
                "a_test.go": "",
                "web/package.json": JEST,
                "web/a.ts": "",
                "web/b.ts": "",
            },
            "go test",
        ),
        # Then the language of most of the sources.
        (
            {"package.json": JEST, "Cargo.toml": "[package]", "a.rs": "", "b.rs": "", "c.js": ""},
            "cargo test",
        ),
        (
            {"package.json": JEST, "Cargo.toml": "[package]", "a.rs": "", "b.ts": "", "c.js": ""},
            "Jest",
        ),
        ({"package.json": JEST, "tests/test_a.py": "", "a.py": "", "c.js": ""}, "pytest"),
        (
            {"Cargo.toml": "[package]", "a.rs": "", "b.rs": "", "scripts/test_syntax.py": ""},
            "cargo test",
        ),
        (
            {
                "go/go.mod": "",
                "go/a_test.go": "",
                "web/package.json": JEST,
                "web/a.ts": "",
                "web/b.js": "",
            },
            "Jest",
        ),
        # Then what is configured, then the order of the table.
        ({"manage.py": "django", "test_a.py": "", "pytest.ini": ""}, "pytest"),
        ({"pom.xml": "", "build.gradle": "", "A.java": ""}, "Maven"),
        ({".rspec": "", "test/a_test.rb": "", "Rakefile": "Rake::TestTask"}, "RSpec"),
        # A Makefile comes last, but before what lies in a folder of the root.
        ({"Makefile": "test:\n", "tests/test_a.py": ""}, "pytest"),
        (
            {"Makefile": "test:\n", "tool/package.json": JEST, "tool/a.js": ""},
            "command",
        ),
    ],
)
def test_of_several_one_is_chosen_and_the_others_are_told(
    files: dict[str, str], expected: str
) -> None:
    suites = find_suites(list(files), files.__getitem__)
    assert suites[0].framework == expected
    assert len(suites) > 1 or expected == "cargo test"


names = st.sampled_from(
    [
        *("package.json", "pyproject.toml", "setup.cfg", "tox.ini", "noxfile.py", "go.mod"),
        *("Cargo.toml", "pom.xml", "build.gradle", "CMakeLists.txt", ".rspec", "Rakefile"),
        *("composer.json", "phpunit.xml", "Makefile", "test_a.py", "a_test.go", "manage.py"),
        *("deep/package.json", "deep/CMakeLists.txt", "test/a_test.rb", "tests/runtests.py"),
    ]
)


@given(st.dictionaries(names, st.text()))
def test_any_text_is_survived(files: dict[str, str]) -> None:
    find_suites(list(files), files.__getitem__)


@given(st.text())
def test_any_command_is_survived(command: str) -> None:
    framework_for(command)


def test_a_script_in_a_corner_tells_nothing_of_a_project() -> None:
    files = {f"lib/{number}.c": "" for number in range(30)} | {"tests/http/conftest.py": ""}
    assert find_suites(list(files), files.__getitem__) == []
    assert chosen(files | {"conftest.py": ""})[0] == "pytest"
