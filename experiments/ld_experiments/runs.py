"""Episodes of a run: what an earlier one finished is taken as it is, the rest is played."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .api import Api
from .errors import ExperimentError
from .games import Game
from .heads import Head
from .journal import Journal
from .play import Result, functions_of, play_episode
from .policies import policy_named, task_of
from .progress import Begin, say

T = TypeVar("T")


@dataclass(frozen=True)
class Compared:
    """What the policies of one run have in common, and what tells them apart."""

    game: Game
    snapshot: dict[str, Any]
    others: dict[str, str]
    """The snapshots of the other tasks that policies ask, by task."""
    students: dict[str, str]
    """The ids of the students by the policies that ask them."""
    sources: str
    heads: dict[str, Head] = field(default_factory=dict)
    trajectories: str = ""

    def depends_on(self, policy: str) -> dict[str, Any]:
        """Everything beside the seed that an episode of the policy follows from."""
        return {
            "game": self.game.name,
            "policy": policy,
            "snapshot": self.snapshot["snapshot"],
            "asked": self.others.get(task_of(policy, self.game), ""),
            "counted": "choices, outputs, none",
            "student": self.students.get(policy, ""),
            "trajectories": self.trajectories if policy in self.heads else "",
            "sources": self.sources,
        }


def played(
    api: Api,
    compared: Compared,
    policy: str,
    seeds: Sequence[int],
    journals: Path,
    begin: Begin,
    *,
    workers: int = 1,
    fresh: bool = False,
    label: str = "",
) -> list[Result]:
    """The episodes of a policy, in the order of their seeds.

    :param journals: the folder of finished episodes
    :param workers: episodes at once
    :param fresh: whether to play again what is finished
    :param label: what the progress is called, if not by the policy
    """
    game, snapshot = compared.game, compared.snapshot
    functions = functions_of(snapshot)
    journal = Journal(journals, compared.depends_on(policy))
    if fresh:
        journal.forget()
    journal.read()

    def play(seed: int) -> Result:
        chooses = policy_named(policy, game, functions, seed, compared.heads, compared.students.get(policy))
        result = play_episode(api, game, chooses, seed, snapshot, compared.others)
        journal.add(result)
        return result

    missing = [seed for seed in seeds if journal.find(seed) is None]
    if len(missing) < len(seeds):
        kept = f"{len(seeds) - len(missing)} of {len(seeds)} episodes are kept from before (--fresh plays anew)"
        say(f"{label or policy}: {kept}")
    for _ in in_order([lambda seed=seed: play(seed) for seed in missing], workers, begin, label or policy):
        pass
    return [journal.find(seed) for seed in seeds]


def active(api: Api, task: str) -> dict[str, Any]:
    """The snapshot that a task decides with. :raises ExperimentError: where there is none"""
    snapshot = api.find(f"/tasks/{task}/snapshots/active")
    if snapshot is None:
        raise ExperimentError(f"The task {task} is not installed; `install` does it.")
    return snapshot


def in_order(jobs: Sequence[Callable[[], T]], workers: int, begin: Begin, label: str) -> Iterator[T]:
    """Runs the jobs a few at a time and answers in the order they were given; the first failure ends all."""
    advance = begin(label, len(jobs))
    pool = ThreadPoolExecutor(workers)
    try:
        futures = {pool.submit(job): place for place, job in enumerate(jobs)}
        done: dict[int, T] = {}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            advance()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    yield from (done[place] for place in range(len(jobs)))
