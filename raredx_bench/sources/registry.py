"""What a source of data is, and the terms it comes under.

Where the figures of an entry were read stands in its field `seen`. A checksum is given only for a file that can't change and whose
checksum is published; everything else is pinned by the first pull (manifest.py). `unverified` says what could not be read anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from raredx_bench.domain import UnknownName


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms of use. terms: the URL of their text; ask: whether they must be accepted before the first pull."""

    id: str
    name: str
    terms: str
    ask: bool = False


LICENCES = {
    licence.id: licence
    for licence in (
        Licence("Apache-2.0", "Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
        Licence("BSD-3-Clause", "BSD-3-Clause", "https://github.com/monarch-initiative/phenopacket-store/blob/main/LICENSE"),
        Licence("CC0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        Licence("CC-BY-4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        Licence("CC-BY-NC-SA-4.0", "CC BY-NC-SA 4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/", ask=True),
        Licence("HPO", "HPO licence", "https://hpo.jax.org/license"),
        Licence("OMIM", "OMIM terms of use", "https://www.omim.org/help/agreement", ask=True),
        Licence("PhysioNet-DUA-1.5.0", "PhysioNet Credentialed Health Data Use Agreement 1.5.0",
                "https://physionet.org/content/mimic-iv-note/2.2/", ask=True),
        Licence("SHEPHERD-Dataverse", "terms of the Dataverse record", "https://doi.org/10.7910/DVN/TZTPFL", ask=True),
        Licence("PhenoBrain-Zenodo", "terms of the Zenodo record", "https://zenodo.org/records/10774650", ask=True),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remote:
    """One file of a source: its place under the data directory and where it comes from.

    url: may hold {version}; None: only with credentials, or from a mirror. sha256: of the source's own version; None: none is
    published.
    """

    place: str
    url: str | None
    sha256: str | None = None

    def url_of(self, version: str | None) -> str | None:
        """Where a version of the file is; None as for url."""
        return None if self.url is None else self.url.replace("{version}", version or "")


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that can be put in a data directory; paths are tried in order and may be glob patterns.

    url: the page about it. licence: a key of LICENCES. files: what a pull brings. version: the release that is pulled unless
    another is named; None: the publisher keeps one that changes. size: about how many bytes; None: not known. access: how to get
    it where it can't be pulled; empty: it can. unverified: what could not be read in a source that can be cited; empty: nothing.
    seen: where the rest was read.
    """

    name: str
    title: str
    kind: str
    paths: tuple[str, ...]
    url: str
    licence: str
    files: tuple[Remote, ...]
    citation: str
    version: str | None = None
    size: int | None = None
    access: str = ""
    unverified: str = ""
    seen: str = field(default="", repr=False)

    @property
    def terms(self) -> Licence:
        """The terms it comes under."""
        return LICENCES[self.licence]

    @property
    def versioned(self) -> bool:
        """Whether another version can be named."""
        return any(remote.url and "{version}" in remote.url for remote in self.files)

    @property
    def open(self) -> bool:
        """Whether anybody may pull it without a further step."""
        return not self.access and not self.terms.ask


def by_name(sources: Iterable[Source]) -> dict[str, Source]:
    """Sources by their names, in their order."""
    return {source.name: source for source in sources}


def named(name: str, sources: Mapping[str, Source]) -> Source:
    """The source of a name. Raises UnknownName with the nearest ones."""
    if name not in sources:
        raise UnknownName("source", name, sources)
    return sources[name]
