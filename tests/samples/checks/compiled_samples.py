"""Samples in Go, Rust and C."""

from samples.checks.shape import ODD, PASSED, SKIPPED, Hang, Sample, program_missing

_GO_HANG = """package text

import (
	"os"
	"testing"
	"time"
)

func Test1Ends(t *testing.T) {}

func Test2Hangs(t *testing.T) {
	os.WriteFile("../hanging", nil, 0o600)
	time.Sleep(time.Hour)
}
"""

GO = Sample(
    framework="go test",
    folder="go",
    command="go test ./...",
    expected={
        "example.com/halves::TestEven": PASSED,
        "example.com/halves::TestOdd": ("failed", "half_test.go:17: half of three: 1"),
        "example.com/halves::TestText": ("failed", "panic: no half of -1"),
        "example.com/halves::TestHuge": SKIPPED,
        "example.com/halves::TestParts": ("failed", ""),
        "example.com/halves::TestParts/of_2": PASSED,
        "example.com/halves::TestParts/of_5": ("failed", "half of 5"),
        f"example.com/halves::TestParts/{ODD.replace(' ', '_')}": PASSED,
        "example.com/halves/text::TestEven": PASSED,
    },
    chosen=["example.com/halves/text::TestEven", "example.com/halves::TestEven"],
    whole=("example.com/halves::TestParts", 4),
    gone="example.com/halves::TestGone",
    missing=program_missing("go"),
    hang=Hang(
        {"text/hang_test.go": _GO_HANG},
        "example.com/halves/text::Test1Ends",
        "example.com/halves/text::Test2Hangs",
    ),
    broken={
        "unbuilt/unbuilt_test.go": "package unbuilt\n\n"
        'import "testing"\n\n'
        "func TestNever(t *testing.T) { nothingOfThisName() }\n"
    },
    environment=lambda shared: {"GOCACHE": str(shared / "go"), "GOFLAGS": "-mod=mod"},
)

_RUST_HANG = """
#[test]
fn a_ends() {}

#[test]
fn b_hangs() {
    std::thread::sleep(std::time::Duration::from_millis(500));
    std::fs::write("hanging", "").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3600));
}
"""

CARGO = Sample(
    framework="cargo test",
    folder="cargo",
    command="cargo test",
    expected={
        "halves::tests::even": PASSED,
        "halves::tests::odd": ("failed", "half of three"),
        "halves::tests::text": ("failed", "no half of -1"),
        "halves::tests::huge": SKIPPED,
        "halves::tests::known": PASSED,
        "halves::tests::result": ("failed", ""),
        "halves::tests::deep::even": PASSED,
        "other::even": PASSED,
        "src/lib.rs - half": PASSED,
        "src/lib.rs - twice": ("failed", "twice two"),
    },
    chosen=["halves::tests::odd", "other::even"],
    whole=("halves::tests", 7),
    gone="halves::tests::gone",
    missing=program_missing("cargo", "rustc", "cc"),
    hang=Hang({"tests/hang.rs": _RUST_HANG}, "hang::a_ends", "hang"),
    broken={"tests/unbuilt.rs": "#[test]\nfn never() { nothing_of_this_name() }\n"},
)

_CMAKE_BUILD = '"${TMPDIR:-$HOME}/build"'
_CMAKE_HANG = """cmake_minimum_required(VERSION 3.19)
project(hang NONE)
enable_testing()
add_test(NAME ends COMMAND true)
add_test(NAME hangs COMMAND sh -c "touch '${CMAKE_SOURCE_DIR}/hanging'; sleep 3600")
"""

CTEST = Sample(
    framework="CTest",
    folder="ctest",
    command=(
        f"cmake -S . -B {_CMAKE_BUILD} && cmake --build {_CMAKE_BUILD} --parallel"
        f" && ctest --test-dir {_CMAKE_BUILD}"
    ),
    expected={
        "half.even": PASSED,
        "half.odd": ("failed", "half of 3"),
        "half.text": ("failed", "Subprocess aborted"),
        "half.huge": ("skipped", "SKIP_RETURN_CODE=77"),
        "it's (odd) [x] + ^1.*": PASSED,
        "unbuilt": ("error", "Unable to find executable"),
        "off": ("skipped", ""),
    },
    chosen=["it's (odd) [x] + ^1.*", "half.odd"],
    whole=("half.odd", 1),
    gone="half.gone",
    missing=program_missing("cmake", "ctest", "cc", "make"),
    hang=Hang({"CMakeLists.txt": _CMAKE_HANG}, "ends", "hangs"),
    broken={"half.c": "int half(int number) {\n"},
)
