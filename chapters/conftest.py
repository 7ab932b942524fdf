"""How nbval compares a fresh run of a notebook with the outputs stored in it."""

from functools import partial

from nbval import kernel


def pytest_collectstart(collector):
    """Leave pictures out: they are not stored. Their text, which describes them, is compared."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += (
            "image/svg+xml",
            "application/vnd.vegalite.v5+json",  # a figure with sliders
        )


def execute_cell_input(self, cell_input, allow_stdin=None):
    """Run a cell as Jupyter does: nbval keeps no history, and then ``;`` does not hide a value."""
    return self.kc.execute(
        cell_input, allow_stdin=allow_stdin, stop_on_error=False
    )


kernel.RunningKernel.execute_cell_input = execute_cell_input
# In memory, because kernels that run at the same time would lock each other's file.
kernel.start_new_kernel = partial(
    kernel.start_new_kernel,
    extra_arguments=["--HistoryManager.hist_file=:memory:"],
)
