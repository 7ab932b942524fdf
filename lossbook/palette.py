"""The colours of all figures: Okabe and Ito's, less those that are too light on white."""

BLUE, RED, GREEN, PINK, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#767676"
"""Contrast of at least 3:1 against white and against the dark theme alike."""
