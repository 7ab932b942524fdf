"""Settings of IPython in the browser, where a look into the current folder is a request."""

c = get_config()  # noqa: F821  (IPython's)
c.InteractiveShellApp.ignore_cwd = True
# While the reader reads: the first cell then finds it done.
c.InteractiveShellApp.exec_lines = ["__import__('lossbook.plots')"]
