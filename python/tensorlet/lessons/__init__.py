"""Lessons: Jupyter notebooks in Korean and English that lead from softmax to dropout.

Each lesson is one Markdown file in ``texts``, with both languages side by side and the code once. ``tensorlet
lessons FOLDER`` makes notebooks of them. A notebook asks `Lesson` to check the answers to its exercises:

>>> from tensorlet.lessons import Lesson
>>> lesson = Lesson("softmax", "en")
>>> lesson.hint("1b")
Hint 1 of 3: The softmax of a score divides e to the score by a sum. Which function undoes e to the power of something?
>>> lesson.check("1b", [0.5, 0.3, 0.2])
✗ 1b: Not yet. The softmax of your scores is 0.391, 0.320, 0.289. It should be 0.5, 0.3, 0.2.
"""

from __future__ import annotations

from tensorlet.lessons.lesson import Lesson as Lesson
