"""The one home of Hypothesis generators."""

from __future__ import annotations

from hypothesis import strategies as st

from raredx_bench.domain import MAX_RANK, Link, Prediction, Reading, Relation, Verdict

noise = st.sampled_from(["", " ", "  ", ".", ","])


@st.composite
def verdicts(draw: st.DrawFn, groups: int = 5) -> Verdict:
    """A verdict with up to ten predictions of any relation, in one of a few clusters."""
    relations = draw(st.lists(st.sampled_from(list(Relation)), max_size=MAX_RANK))
    return Verdict(
        case_id=draw(st.uuids()).hex,
        group=f"g{draw(st.integers(0, groups))}",
        predictions=tuple(
            Prediction(Link(f"n{i}", None if r is Relation.DIFFERENT else f"X:{i}", "", 0.0), r) for i, r in enumerate(relations)
        ),
        reading=Reading.LIST if relations else Reading.EMPTY,
        how="",
        gold=("X:0",),
    )


def dressed(name: str) -> st.SearchStrategy[str]:
    """A name in other case and with brackets and punctuation that say nothing."""
    return st.sampled_from([
        name.upper(), name.lower(), f" {name} ", f"{name}.", name.replace(" ", "  "), f"[{name}]", f"**{name}**",
        f"{name} (likely)",
        f'"{name}"', f"1. {name}", f"{name} (less likely)", f"Suspected {name}",
    ])  # fmt: skip
