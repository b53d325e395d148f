"""The one kind of failure that a person is meant to read."""


class Problem(Exception):
    """One clear sentence: what is wrong and what to do about it. Printed without a stack trace, exit code 1."""
