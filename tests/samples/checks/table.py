"""Every sample project, one for each framework.

All are told of the same function, which halves numbers and is wrong for odd ones.
"""

from samples.checks.compiled_samples import CARGO, CTEST, GO
from samples.checks.java_samples import GRADLE, MAVEN
from samples.checks.other_samples import MINITEST, PHPUNIT, PROVE, RSPEC
from samples.checks.python_samples import DJANGO, PYTEST, SYMPY, UNITTEST
from samples.checks.script_samples import JEST, MOCHA, NODE_TEST, VITEST

SAMPLES = (
    *(PYTEST, UNITTEST, DJANGO, SYMPY),
    *(NODE_TEST, JEST, VITEST, MOCHA),
    *(GO, CARGO, MAVEN, GRADLE),
    *(RSPEC, MINITEST, PHPUNIT, CTEST, PROVE),
)
