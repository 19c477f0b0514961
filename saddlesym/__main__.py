"""``python -m saddlesym``."""

import sys

from saddlesym.cli.main import main

sys.exit(main())
