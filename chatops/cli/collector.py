"""The garbage collector of a whole process, which rests while a command is being loaded.

What is imported stays: to look through it again and again for what does not, and once more at
the end of the process, takes as long as half of the imports themselves.
"""

import gc

_resting = False


def rest() -> None:
    """Let it rest until the command has been loaded."""
    global _resting  # noqa: PLW0603 - it is the process's
    _resting = gc.isenabled()
    gc.disable()


def resume() -> None:
    """Let it look through what is made from now on, if it was we who let it rest."""
    global _resting  # noqa: PLW0603
    if _resting:
        gc.freeze()
        gc.enable()
    _resting = False


def leave() -> None:
    """Let the process end without a last look."""
    gc.freeze()
