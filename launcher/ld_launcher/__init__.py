"""The launcher behind ./platform: builds, starts, checks, tests and stops the platform on one machine."""
