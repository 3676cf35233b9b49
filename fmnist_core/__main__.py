"""The command line: `python -m fmnist_core COMMAND`."""

import sys

try:
    from fmnist_core.cli.command_line import main

    sys.exit(main())
except KeyboardInterrupt:  # while it was still being imported, or once more while it ended
    sys.exit(130)
