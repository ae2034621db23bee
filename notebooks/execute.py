"""Executes a notebook with the kernel that it names, says how far it is, and stores the result with its outputs.

Usage: execute.py NOTEBOOK FOLDER [--html] [--quiet]

The executed notebook (and, with --html, an HTML copy) goes to FOLDER under the notebook's own name; FOLDER may be the
notebook's own. Cells run in the notebook's folder, as they do in Jupyter. Exit status 1: a cell failed, and its error
has been printed; the notebook is then stored as NAME.failed.ipynb, with the outputs up to there.
Start it through jupyter.sh, which prepares the kernel.
"""

import argparse
import asyncio
import contextlib
import html
import pathlib
import re
import signal
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from page import write_page

CELL_TIMEOUT = 30 * 60  # seconds; a cell that trains on real data takes minutes
PROGRESS_PERIOD = 5  # seconds between two lines of progress from one cell
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class ReportingClient(NotebookClient):
    """A notebook client that prints the cell it is at, and the progress which that cell shows."""

    def __init__(self, notebook, **options):
        super().__init__(notebook, **options)
        self.code_cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        self.cell = None  # the one that runs, or ran last
        self.last_line, self.last_time = "", 0.0

    @contextlib.asynccontextmanager
    async def async_setup_kernel(self, **options):
        async with super().async_setup_kernel(**options):
            # nbclient's own handler ends in a traceback. Ctrl-C raises KeyboardInterrupt without it.
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
            yield

    async def async_execute_cell(self, cell, cell_index, **options):
        if cell.cell_type != "code":
            return await super().async_execute_cell(cell, cell_index, **options)
        self.cell = cell
        position = f"[{self.code_cells.index(cell_index) + 1}/{len(self.code_cells)}]"
        say(f"{position} {title(self.nb, cell_index)}")
        start = self.last_time = time.monotonic()
        result = await super().async_execute_cell(cell, cell_index, **options)
        say(f"{' ' * len(position)} {time.monotonic() - start:.1f} s")
        return result

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            self.progress(msg["content"]["text"])
        elif msg["msg_type"] == "update_display_data":
            self.progress(re.sub(r"<[^>]*>", " ", msg["content"]["data"].get("text/html", "")))
        return super().process_message(msg, cell, cell_index)

    def progress(self, text):
        """Prints the last line of text, unless the previous one was printed a moment ago."""
        lines = [" ".join(html.unescape(line).split()) for line in re.split(r"[\r\n]+", ANSI.sub("", text))]
        line = next((line for line in reversed(lines) if line), "")
        now = time.monotonic()
        if line and line != self.last_line and now - self.last_time >= PROGRESS_PERIOD:
            self.last_line, self.last_time = line, now
            say(f"      {line[:110]}")


def say(line):
    if not OPTIONS.quiet:
        print(line, flush=True)


def title(notebook, cell_index):
    """What a cell is about: the heading that it stands under, and its first line that does something."""
    headings = [
        line.lstrip("# ")
        for cell in notebook.cells[:cell_index]
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("#")
    ]
    body = re.split(r"^%%.*$", notebook.cells[cell_index].source, flags=re.MULTILINE)[-1]
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    return ": ".join(headings[-1:] + lines[:1])[:110]


def settle(notebook):
    """Keeps of each output what a reader saw in the end: streams are joined, and overwritten lines dropped."""
    for cell in notebook.cells:
        outputs = []
        for output in cell.get("outputs", []):
            previous = outputs[-1] if outputs else None
            if output.output_type == "stream" and previous is not None and previous.get("name") == output.name:
                previous.text += output.text
            else:
                outputs.append(output)
        for output in outputs:
            if output.output_type == "stream":
                output.text = re.sub(r"[^\n]*\r(?=[^\r\n])", "", output.text)
        if "outputs" in cell:
            cell.outputs = outputs


def explain(error, cell):
    """What went wrong in a cell: what it printed at the end (a panic is there), and the kernel's error."""
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream") if cell else ""
    return ANSI.sub("", f"{printed[-4000:]}\n{error}").strip()


def main():
    source, folder = OPTIONS.notebook, OPTIONS.folder
    folder.mkdir(parents=True, exist_ok=True)
    failed = folder / f"{source.stem}.failed.ipynb"
    notebook = nbformat.read(source, as_version=4)
    client = ReportingClient(
        notebook,
        timeout=CELL_TIMEOUT,
        startup_timeout=120,
        record_timing=False,
        resources={"metadata": {"path": str(source.parent)}},
    )
    say(f"Executing {source.name} with the kernel {notebook.metadata.kernelspec.name}.")
    start = time.monotonic()
    try:
        client.execute()
    except KeyboardInterrupt:
        print(f"{source.name} was interrupted; nothing was stored.", file=sys.stderr)
        return 130
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        settle(notebook)
        nbformat.write(notebook, failed)
        print(explain(error, client.cell), file=sys.stderr)
        print(f"{source.name} failed; its outputs so far are in {failed}", file=sys.stderr)
        return 1
    settle(notebook)
    nbformat.write(notebook, folder / source.name)
    failed.unlink(missing_ok=True)
    if OPTIONS.html:
        write_page(notebook, folder / f"{source.stem}.html")
    say(f"Executed {source.name} in {time.monotonic() - start:.0f} s.")
    return 0


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("folder", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--html", action="store_true", help="write an HTML copy too")
    parser.add_argument("--quiet", action="store_true", help="print errors only")
    return parser.parse_args()


if __name__ == "__main__":
    OPTIONS = parse_options()
    sys.exit(main())
