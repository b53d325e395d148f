"""The exact odds of 21 Points: what every hand is worth, and so the best move, by dynamic programming.

The deck is endless, so a hand is known by its points with every ace as one, whether it holds an ace, and its number of
cards. Values are in stakes: 2 for taking the pot of three alone, -1 for losing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

BEST = 21
MOST_CARDS = 5
OUT, FIVE, NATURAL = 0, 22, 23
DEALER_STANDS, RIVAL_STANDS = 17, 16
CHANCE = {1: 1 / 13, **dict.fromkeys(range(2, 10), 1 / 13), 10: 4 / 13}
POINTS = {"A": 1, **{str(n): n for n in range(2, 11)}, "J": 10, "Q": 10, "K": 10}


class Hand(NamedTuple):
    """A hand of which only what counts is kept; `low` is its points with every ace as one."""

    low: int
    ace: bool
    cards: int

    @property
    def soft(self) -> bool:
        """Whether an ace fits as eleven."""
        return self.ace and self.low + 10 <= BEST

    @property
    def total(self) -> int:
        return self.low + 10 if self.soft else self.low

    @property
    def rank(self) -> int:
        """What hands are compared by; a hand above 21 is out and ranks below all."""
        if self.total > BEST:
            return OUT
        if self.cards >= MOST_CARDS:
            return FIVE
        return NATURAL if self.cards == 2 and self.total == BEST else self.total

    @property
    def doubles(self) -> bool:
        """Whether the stakes may be doubled on it: two cards of nine, ten or eleven points without an ace."""
        return self.cards == 2 and not self.soft and 9 <= self.low <= 11

    @property
    def full(self) -> bool:
        return self.rank == OUT or self.cards >= MOST_CARDS

    def with_card(self, points: int) -> Hand:
        return Hand(self.low + points, self.ace or points == 1, self.cards + 1)


class Table(NamedTuple):
    """What lies before me: the dealer's open card, the rival's hand, and whether the rival has played."""

    dealer: int
    rival: Hand
    done: bool


def hand_of(cards: list[str]) -> Hand:
    return Hand(sum(POINTS[card] for card in cards), "A" in cards, len(cards))


def table_of(state: Mapping[str, Any]) -> Table:
    return Table(POINTS[state["dealer"]["card"]], hand_of(state["rival"]["cards"]), state["rival"]["done"])


@cache
def endings(hand: Hand, stands: int) -> Mapping[int, float]:
    """How likely a hand that draws below `stands` ends with which rank."""
    if hand.full or (hand.cards >= 2 and hand.total >= stands):
        return {hand.rank: 1.0}
    ends: dict[int, float] = {}
    for points, chance in CHANCE.items():
        for rank, share in endings(hand.with_card(points), stands).items():
            ends[rank] = ends.get(rank, 0.0) + chance * share
    return ends


@cache
def settled(rank: int, table: Table) -> float:
    """What a hand of this rank is worth once the rival and the dealer have played theirs out."""
    if rank == OUT:
        return -1.0
    rivals = {table.rival.rank: 1.0} if table.done else endings(table.rival, RIVAL_STANDS)
    dealers = endings(Hand(table.dealer, table.dealer == 1, 1), DEALER_STANDS)
    return sum(
        chance * share * payout(rank, (rival, dealer))
        for rival, chance in rivals.items()
        for dealer, share in dealers.items()
    )


def payout(rank: int, others: tuple[int, int]) -> float:
    """The best hand takes the stakes of all three; equal hands share them; a hand that is out loses."""
    if rank == OUT or rank < max(others):
        return -1.0
    return 3 / (1 + sum(other == rank for other in others)) - 1


@cache
def worth(action: str, hand: Hand, table: Table) -> float:
    """The expected result of an action, if every later one is the best."""
    if action == "stand":
        return settled(hand.rank, table)
    after = {points: hand.with_card(points) for points in CHANCE}
    if action == "double":
        return 2 * sum(chance * settled(after[points].rank, table) for points, chance in CHANCE.items())
    return sum(chance * best(after[points], table) for points, chance in CHANCE.items())


def actions(hand: Hand) -> tuple[str, ...]:
    if hand.full:
        return ("stand",)
    return ("stand", "hit", "double") if hand.doubles else ("stand", "hit")


def best(hand: Hand, table: Table) -> float:
    return max(worth(action, hand, table) for action in actions(hand))


def best_action(hand: Hand, table: Table) -> str:
    return max(actions(hand), key=lambda action: worth(action, hand, table))


def round_value() -> float:
    """What a round is worth before the deal if it is played in the best way. Takes a while: it visits every deal."""
    starts = _pairs()
    rivals: dict[tuple[Hand, bool], float] = {}
    for pair, chance in starts.items():
        _add(rivals, (_ranked(pair.rank), True) if pair.total >= RIVAL_STANDS else (pair, False), chance / 2)
        for rank, share in endings(pair, RIVAL_STANDS).items():
            _add(rivals, (_ranked(rank), True), chance * share / 2)
    return sum(
        mine * open_card * chance * best(hand, Table(dealer, rival, done))
        for hand, mine in starts.items()
        for dealer, open_card in CHANCE.items()
        for (rival, done), chance in rivals.items()
    )


def _pairs() -> dict[Hand, float]:
    pairs: dict[Hand, float] = {}
    for one, chance in CHANCE.items():
        for other, share in CHANCE.items():
            _add(pairs, Hand(one, one == 1, 1).with_card(other), chance * share)
    return pairs


def _ranked(rank: int) -> Hand:
    """A hand of this rank: once the rival has played, only its rank matters."""
    special = {OUT: Hand(30, False, 3), FIVE: Hand(20, False, 5), NATURAL: Hand(11, True, 2)}
    return special.get(rank, Hand(rank, False, 3))


def _add(counts: dict[Any, float], key: Any, chance: float) -> None:
    counts[key] = counts.get(key, 0.0) + chance
