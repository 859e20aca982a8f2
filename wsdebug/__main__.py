"""`python -m wsdebug`."""

import sys

from wsdebug.cli import main

sys.exit(main())
