"""How a second look begins: what the earlier reasoning missed, and what records and opinions bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raredx_bench.findings import FindingReader
from raredx_train.reasoning.teacher.evidence import Dossier, Examiner, telling
from raredx_train.reasoning.teacher.ranking import Aids
from raredx_train.reasoning.teacher.wording import Names, Voice


def looking_again(
    earlier: str, aids: Aids, first: Dossier, examiner: Examiner, reader: FindingReader, names: Names, voice: Voice
) -> Iterator[str]:
    """The sentences before the reasoning proper."""
    yield _missed(earlier, first, examiner, reader, names, voice)
    for each in sorted(aids.suspect - {first.disease})[:1]:
        yield voice.say("suspect", disease=examiner.base.name(each))
    yield from _recorded(aids, first, examiner, names, voice)
    if any(first.disease in listed for listed in aids.opinions.values()):
        yield voice.say("opinion", disease=first.name)


def _missed(earlier: str, first: Dossier, examiner: Examiner, reader: FindingReader, names: Names, voice: Voice) -> str:
    """The findings that the earlier text doesn't name, those that speak for the first disease before others."""
    found, text = reader.read(earlier), earlier.lower()
    named = {*found.observed, *found.excluded}
    left = [each for each in examiner.weighed if each not in named and names(each).lower() not in text]
    matched = {match.finding for match in first.for_}
    left.sort(key=lambda each: each not in matched)
    return voice.say_all("missed", [names(each) for each in left[:2]]) if left else voice.say("misweighed")


def _recorded(aids: Aids, first: Dossier, examiner: Examiner, names: Names, voice: Voice) -> Iterator[str]:
    for kind, is_patient in (("record", False), ("patient", True)):
        for record in [each for each in aids.of(first.disease) if each.patient is is_patient][:1]:
            stated = {finding for finding, _ in record.findings}
            shared: Sequence[str] = telling(examiner.base, (each for each in examiner.reading.observed if each in stated))
            if shared:
                yield voice.say_all(kind, [names(each) for each in shared[:3]], disease=first.name)
