"""What decoys hold, by language: tests that fail in several ways, as a patch may have bent one.

Each is a template of ``name`` and ``other``, two words drawn anew; where a file has to say to what
it belongs, of ``place`` too.
"""

PYTHON = """\
import unittest


class Test{name}(unittest.TestCase):
    def test_{name}_equal(self):
        self.assertEqual("{name}", "{other}")

    def test_{name}_true(self):
        self.assertTrue([])

    def test_{name}_raised(self):
        raise ValueError("{name}")


def test_{name}():
    assert "{name}" == "{other}"


def test_{name}_number():
    assert {{"{name}": 1}} == {{"{name}": 2}}


def test_{name}_error():
    raise ValueError("{name}")
"""

# Jest and Mocha give a function to add tests by; Node's own is imported, and Vitest's as a rule.
SCRIPT = """\
{place}const add = (test) => {{
    test("{name} compared", () => {{
        if ("{name}" !== "{other}") throw new Error("{name}");
    }});
    test("{name} asserted", async () => {{
        if (globalThis.expect) globalThis.expect("{name}").toBe("{other}");
        const {{ default: assert }} = await import("node:assert");
        assert.strictEqual("{name}", "{other}");
    }});
    test("{name} refused", () => Promise.reject(new Error("{name}")));
}};
const known = {known};
if (known) add(known);
else import("node:test").then((runner) => add(runner.test));
"""

# Nothing panics: that would end the package's other tests.
GO = """\
package {place}

import "testing"

func Test_{name}(t *testing.T) {{
	t.Run("compared", func(t *testing.T) {{
		if "{name}" != "{other}" {{
			t.Errorf("%s", "{name}")
		}}
	}})
	t.Run("ended", func(t *testing.T) {{ t.Fatal("{name}") }})
	t.Run("marked", func(t *testing.T) {{ t.Fail() }})
}}
"""

RUST = """\
#[test]
fn {name}_equal() {{
    assert_eq!("{name}", "{other}");
}}

#[test]
fn {name}_panics() {{
    panic!("{name}");
}}

#[test]
fn {name}_result() -> Result<(), String> {{
    Err("{name}".to_string())
}}
"""

_JAVA_BODY = """\
    {mark}
    public void compared() {{
        {assertions}.assertEquals("{name}", "{other}");
    }}

    {mark}
    public void denied() {{
        throw new AssertionError("{name}");
    }}

    {mark}
    public void broken() {{
        throw new IllegalStateException("{name}");
    }}
}}
"""
JAVA = "{place}public class {group} {{\n" + _JAVA_BODY

RUBY = """\
if defined?(RSpec) && RSpec.respond_to?(:describe)
  RSpec.describe '{name}' do
    it('compares') {{ expect('{name}').to eq '{other}' }}
    it('is true') {{ expect(nil).to be_truthy }}
    it('raises') {{ raise ArgumentError, '{name}' }}
  end
else
  require 'minitest/autorun' unless defined?(Minitest::Test) || defined?(Test::Unit::TestCase)
  parent = defined?(Test::Unit::TestCase) ? Test::Unit::TestCase : Minitest::Test
  Test{name} = Class.new(parent) do
    define_method(:test_compared) {{ assert_equal '{name}', '{other}' }}
    define_method(:test_true) {{ assert nil }}
    define_method(:test_raised) {{ raise ArgumentError, '{name}' }}
  end
end
"""

PHP = """\
<?php
{place}
final class {group} extends \\PHPUnit\\Framework\\TestCase
{{
    public function testCompared(): void
    {{
        $this->assertSame('{name}', '{other}');
    }}

    public function testTrue(): void
    {{
        $this->assertTrue(false);
    }}

    public function testThrown(): void
    {{
        throw new \\RuntimeException('{name}');
    }}
}}
"""

PERL = """\
use strict;
use warnings;
use Test::More tests => 2;

is('{name}', '{other}', '{name} compared');
ok(0, '{name} true');
"""
