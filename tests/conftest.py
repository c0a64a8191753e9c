"""What every test gets."""

from hypothesis import HealthCheck, settings

# The first text of a fresh clone builds Unicode tables, which takes longer than Hypothesis allows.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
