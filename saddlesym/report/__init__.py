"""Reports: a view model and templates, out comes one self-contained HTML page.

How to make a page (a study, say):

>>> from fractions import Fraction
>>> from saddlesym.grids import Grid, Math, Name
>>> from saddlesym.report.page import CodeBlock, Page, Paragraph, Section, Table, prose
>>> from saddlesym.report.render import render
>>> times = Grid("Jump times", ("jump", "t"), ((1, Fraction(1, 5)), (2, Fraction(9, 20))))
>>> page = Page(
...     title="Two jumps",
...     lead=prose("The path of {data} jumps where $|s_i|$ reaches 1.", data=Name("my <data>.csv")),
...     sections=(
...         Section("path", "The path", (Table(times), CodeBlock("saddlesym path my-data.csv"))),
...     ),
... )
>>> html = render(page)
>>> "&lt;data&gt;" in html, "<math" in html
(True, True)

- :func:`~saddlesym.report.page.prose` reads ``$latex$`` and `` `code` `` in *our* sentence and
  puts values into ``{fields}``; what a user wrote goes in as :class:`~saddlesym.grids.Name`,
  numbers as ``Fraction`` or ``Ball``. Values are never read for markup.
- blocks (:mod:`saddlesym.report.page`): ``Paragraph``, ``Note``, ``Formula``, ``Table``,
  ``Picture`` (by :func:`~saddlesym.report.page.picture` from a matplotlib figure),
  ``CodeBlock``, ``Facts`` and ``Folded`` (long matter that a reader opens).
- ready-made blocks about a path, a graph, flows, verdicts: :mod:`saddlesym.report.sections`.
- :func:`~saddlesym.report.files.write_folder` writes a page, its JSON twin and its figures into a
  folder, all of them or nothing.
"""
