"""The training worker: turns trajectories of function choices into students."""

__version__ = "0.1.0"
