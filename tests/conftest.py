"""What every test gets."""

import signal

from hypothesis import HealthCheck, settings

# The first text of a fresh clone builds Unicode tables, which takes longer than Hypothesis allows.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# A shell's background job ignores Ctrl-C, and so would all that the tests start; they heed it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
