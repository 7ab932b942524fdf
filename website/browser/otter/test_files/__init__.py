"""Otter-Grader's own classes for tests: the two modules beside this one are its files."""

from .abstract_test import TestCase, TestFile
from .exception_test import ExceptionTestFile, test_case

__all__ = ["ExceptionTestFile", "TestCase", "TestFile", "test_case"]
