"""Makes a page of HTML of an executed notebook, which needs no network: formulas become MathML, which browsers typeset by
themselves, Go is coloured as Go, and no script or font is fetched. It can be read on a narrow screen.

Usage: page.py FOLDER NOTEBOOK... writes the pages of notebooks as they are stored, with links from one to another.
"""

import pathlib
import re
import sys

import nbformat
from docutils.core import publish_parts
from nbconvert import HTMLExporter

# A formula, or code, in which a dollar sign is none.
FORMULA = re.compile(r"(?P<code>```.*?```|`[^`\n]*`)|\$\$(?P<block>.+?)\$\$|(?<![\\$])\$(?P<inline>[^$\n]+?)\$", re.DOTALL)

# docutils does not know these sizes, and MathML makes parentheses fit by itself.
SIZES = re.compile(r"\\[bB]igg?[lr]?(?![a-zA-Z])")

STYLE = """<style>
.jp-Notebook { max-width: 70rem; margin: 0 auto; padding: 0 1rem; }
.jp-InputPrompt, .jp-OutputPrompt { display: none; }
.jp-Cell { padding: 0.2rem 0; }
.jp-RenderedHTMLCommon table { display: block; overflow-x: auto; margin-left: 0; }
.jp-RenderedHTMLCommon img { max-width: 100%; height: auto; }
.jp-OutputArea-output { display: block; overflow-x: auto; box-sizing: border-box; }
.jp-OutputArea-child { display: block; }
.highlight pre, .jp-OutputArea-output pre { overflow-x: auto; }
math[display="block"] { overflow-x: auto; margin: 0.8rem 0; }
@media (max-width: 600px) {
  .jp-Notebook { padding: 0 0.4rem; }
  .highlight pre, .jp-OutputArea-output pre { font-size: 0.72rem; }
}
</style>
</head>"""


def mathml(formula, block):
    """Returns the formula in MathML."""
    formula = " ".join(SIZES.sub("", formula).split())
    source = f".. math::\n\n   {formula}" if block else f":math:`{formula}`"
    settings = {"math_output": "MathML", "report_level": 5, "file_insertion_enabled": False}
    body = publish_parts(source, writer_name="html5", settings_overrides=settings)["body"]
    found = re.search(r"<math.*</math>", body, re.DOTALL)
    if found is None:
        raise ValueError(f"this formula cannot be typeset: {formula}")
    return re.sub(r">\s+<", "><", found.group())


def typeset(markdown):
    """Returns the text of a cell with MathML in place of its formulas."""

    def replacement(match):
        if match["code"]:
            return match["code"]
        return mathml(match["block"] or match["inline"], match["block"] is not None)

    return FORMULA.sub(replacement, markdown)


def write_page(notebook, path):
    """Writes the page of the notebook, which it changes."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = typeset(cell.source)
    notebook.metadata.language_info.pygments_lexer = "go"
    body, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    body = re.sub(r'<script[^>]* src="[^"]*"[^>]*>\s*</script>', "", body)
    path.write_text(body.replace("</head>", STYLE, 1), encoding="utf-8")


def main(folder, *notebooks):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for source in map(pathlib.Path, notebooks):
        notebook = nbformat.read(source, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = re.sub(r"\]\((\w+)\.ipynb\)", r"](\1.html)", cell.source)
        write_page(notebook, folder / f"{source.stem}.html")


if __name__ == "__main__":
    main(*sys.argv[1:])
