"""How Sphinx builds the documentation; `nox -s docs` calls it."""

from importlib.metadata import version as version_of

project = "Chainrule"
author = "the authors of Chainrule"
version = release = version_of("chainrule")

extensions = ["myst_parser", "sphinx_click", "sphinx_copybutton"]
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_inline"]
smartquotes = False  # options are shown as they are typed

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["chainrule.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False

# A click on a block of commands copies the commands, without prompt and output.
copybutton_prompt_text = "$ "

# Addresses that a reader replaces, and those of one's own machine.
linkcheck_ignore = [r"https://github\.com/your-university/.*", r"http://(127\.0\.0\.1|localhost).*"]
linkcheck_timeout = 30


def setup(app):
    """Leave out the lists of arguments, which say only that they are required: usage and text name them."""
    app.connect("sphinx-click-process-arguments", lambda app, context, lines: lines.clear())
