"""What the bundle starts: the command line, which opens the window where no command is named."""

import multiprocessing
import sys

if __name__ == "__main__":
    # The network's process, and those that prepare crops for a training, are this program started again.
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["-c"] and len(sys.argv) == 3:
        # `doctor` tries Qt in a process of its own, as it would with Python's -c.
        exec(compile(sys.argv[2], "<command line>", "exec"))
        sys.exit(0)
    from kdc_annotator.cli import main

    sys.exit(main())
