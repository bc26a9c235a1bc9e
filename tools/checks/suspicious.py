"""Ranks lines by how much failing tests, and passing tests not, ran them.

The score is the geometric mean of Ochiai's, found best for this among others in R. Abreu,
P. Zoeteweij and A. J. C. van Gemund, "On the Accuracy of Spectrum-based Fault Localization",
TAICPART-MUTATION 2007, https://doi.org/10.1109/TAIC.PART.2007.13, and of D*, found better in
W. E. Wong, V. Debroy, R. Gao and Y. Li, "The DStar Method for Effective Software Fault
Localization", IEEE Transactions on Reliability 63(1), 2014. D* thinks less of lines that part of
the failing tests did not run; with one failing test both give one order. Of 39 wrong lines of
QuixBugs one ranks better by both than by Ochiai's alone and none worse, of 12 of seeded bugs all
rank the same (tests/benchmarks/suspicion.py).
"""

from math import sqrt

from tools.checks.base import CoveredLine, Report


def rank(report: Report, most: int = 200) -> list[tuple[float, CoveredLine]]:
    """The most suspicious lines with their scores, in (0, 1], highest first.

    Lines of the same score follow one another by path and line.
    """
    failing = max([len(report.broken), *(line.failing for line in report.lines)])
    scored = [
        ((ochiai(line, failing) * dstar(line, failing)) ** 0.5, line)
        for line in report.lines
        if line.failing > 0
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[1].path, pair[1].line))
    return scored[:most]


def ochiai(line: CoveredLine, failing: int) -> float:
    """failing(line) / sqrt(failing in all * tests that ran the line)."""
    return line.failing / sqrt(failing * (line.failing + max(0, line.passing)))


def dstar(line: CoveredLine, failing: int) -> float:
    """D*, star 2, brought into (0, 1] so that it is Ochiai's where all failing tests ran the line.

    D* is failing(line)^2 / (passing(line) + failing tests that did not run it), without bound; this
    is sqrt(D* / (D* + failing in all)).
    """
    square = line.failing**2
    missed = max(0, line.passing) + failing - line.failing
    return sqrt(square / (square + failing * missed))
