"""``python -m tensorlet.demo``."""

import sys

from tensorlet.demo import main

sys.exit(main())
