"""Ranks lines by how much failing tests, and passing tests not, ran them.

The score is Ochiai's, found best for this among others in R. Abreu, P. Zoeteweij and
A. J. C. van Gemund, "On the Accuracy of Spectrum-based Fault Localization", TAICPART-MUTATION
2007, https://doi.org/10.1109/TAIC.PART.2007.13.
"""

from math import sqrt

from tools.checks.base import CoveredLine, Report


def rank(report: Report, most: int = 200) -> list[tuple[float, CoveredLine]]:
    """The most suspicious lines with their scores, in (0, 1], highest first.

    Lines of the same score follow one another by path and line.
    """
    failing = max([len(report.broken), *(line.failing for line in report.lines)])
    scored = [(_ochiai(line, failing), line) for line in report.lines if line.failing > 0]
    scored.sort(key=lambda pair: (-pair[0], pair[1].path, pair[1].line))
    return scored[:most]


def _ochiai(line: CoveredLine, failing: int) -> float:
    """failing(line) / sqrt(failing in all * tests that ran the line)."""
    return line.failing / sqrt(failing * (line.failing + max(0, line.passing)))
