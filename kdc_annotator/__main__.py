"""``python -m kdc_annotator``: the same as the command ``kdc-annotator``."""

import sys

from kdc_annotator.cli import main

if __name__ == "__main__":
    sys.exit(main())
