"""How many cases show a difference, and what difference so many cases show.

n = (z(0.975) sqrt(s) + z(0.8) sqrt(s - d²))² / d² independent cases show a difference d between two runs with 80 % power in a
two-sided test at 5 %, s being the mean squared difference of a case: the share of discordant cases, for hits (Connor 1987,
Biometrics 43:207). Cases of one cluster count less, by the ratio of the difference's variance to that of independent cases (design
effect, Kish 1965).
"""

from __future__ import annotations

from math import ceil, sqrt

from scipy.special import ndtri

from raredx_bench.intervals import Z

POWER = 0.8
_POWERED = float(ndtri(POWER))


def cases_needed(difference: float, square: float, effect: float = 1.0) -> int:
    """How many cases show a difference (0 to 1, not 0); square: mean squared difference of a case, effect: the design effect.

    Where square is less than the difference allows, it is taken to be as large as it must be: no share of cases can be won by more
    than the cases that differ. Raises ValueError for a difference of 0 or beyond 1.
    """
    if not 0 < abs(difference) <= 1:
        raise ValueError(f"a difference is more than 0 and at most 1, not {difference}")
    return ceil(effect * _needed(abs(difference), square) - 1e-9)


def visible_difference(cases: int, square: float, effect: float = 1.0) -> float | None:
    """The smallest difference that so many cases show, from 0 to 1; None: not even the largest possible one."""
    from scipy.optimize import brentq

    if cases < effect * _needed(1.0, square):
        return None
    return float(brentq(lambda d: _needed(d, square) - cases / effect, 1e-9, 1.0))


def _needed(difference: float, square: float) -> float:
    square = max(square, difference)
    return (Z * sqrt(square) + _POWERED * sqrt(square - difference**2)) ** 2 / difference**2
