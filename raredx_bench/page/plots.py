"""The plots as Vega-Lite specifications, made by Altair: their rows come in the browser, their colours from the page's CSS.

Each reads the rows of a data set named "rows"; static/plots.js fills it and writes the same rows into a table below.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

INK, DIM, LINE, ACCENT = "var(--ink)", "var(--dim)", "var(--line)", "var(--accent)"
SERIES = ("var(--series-1)", "var(--series-2)", "var(--series-3)")
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
ROW = 26  # pixels of a line; static/plots.js counts the lines, since Vega-Lite warns of a step beside a fitted width
CONFIG: Mapping[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK, "titleColor": DIM, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 220, "domain": False, "ticks": False,
        "labelPadding": 8,
    },
    "header": {"labelColor": INK, "titleColor": DIM, "labelFontSize": 12},
    "legend": {"labelColor": INK, "titleColor": DIM, "labelFontSize": 12, "orient": "top", "title": None, "symbolStrokeWidth": 0,
               "symbolOpacity": 1, "layout": {"top": {"anchor": "end"}}},
    "text": {"color": INK, "fontSize": 11},
}  # fmt: skip


@lru_cache(maxsize=1)
def specifications() -> dict[str, dict[str, Any]]:
    """Plot -> its specification, by the name that pages ask for it."""
    charts = {"ladder": _ladder(), "heat": _heat(), "cost": _cost(), "stages": _stages()}
    return {name: {**chart.to_dict(), "config": dict(CONFIG)} for name, chart in charts.items()}


def _rows() -> Any:
    import altair as alt

    return alt.NamedData(name="rows")


def _ladder() -> Any:
    """One run under every matcher: label, measure, value, low, high in percent."""
    import altair as alt

    # One line a matcher, the measures side by side around it.
    base = alt.Chart(_rows()).encode(
        y=alt.Y("label:N", sort=None, title=None),
        yOffset=alt.YOffset("measure:N", sort=None),
        color=alt.Color("measure:N", sort=None, scale=alt.Scale(range=list(SERIES))),
    )
    percent = alt.Scale(domainMin=0)
    rule = base.mark_rule(strokeWidth=2, opacity=0.45).encode(
        x=alt.X("low:Q", scale=percent, title="percent of cases", axis=alt.Axis(tickCount=10)), x2="high:Q"
    )
    point = base.mark_circle(size=64, opacity=1).encode(x=alt.X("value:Q", scale=percent), tooltip=_tooltip("label", "measure"))
    return alt.layer(rule, point).properties(width="container", usermeta={"row": ROW * 1.3})


def _heat() -> Any:
    """Recall by entry and level of a stratum: label, level, value in percent, n."""
    import altair as alt

    base = alt.Chart(_rows()).encode(
        x=alt.X("level:N", sort=None, title=None, axis=alt.Axis(orient="top", labelAngle=-30, labelLimit=150)),
        y=alt.Y("label:N", sort=None, title=None),
    )
    cell = base.mark_rect(fill=ACCENT, stroke="var(--paper)", strokeWidth=2).encode(
        fillOpacity=alt.FillOpacity("value:Q", scale=alt.Scale(domain=[0, 100], range=[0.06, 1]), legend=None),
        tooltip=[*_tooltip("label", "level"), alt.Tooltip("n:Q", title="cases")],
    )
    dark = alt.datum.value > 60
    text = base.mark_text(fontSize=12).encode(
        text=alt.Text("value:Q", format=".0f"), color=alt.condition(dark, alt.value("var(--on-accent)"), alt.value(INK))
    )
    return alt.layer(cell, text).properties(
        width="container", usermeta={"row": ROW}, padding={"right": 40, "left": 5, "top": 5, "bottom": 5}
    )


def _cost() -> Any:
    """Recall against what a case cost: label, x, value, low, high in percent, best (nothing is both cheaper and better)."""
    import altair as alt

    x = alt.X(
        "x:Q",
        scale=alt.Scale(type="log", nice=False, padding=30),
        title=None,
        axis=alt.Axis(grid=False, format=".3~g", tickCount=5),
    )
    y = alt.Y("value:Q", scale=alt.Scale(domainMin=0, nice=True), title="recall@1, percent")
    base = alt.Chart(_rows()).encode(x=x)
    colour = alt.condition("datum.best", alt.value(SERIES[0]), alt.value(DIM))
    rule = base.mark_rule(strokeWidth=2, opacity=0.4).encode(y=alt.Y("low:Q", title="recall@1, percent"), y2="high:Q", color=colour)
    point = base.mark_circle(size=90, opacity=1).encode(
        y=y, color=colour, tooltip=[*_tooltip("label"), alt.Tooltip("x:Q", title="cost of a case", format=".4g")]
    )
    frontier = base.mark_line(strokeDash=[3, 3], strokeWidth=1, color=SERIES[0], interpolate="step-after").encode(y=y)
    label = base.mark_text(align="left", dx=8, dy=-8).encode(y=y, text="named:N")
    return alt.layer(frontier.transform_filter("datum.best"), rule, point, label).properties(width="container", height=380)


def _stages() -> Any:
    """The stages of a training run: label, measure, value, low, high in percent."""
    import altair as alt

    base = alt.Chart(_rows()).encode(
        x=alt.X("label:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, ' ')")),
        color=alt.Color("measure:N", sort=None, scale=alt.Scale(range=list(SERIES))),
    )
    percent = alt.Scale(domainMin=0, nice=True)
    rule = base.mark_rule(strokeWidth=2, opacity=0.45).encode(
        y=alt.Y("low:Q", scale=percent, title="percent of cases"), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=1.5).encode(y=alt.Y("value:Q", scale=percent))
    point = base.mark_circle(size=72, opacity=1).encode(y="value:Q", tooltip=_tooltip("label", "measure"))
    return alt.layer(rule, line, point).properties(width="container", height=300)


def _tooltip(*names: str) -> list[Any]:
    import altair as alt

    interval = [alt.Tooltip(f"{name}:Q", title=title, format=".1f") for name, title in
                (("value", "percent"), ("low", "from"), ("high", "to"))]  # fmt: skip
    return [*(alt.Tooltip(f"{name}:N", title="" if name == "label" else name) for name in names), *interval]
