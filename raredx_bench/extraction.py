"""Findings that a language model points at in a text, behind any OpenAI-compatible endpoint; never asked by default.

The model copies words out of the text, names the finding and says of whom it is said. Which term of HPO that is, names decide here,
as everywhere: a label or synonym, what the recogniser reads in the name, else the name that is spelled most alike. Words that are
not in the text count for nothing. What the recogniser reads stays, but where the model points at the same words.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from raredx_bench.domain import BadInput
from raredx_bench.endpoint import Endpoint
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.naming import plain
from raredx_bench.recognition import Mention, Recognised, Recogniser

log = logging.getLogger("raredx")
ALIKE = 90.0  # of 100: rapidfuzz ratio of a name and the term's
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
        with tempfile.TemporaryDirectory() as folder:
            replies, _ = self.endpoint.ask_all([prompt := PROMPT.format(text=text)], SCOPE, Path(folder))
        pointed = list(self._mentions(text, items_of(replies[prompt].text, self.endpoint.model)))
        own = [
            each for each in self._recogniser.read(text).mentions
            if all(each.end <= other.start or each.start >= other.end for other in pointed)
        ]  # fmt: skip
        return Recognised(tuple(sorted((*pointed, *own), key=lambda each: (each.start, each.end))))

    def _mentions(self, text: str, items: list[Any]) -> Iterator[Mention]:
        passed = 0
        for item in items:
            found = self._mention(text, item) if isinstance(item, dict) else None
            passed += found is None
            if found is not None:
                yield found
        if passed:
            log.warning("%d of %d findings that %s named are passed over: not in the text, or no term of HPO", passed, len(items),
                        self.endpoint.model)  # fmt: skip

    def _mention(self, text: str, item: dict[str, Any]) -> Mention | None:
        words = str(item.get("quote") or "").split()
        place = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE) if words else None
        polarity = POLARITIES.get(str(item.get("status")).lower())
        term = self.term(str(item.get("finding") or "")) or self.term(" ".join(words))
        if place is None or polarity is None or term is None:
            return None
        return Mention(place.start(), place.end(), term, polarity, f"{self.endpoint.model} says so")

    def term(self, name: str) -> str | None:
        """The term of HPO that a finding's name means; None for none."""
        if (known := self._names.get(plain(name))) is not None:
            return known
        if (read := self._recogniser.read(name).mentions) and len({each.term for each in read}) == 1:
            return read[0].term
        best = process.extractOne(plain(name), self._names.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return self._names[best[0]] if best else None

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
    """The list in a reply, whatever stands around it. Raises BadInput for a reply without one."""
    first, last = reply.find("["), reply.rfind("]")
    try:
        found = json.loads(reply[first : last + 1])
    except ValueError as error:
        raise BadInput(f"{model} answered no list of findings ({error}), but: {reply[:200]!r}: ask another model, or leave "
                       "--extract-with out") from error  # fmt: skip
    return list(found)
