"""A table of named columns that nobody can alter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


class Dataset:
    """A table of named columns that cannot be altered.

    ``data["column"]`` is an array: float64 for measurements (a blank is nan), int64 for whole
    numbers without blanks, str for text. ``len(data)`` counts rows; iteration and ``in`` go over
    the names of the columns. ``dict(data)`` gives all columns, for example for a pandas DataFrame.

    Parameters
    ----------
    name : str
        Short name.
    arrays : mapping of str to array_like
        The columns, one-dimensional and of equal length. They are copied.
    source, licence, description : str
        Where the data come from, on what terms, and what rows and columns mean.

    Attributes
    ----------
    name, source, licence, description : str
        As given.
    columns : tuple of str
        Names of the columns, in the order of the file.

    Examples
    --------
    >>> data = Dataset("toy", {"x": [1.0, 2.5], "label": ["cat", "dog"]})
    >>> data
    Dataset toy: 2 rows, 2 columns
      x      float64  1 to 2.5
      label  text     cat, dog
    >>> data["y"]
    Traceback (most recent call last):
    ...
    KeyError: "toy has no column 'y'; its columns are x, label"
    """

    __slots__ = ("_arrays", "columns", "description", "licence", "name", "source")

    name: str
    source: str
    licence: str
    description: str
    columns: tuple[str, ...]
    _arrays: dict[str, np.ndarray]

    def __init__(
        self,
        name: str,
        arrays: Mapping[str, np.ndarray],
        source: str = "",
        licence: str = "",
        description: str = "",
    ):
        frozen = {column: _frozen(values) for column, values in arrays.items()}
        lengths = {column: len(values) for column, values in frozen.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"a data set needs columns of one length, got {lengths}")
        for field, value in (
            ("name", name),
            ("source", source),
            ("licence", licence),
            ("description", description),
            ("columns", tuple(frozen)),
            ("_arrays", frozen),
        ):
            object.__setattr__(self, field, value)

    def __setattr__(self, field: str, value: object) -> None:
        """Refuse."""
        raise AttributeError(f"a Dataset cannot be altered: {field}")

    def __delattr__(self, field: str) -> None:
        """Refuse."""
        raise AttributeError(f"a Dataset cannot be altered: {field}")

    def __reduce__(self) -> tuple:
        """Make pickle and copy go through the constructor, which freezes the arrays."""
        fields = (self.name, dict(self._arrays), self.source, self.licence, self.description)
        return Dataset, fields

    def __getitem__(self, column: str) -> np.ndarray:
        """Return a column by its name."""
        try:
            return self._arrays[column]
        except (KeyError, TypeError):
            known = ", ".join(self.columns)
            message = f"{self.name} has no column {column!r}; its columns are {known}"
        raise KeyError(message)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._arrays[self.columns[0]])

    def __iter__(self) -> Iterator[str]:
        """Go over the names of the columns."""
        return iter(self.columns)

    def __contains__(self, column: object) -> bool:
        """Tell whether there is a column of this name."""
        return column in self.columns

    def keys(self) -> tuple[str, ...]:
        """Names of the columns, so that ``dict(data)`` works."""
        return self.columns

    def matrix(self, *columns: str) -> np.ndarray:
        """Put columns of numbers side by side, as the features X of a model.

        Parameters
        ----------
        *columns : str
            One or more names of columns of numbers.

        Returns
        -------
        ndarray of shape (n, number of names), float64
            A new array, which you may alter.

        Examples
        --------
        >>> from lossbook import load_iris
        >>> load_iris().matrix("sepal_length", "petal_width")[:2]
        array([[5.1, 0.2],
               [4.9, 0.2]])
        """
        if not columns:
            raise ValueError(f"name at least one column; {self.name} has {', '.join(self.columns)}")
        for column in columns:
            if self[column].dtype.kind == "U":
                raise ValueError(f"column {column!r} of {self.name} holds text, not numbers")
        return np.column_stack([self[column] for column in columns]).astype(np.float64)

    def __repr__(self) -> str:
        """Show size, columns, types and ranges."""
        width = max(map(len, self.columns))
        head = f"Dataset {self.name}: {len(self)} rows, {len(self.columns)} columns"
        lines = [f"  {column:<{width}}  {_summary(self[column])}" for column in self]
        return "\n".join([head, *lines])


def _frozen(values: Any) -> np.ndarray:
    """Copy to an array over immutable bytes: not even ``setflags`` makes it writeable again."""
    array = np.asarray(values)
    if array.dtype.kind not in "biufU" or array.ndim != 1 or array.size == 0:
        raise ValueError(
            "a column must be one-dimensional, not empty, and hold numbers or text; "
            f"got shape {array.shape} of {array.dtype}"
        )
    return np.frombuffer(array.tobytes(), dtype=array.dtype)


def _summary(array: np.ndarray) -> str:
    """Say in one line what a column holds: type, range or values, blanks."""
    if array.dtype.kind == "U":
        values = list(dict.fromkeys(array.tolist()))
        more = f", ... ({len(values)} values)" if len(values) > 4 else ""
        return f"{'text':<7}  " + ", ".join(values[:4]) + more
    blank = np.isnan(array)
    present = array[~blank]
    line = f"{array.dtype.name:<7}"
    if present.size:
        line += f"  {present.min():.6g} to {present.max():.6g}"
    return line + (f", {blank.sum()} blank" if blank.any() else "")
