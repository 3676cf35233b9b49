"""The command line: `python -m fmnist_core COMMAND`."""

import sys

from fmnist_core.cli.command_line import main

sys.exit(main())
