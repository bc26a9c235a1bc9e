"""Writes down what a Python test runner runs; laid into the box as text, never used here.

It must run wherever a repository's own tests run: Python 3.6 or later and the standard library
alone. Type hints that Python 3.6 cannot evaluate are therefore quoted.

``plugin`` is for pytest, 4 or later, which finds it by its entry point; ``follow`` is for unittest,
Django and SymPy, started by the ``sitecustomize`` beside this package, as is ``programs``, which
tells what lines the programs run that tests start. All need no more than ``PYTHONPATH``, so any
wrapper that ends up running tests is seen, and one that replaces ``PYTHONPATH`` still runs its
tests, only unseen. Beside this package lies ``settings.json``; what is seen goes to the file named
there, one JSON list a line:

.. code-block:: text

    ["start", NAME]                                       a test begins
    ["case", NAME, OUTCOME, SECONDS, MESSAGE]             a test has ended
    ["lines", {PATH: [[FIRST, LAST, FAILING, PASSING]]}]  lines run by tests, to be added up
    ["end", EXIT_CODE]                                    the run has ended
"""

OWNER = "PATCHWRIGHT_OWNER"
"""Environment variable that holds the id of the process that reports; who finds it is silent."""
