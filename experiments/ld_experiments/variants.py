"""Variants of the pursuit game that its students were not trained for: what choosing functions is meant to withstand.

A variant's pack is derived from the game's, so that nothing differs but what the variant is about.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from .games import folder_of, outputs_of
from .packs import Pack, load_pack
from .pursuit import Pursuit
from .pursuit.game import Episode, Rules

LARGER = Rules(smallest=12, largest=14, obstacles=(14, 22), step_limit=45)

STRANGERS = (
    *("bridge", "river", "door", "tower", "boat", "horse", "garden", "market", "train", "snow"),
    *("rain", "fire", "music", "school", "church", "forest", "ship", "bird", "dog", "cat"),
    *("king", "queen", "gold", "silver", "winter", "summer", "night", "window", "table", "mountain"),
)
"""What the functions of the crowded variant are about; no state speaks of any."""

OTHER_WORDS: dict[str, dict[str, str]] = json.loads((folder_of(Pursuit.name) / "other-words.json").read_text("utf-8"))
"""By name in the game: name, handle and manual entry that say the same."""


class Variant(Pursuit):
    """The game as it is, under another name: students, rows and heads are those of the game."""

    learned_in = Pursuit.name
    about = ""
    """What differs, in a few words."""
    known = True
    """Whether the game's students can be asked; if not, one is to be distilled."""

    def packs(self) -> list[Pack]:
        """The task that is decided and, where plain distillation is asked as well, its task of outputs."""
        return [self._derived("pack", self.name)]

    def _derived(self, folder: str, name: str) -> Pack:
        pack = load_pack(folder_of(Pursuit.name) / folder)
        task = copy.deepcopy(pack.task) | {"name": name, "title": f"Pursuit, {self.about}"}
        return Pack(task, copy.deepcopy(pack.functions))


class Larger(Variant):
    name = "pursuit-larger"
    about = "boards of 12 to 14 cells a side instead of 8 to 10"

    def start(self, seed: int) -> Episode:
        return Episode(seed, LARGER)

    def packs(self) -> list[Pack]:
        packs = [self._derived("pack", self.name), self._derived("outputs", outputs_of(self.name))]
        for pack in packs:
            known = pack.task["stateSchema"]["properties"]
            for side in known["grid"]["properties"].values():
                side["maximum"] = LARGER.largest
            known["obstacles"]["maxItems"] = LARGER.obstacles[1]
            known["step"]["maximum"] = LARGER.step_limit
            for place in (known["obstacles"]["items"], known["me"], known["partner"], known["targets"]["items"]):
                for axis in ("x", "y"):
                    place["properties"][axis]["maximum"] = LARGER.largest - 1
        return packs


class Renamed(Variant):
    """Every function has another name and handle; its manual entry is the same. None is known by heart any more."""

    name = "pursuit-renamed"
    about = "every function renamed"

    def lesson(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> str:
        return OTHER_WORDS[super().lesson(stage, state, earlier)]["name"]

    def foresee(
        self, stage: str, function: str, state: Mapping[str, Any], earlier: Mapping[str, Any]
    ) -> dict[str, Any]:
        was = next(old for old, now in OTHER_WORDS.items() if now["name"] == function)
        return super().foresee(stage, was, state, earlier)

    def packs(self) -> list[Pack]:
        (pack,) = super().packs()
        return [Pack(pack.task, [self._renamed(function) for function in pack.functions])]

    def _renamed(self, function: dict[str, Any]) -> dict[str, Any]:
        now = OTHER_WORDS[function["name"]]
        return function | {"name": now["name"], "handle": now["handle"]}


class Reworded(Renamed):
    """The same, and the manual entry says it in other words."""

    name = "pursuit-reworded"
    about = "every function renamed and described in other words"

    def _renamed(self, function: dict[str, Any]) -> dict[str, Any]:
        return function | OTHER_WORDS[function["name"]]


class Crowded(Variant):
    """Thirty functions more in each stage, which never fit, and all of them candidates."""

    name = "pursuit-crowded"
    about = "30 functions in each stage that never fit, K = 40"

    def packs(self) -> list[Pack]:
        (pack,) = super().packs()
        for stage in pack.task["stages"]:
            stage["k"] = 40
        return [Pack(pack.task, pack.functions + _strangers(pack.functions))]


class Few(Variant):
    """The search has to put the right function among its first three."""

    name = "pursuit-few"
    about = "three candidates a stage"

    def packs(self) -> list[Pack]:
        (pack,) = super().packs()
        for stage in pack.task["stages"]:
            stage["k"] = 3
        return [pack]


class Gaps(Variant):
    """Two functions are missing: in the situations that they are for, none of the others fits."""

    name = "pursuit-gaps"
    about = "two functions missing"
    MISSING: ClassVar = {"cornered": "nearest", "flank": "close_rows"}
    """What the expert does without, and with what instead."""

    def lesson(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> str:
        wanted = super().lesson(stage, state, earlier)
        return self.MISSING.get(wanted, wanted)

    def covers(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> bool:
        return super().lesson(stage, state, earlier) not in self.MISSING

    def packs(self) -> list[Pack]:
        (pack,) = super().packs()
        return [Pack(pack.task, [function for function in pack.functions if function["name"] not in self.MISSING])]


class Lettered(Variant):
    """The functions of a stage answer to a, b, c and so on: a label that says nothing of what it stands for."""

    name = "pursuit-lettered"
    about = "letters for handles"
    known = False

    def packs(self) -> list[Pack]:
        (pack,) = super().packs()
        stages: dict[str, list[dict[str, Any]]] = {}
        for function in pack.functions:
            stages.setdefault(function["stage"], []).append(function)
        for functions in stages.values():
            for letter, function in zip("abcdefghijklmnopqrstuvwxyz", functions, strict=False):
                function["handle"] = letter
        return [pack]


class Numbered(Variant):
    """The view is the state itself, numbers and names, and not what a function says of it in words."""

    name = "pursuit-numbered"
    about = "coordinates instead of words"
    known = False
    VIEWS: ClassVar = {
        "target": "function view(state, earlier) {\n  return JSON.stringify(state);\n}\n",
        "approach": "function view(state, earlier) {\n  return JSON.stringify({ ...state, ...earlier.target });\n}\n",
    }

    def packs(self) -> list[Pack]:
        (pack,) = super().packs()
        for stage in pack.task["stages"]:
            stage["view"]["source"] = self.VIEWS[stage["name"]]
        return [pack]


def variants() -> dict[str, Variant]:
    return {game.name: game for game in (Larger(), Few(), Crowded(), Renamed(), Reworded(), Gaps())}


def renderings() -> dict[str, Variant]:
    """The game shown in other ways. Its student knows none of them: one has to be distilled for each."""
    return {game.name: game for game in (Lettered(), Numbered())}


def _strangers(functions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Functions for what never happens, each with a test on the state of another one of its stage."""
    made = []
    for stage, output, source in (
        ("target", None, "function run(state, earlier) {\n  return { target: state.targets[0].id };\n}\n"),
        ("approach", {"move": "stay"}, "function run(state, earlier) {\n  return { move: 'stay' };\n}\n"),
    ):
        tried = next(function for function in functions if function["stage"] == stage)["tests"][0]
        expected = output or {"target": tried["state"]["targets"][0]["id"]}
        made += [
            {
                "name": f"{stage}_{thing}",
                "stage": stage,
                "handle": thing,
                "manual": f"A {thing} has appeared on the board: mind the {thing} before anything else.",
                "language": "javascript",
                "source": source,
                "tests": [tried | {"output": expected}],
            }
            for thing in STRANGERS
        ]
    return made
