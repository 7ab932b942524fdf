"""Checks for students, tests and graders: whether a gradient, a loss or a solution is right.

- `check_gradient` compares a gradient with differences and names the likely mistake;
- `check_loss` tries everything a loss should do and prints a table;
- `grade` compares a solution with a reference and gives a score with messages.
"""

from lossbook.gradient_check import GradientReport, check_gradient
from lossbook.grading import Grade, grade
from lossbook.loss_check import LossReport, check_loss

__all__ = ["Grade", "GradientReport", "LossReport", "check_gradient", "check_loss", "grade"]
