"""An audit -> a Markdown table, and lines of cells for any other."""

from __future__ import annotations

from raredx_train.audit.running import Audit


def headers(audit: Audit) -> list[str]:
    """The column heads of `lines`."""
    return ["answer", "n", "reward", "least", "most", "above 0", *audit.rows[0].parts]


def lines(audit: Audit) -> list[list[str]]:
    """One line a kind of answer: its name, how many, the reward's mean, extremes and share above 0, and the mean of each part."""
    return [
        [row.name, f"{row.n:,}", f"{row.mean:+.3f}", f"{row.least:+.2f}", f"{row.most:+.2f}", f"{100 * row.positive:.1f} %",
         *(f"{value:+.3f}" if value else "0" for value in row.parts.values())]
        for row in audit.rows
    ]  # fmt: skip


def markdown(audit: Audit) -> str:
    """The table, for the documentation."""
    head = headers(audit)
    rows = [head, ["---", *["---:"] * (len(head) - 1)], *lines(audit)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
