"""The rules of 21 Points as it is played here: an endless deck, a rival, a dealer and me, one stake each in a round.

All randomness of an episode comes from the generators that its seed makes, one for each round, so two policies that get
the same seed are dealt the same hands however many cards they took in the rounds before.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import odds
from .odds import RIVAL_STANDS, Hand, Table, hand_of, table_of

CARDS = ("A", *(str(number) for number in range(2, 11)), "J", "Q", "K")
ACTIONS = ("stand", "hit", "double")
ROUNDS = 10

# What a round is worth before the cards are dealt if it is played in the best way; `odds.round_value()` works it out.
ROUND_VALUE = 0.102428


@dataclass
class Round:
    """One round in progress: the cards on the table and the deck that they come from."""

    deck: random.Random
    mine: list[str]
    dealer: str
    rival: list[str]
    rival_done: bool
    over: bool = False
    missed: float = 0.0

    @classmethod
    def deal(cls, deck: random.Random) -> Round:
        mine, dealer, rival = [_card(deck), _card(deck)], _card(deck), [_card(deck), _card(deck)]
        first = deck.random() < 0.5
        while first and not _rests(hand_of(rival)):
            rival.append(_card(deck))
        return cls(deck, mine, dealer, rival, first or _rests(hand_of(rival)))

    def state(self) -> dict[str, Any]:
        return {
            "me": {"cards": list(self.mine)},
            "dealer": {"card": self.dealer},
            "rival": {"cards": list(self.rival), "done": self.rival_done},
        }

    def play(self, action: str) -> None:
        """A double that the rules do not allow is a plain hit. What the action gives away is kept in `missed`."""
        hand, table = hand_of(self.mine), table_of(self.state())
        if action == "double" and not hand.doubles:
            action = "hit"
        self.missed += odds.best(hand, table) - odds.worth(action, hand, table)
        if action != "stand":
            self.mine.append(_card(self.deck))
        self.over = action != "hit" or hand_of(self.mine).full


class Episode:
    """Ten rounds, one after the other."""

    def __init__(self, seed: int, rounds: int = ROUNDS) -> None:
        self.seed = seed
        self.rounds = rounds
        self.played: list[Round] = []
        self.step = 0
        self._deal()

    @property
    def over(self) -> bool:
        return len(self.played) == self.rounds and self.played[-1].over

    @property
    def reward(self) -> float:
        """The expected result of a round in stakes, with the luck of the deal and of the draw taken out.

        What a policy wins on average is what the best play wins less what its actions give away. The second part is
        known exactly for every action, so it is all that has to be sampled.
        """
        return ROUND_VALUE - sum(played.missed for played in self.played) / len(self.played)

    def state(self) -> dict[str, Any]:
        """What lies on the table; valid against the state schema of the task."""
        return self.played[-1].state() | {"round": len(self.played)}

    def play(self, output: Mapping[str, Any]) -> None:
        self.played[-1].play(output["action"])
        self.step += 1
        if self.played[-1].over and len(self.played) < self.rounds:
            self._deal()

    def _deal(self) -> None:
        self.played.append(Round.deal(random.Random(f"twenty-one:{self.seed}:{len(self.played)}")))


def result(played: Round) -> float:
    """Plays a finished round out and answers what it really won or lost, in single stakes: for tests of the odds."""
    mine = hand_of(played.mine)
    rival, dealer = list(played.rival), [played.dealer]
    while not _rests(hand_of(rival)):
        rival.append(_card(played.deck))
    while not hand_of(dealer).full and (len(dealer) < 2 or hand_of(dealer).total < odds.DEALER_STANDS):
        dealer.append(_card(played.deck))
    return odds.payout(mine.rank, (hand_of(rival).rank, hand_of(dealer).rank))


def _rests(hand: Hand) -> bool:
    return hand.full or hand.total >= RIVAL_STANDS


def _card(deck: random.Random) -> str:
    return deck.choice(CARDS)


__all__ = ["ACTIONS", "CARDS", "ROUND_VALUE", "Episode", "Round", "Table", "result"]
