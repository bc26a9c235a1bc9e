"""Samples in Java."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from samples.checks.shape import PASSED, Sample, program_missing

MAVEN_REPOSITORY = Path("/usr/share/maven-repo")


def maven_environment(shared: Path) -> Mapping[str, str]:
    """Maven writes to its repository, so it gets a copy of Debian's."""
    repository = shared / "maven"
    if not repository.exists():
        shutil.copytree(MAVEN_REPOSITORY, repository)
    return {"MAVEN_OPTS": f"-Dmaven.repo.local={repository}"}


_JAVA = "com.example.HalfTest"
_JAVA_HANG = """package com.example;

import java.io.File;
import org.junit.Test;

public class ZHangTest {
    @Test
    public void hangs() throws Exception {
        new File("hanging").createNewFile();
        Thread.sleep(3600000);
    }
}
"""
_JAVA_BROKEN = {
    "src/test/java/com/example/UnbuiltTest.java": "package com.example;\n\nclass UnbuiltTest {{\n"
}


def _java_expected(mark: str) -> dict[str, tuple[str, str]]:
    return {
        f"{_JAVA}{mark}even": PASSED,
        f"{_JAVA}{mark}odd": ("failed", "half of three"),
        f"{_JAVA}{mark}text": ("error", "no half of -1"),
        f"{_JAVA}{mark}huge": ("skipped", ""),
        "com.example.BrokenTest": ("error", "no such device"),
        f"com.example.OtherTest{mark}even[of 2]": PASSED,
        f"com.example.OtherTest{mark}even[of 5]": ("failed", "expected:<5> but was:<4>"),
    }


def _maven_missing() -> str | None:
    absent = program_missing("mvn", "java", "javac")()
    needed = ("junit/junit", "org/apache/maven/plugins/maven-surefire-plugin")
    if absent is None and not all((MAVEN_REPOSITORY / path).exists() for path in needed):
        return "libsurefire-java or junit4 not installed"
    return absent


MAVEN = Sample(
    framework="Maven",
    folder="maven",
    command="mvn --batch-mode --offline test",
    expected=_java_expected("#"),
    chosen=[f"{_JAVA}#odd", "com.example.OtherTest#even[of 2]"],
    whole=(_JAVA, 4),
    gone=f"{_JAVA}#gone",
    missing=_maven_missing,
    broken=_JAVA_BROKEN,
    environment=maven_environment,
    slow=True,
)

GRADLE = Sample(
    framework="Gradle",
    folder="gradle",
    command="gradle --offline test",
    expected=_java_expected("."),
    chosen=[f"{_JAVA}.odd", "com.example.OtherTest.even[of 2]"],
    whole=(_JAVA, 4),
    gone=f"{_JAVA}.gone",
    missing=program_missing("gradle", "java", "javac"),
    broken=_JAVA_BROKEN,
    slow=True,
)
