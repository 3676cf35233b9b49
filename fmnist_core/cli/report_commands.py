"""The command that writes a report: report."""

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.cli.terminal import Answer, write_file
from fmnist_core.runs import runs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run")
    parser.add_argument("--to", required=True, metavar="FILE.html", type=Path)
    parser.add_argument("--against", metavar="OTHER", help="another run: what it fixes and breaks of RUN")


def report(options: Any) -> Answer:
    from fmnist_core.report import page

    chosen = [runs.find(name) for name in (options.run, options.against) if name is not None]
    html = page.run_report(*chosen) if len(chosen) == 1 else page.comparison_report(*chosen)
    content, target = html.encode(), options.to
    write_file(target, content, "report")
    return {"report": str(target), "bytes": len(content)}, f"{target} ({len(content) / 1024:,.0f} KB)"
