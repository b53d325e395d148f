"""Experiments on the platform: games, their experts and task packs, played through the public API."""
