"""Case studies: short programs in ``examples/studies`` that each settle a question in one run.

A study is a file with a docstring and a function ``study(quick, say)``:

- the docstring has a title, then the paragraphs ``Question.``, ``Source.`` and ``Seen.``;
- the function computes, and returns an :class:`~saddlesym.studies.outcome.Outcome`: claims
  that the run itself decided, with the numbers it found, and the sections of a page;
- ``quick`` asks for a small version of the same, ``say("what is going on")`` is progress.

>>> from saddlesym.studies.library import load_study
>>> outcome = load_study("smallest-sign-flip").run(quick=True)
>>> outcome.holds, outcome["flips"].numbers["times"]
(True, [Fraction(2, 3), Fraction(3, 2), Fraction(11, 2)])
"""
