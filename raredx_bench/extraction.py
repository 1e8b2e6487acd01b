"""Findings that a language model points at in a text, behind any OpenAI-compatible endpoint; never asked by default.

The model copies words out of the text, names the finding and says of whom it is said. Which term of HPO that is, names decide here,
as everywhere: a label or synonym, else what the recogniser reads in the name. Words that are not in the text count for nothing.
What the recogniser reads stays, but where the model points at the same words.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, RunIncomplete, UsageError
from raredx_bench.endpoint import Endpoint
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.models.egress import shown
from raredx_bench.naming import plain
from raredx_bench.recognition import Mention, Recognised, Recogniser

log = logging.getLogger("raredx")
SCOPE = "findings-1"
POLARITIES = {"present": "observed", "absent": "excluded", "family": "family", "supposed": "hypothetical"}
PROMPT = """Below is a description of a patient. List every clinical finding that it states: symptoms, signs, abnormal \
measurements and results. Leave out diagnoses of diseases, treatments, and what is normal without having been looked for.

Answer with a JSON list only. Each item: {{"quote": words copied from the description without any change, "finding": the finding \
in English as the Human Phenotype Ontology names it, "status": one of "present", "absent", "family" (of a relative), "supposed" \
(only thought of)}}.

Description:
{text}
"""


class Extractor:
    """Reads findings from texts with the help of an endpoint. Each text is sent there; no reply is kept."""

    def __init__(self, hpo: Hpo, endpoint: Endpoint) -> None:
        self.hpo, self.endpoint = hpo, endpoint
        self._recogniser = Recogniser(hpo)

    def read(self, text: str) -> Recognised:
        """What the text states. Raises BadInput for a reply without a list, UsageError or RunIncomplete when the endpoint fails."""
        where = shown(self.endpoint.base_url)
        with tempfile.TemporaryDirectory() as folder:
            try:
                replies, _ = self.endpoint.ask_all([prompt := PROMPT.format(text=text)], SCOPE, Path(folder))
            except (RunIncomplete, UsageError) as error:
                reason = str(error).partition("; 0 of 1")[0].replace(self.endpoint.base_url, where)
                raise type(error)(f"{reason}: ask again, or leave --extract-with out") from None
        pointed = list(self._mentions(text, items_of(replies[prompt].text, self.endpoint.model)))
        own = [
            each for each in self._recogniser.read(text).mentions
            if all(each.end <= other.start or each.start >= other.end for other in pointed)
        ]  # fmt: skip
        return Recognised(tuple(sorted((*pointed, *own), key=lambda each: (each.start, each.end))))

    def _mentions(self, text: str, items: list[Any]) -> Iterator[Mention]:
        taken: set[tuple[int, int]] = set()
        for item in items:
            found = self._mention(text, item, taken) if isinstance(item, dict) else None
            if found is not None:
                taken.add((found.start, found.end))
                yield found
        if len(taken) < len(items):
            log.warning("%d of %d findings that %s named are passed over: not in the text, or no term of HPO",
                        len(items) - len(taken), len(items), self.endpoint.model)  # fmt: skip

    def _mention(self, text: str, item: dict[str, Any], taken: Collection[tuple[int, int]]) -> Mention | None:
        words = str(item.get("quote") or "").split()
        quoted = r"\s+".join(map(re.escape, words))
        places = re.finditer(rf"(?<!\w){quoted}(?!\w)", text, re.IGNORECASE) if words else ()
        place = next((each for each in places if each.span() not in taken), None)  # words that come twice are told twice
        polarity = POLARITIES.get(str(item.get("status")).lower())
        term = self.term(str(item.get("finding") or "")) or self.term(" ".join(words))
        if place is None or polarity is None or term is None:
            return None
        return Mention(place.start(), place.end(), term, polarity, f"{self.endpoint.model} says so")

    def term(self, name: str) -> str | None:
        """The term of HPO that a finding's name means; None for none."""
        if (known := self._names.get(plain(name))) is not None:
            return known
        read = {each.term for each in self._recogniser.read(name).mentions}
        return read.pop() if len(read) == 1 else None

    @cached_property
    def _names(self) -> dict[str, str]:
        """Labels and synonyms of HPO's abnormalities, labels first."""
        root = self.hpo.position[ROOT]
        found: dict[str, str] = {}
        findings = [each for each in range(len(self.hpo.ids)) if each != root and root in self.hpo.ancestors(each)]
        for names in ([(self.hpo.names[each],) for each in findings], [self.hpo.synonyms[each] for each in findings]):
            for each, some in zip(findings, names, strict=True):
                for name in some:
                    found.setdefault(plain(name), self.hpo.ids[each])
        return found


def items_of(reply: str, model: str) -> list[Any]:
    """The last list of findings in a reply, whatever stands around it. Raises BadInput for a reply without one."""
    decoder, found = json.JSONDecoder(), None
    for at in (each.start() for each in re.finditer(r"\[", reply)):
        try:
            value, _ = decoder.raw_decode(reply, at)
        except ValueError:
            continue
        if isinstance(value, list) and all(isinstance(each, dict) for each in value) and (value or found is None):
            found = value
    if found is None:
        raise BadInput(f"{model} answered no list of findings: ask another model, or leave --extract-with out")
    return found
