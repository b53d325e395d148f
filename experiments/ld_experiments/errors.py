"""The errors that end a command with one sentence."""


class ExperimentError(Exception):
    """Something a person can act on; its text is all that is shown."""
