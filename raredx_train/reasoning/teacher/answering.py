"""The ontology teacher: a backend without a language model, which reads prompts as one would and answers in prose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from raredx_bench.compiled import digest_of
from raredx_bench.domain import Note
from raredx_bench.naming import plain
from raredx_bench.phenotype import VERSION as RANKER
from raredx_train.generate import Asked, Heard, Sample
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind, draw
from raredx_train.reasoning import asking, records
from raredx_train.reasoning.teacher.evidence import Examiner
from raredx_train.reasoning.teacher.looking import looking_again
from raredx_train.reasoning.teacher.options import OntologyOptions
from raredx_train.reasoning.teacher.prose import Writer
from raredx_train.reasoning.teacher.ranking import Aids, ids_of, opinions_of, ranked
from raredx_train.reasoning.teacher.reading import CaseReader, Reading
from raredx_train.reasoning.teacher.sight import Sight
from raredx_train.reasoning.teacher.wording import Names, Voice, wordings
from raredx_train.reasoning.trace import Trace, trace_of

VERSION = "ontology-teacher-1"
NOTHING = "The case states no finding that I recognise, so no diagnosis can be ranked."


class OntologyTeacher:
    """A programmatic diagnoser over a limited view of the taught facts. Of a case it knows what the prompt says."""

    def __init__(self, base: Base, options: OntologyOptions) -> None:
        self.base, self.options = base, options
        self.sight = Sight(base, options.view, options.seed)
        self.cases = CaseReader(base)
        self.names = Names(base)
        self._identity = json.dumps({"version": VERSION, "ranker": RANKER, **asdict(options), "facts": self.sight.digest,
                                     "wordings": digest_of([json.dumps(dict(wordings()))])}, sort_keys=True)  # fmt: skip

    @property
    def identity(self) -> str:
        """Version, options, and the digest of the facts in view and of the wordings."""
        return self._identity

    def answer(self, asked: Sequence[Asked], heard: Heard) -> list[str]:
        """As Backend says; it always answers."""
        for each in asked:
            heard(each, Sample(self.said(each.messages, each.number), note=Note("stop")))
        return []

    def said(self, messages: Sequence[Mapping[str, str]], number: int) -> str:
        """A thought, the line "Final answer:" and the ranked names; at temperature 0 the same for any number."""
        blocks = asking.blocks(messages)
        number = number if self.options.temperature else 0
        key = (self.options.seed, digest_of([each["content"] for each in messages]), number)
        whole = "\n".join(each["content"] for each in messages if each["role"] == "user")
        reading = self.cases.read(blocks.get(asking.CASE, whole))
        wanted = asking.asked_for(messages) if messages else 0
        if not reading.observed:
            return NOTHING
        voice = Voice(draw("words", *key))
        if accepted := blocks.get(asking.ACCEPTED):
            return self._rewritten(accepted, reading, wanted, voice).said
        return self._diagnosed(blocks, reading, wanted, key, voice).said

    def _diagnosed(self, blocks: Mapping[str, str], reading: Reading, wanted: int, key: tuple[object, ...], voice: Voice) -> Trace:
        earlier = blocks.get(asking.EARLIER, "")
        aids = Aids(
            records.read(blocks.get(asking.RECORDS, ""), self.base),
            opinions_of(blocks.get(asking.OPINIONS, ""), self.sight),
            frozenset(ids_of(trace_of(Sample(earlier), wanted).names[:1], self.sight)), bool(earlier),
        )  # fmt: skip
        found = ranked(reading, aids, self.sight, self.options, wanted, draw("ranking", *key))
        examiner = Examiner(self.sight, reading, found.weighed)
        writer = Writer(examiner, self.names, voice, self.options.length)
        dossiers = [examiner.dossier(each, _stated(aids, each)) for each in found.diseases[: writer.candidates()]]
        opening = (list(looking_again(earlier, aids, dossiers[0], examiner, self.cases.reader, self.names, voice))
                   if earlier else [])  # fmt: skip
        return Trace(writer.thought(dossiers, opening), tuple(map(self.base.name, found.diseases)))

    def _rewritten(self, accepted: str, reading: Reading, wanted: int, voice: Voice) -> Trace:
        """The forward reasoning for the list that a text ends in."""
        trace = trace_of(Sample(accepted), wanted)
        examiner = Examiner(self.sight, reading, reading.observed)
        writer = Writer(examiner, self.names, voice, self.options.length)
        weighed = ids_of(trace.names[: writer.candidates()], self.sight)
        dossiers = [examiner.dossier(disease, self._cited(trace.think, disease)) for disease in weighed]
        return Trace(writer.thought(dossiers) if dossiers else NOTHING, trace.names)

    def _cited(self, thought: str, disease: str) -> list[str]:
        """The taught facts of a disease that the sentences of a thought that name it state: HPO ids and gene symbols."""
        name = _padded(self.base.name(disease))
        said = [plain_one for sentence in thought.replace("\n", " ").split(". ") if name in (plain_one := _padded(sentence))]
        facts = [
            fact for kind in (Kind.FINDING, Kind.ABSENT, Kind.GENE, Kind.INHERITANCE) for fact in self.base.taught.of(disease, kind)
        ]
        return [fact.value for fact in facts if any(_padded(self.base.name(fact.value)) in sentence for sentence in said)]


def _stated(aids: Aids, disease: str) -> list[str]:
    """What the records of a disease say of it, by id and symbol."""
    own = [record for record in aids.of(disease) if not record.patient]
    return [each for record in own for each in (*dict(record.findings), *record.absent, *record.genes, *record.inheritance)]


def _padded(text: str) -> str:
    return f" {plain(text)} "
