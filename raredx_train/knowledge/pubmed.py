"""PubMed records -> abstracts, from PubMed's XML and from the MEDLINE format, gzipped or not.

XML is streamed with ElementTree (no external entity, no DTD is loaded): PubmedArticleSet > PubmedArticle > MedlineCitation with
PMID and Article > ArticleTitle, Abstract > AbstractText (structured ones have a Label each)
(https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html). MEDLINE is read by Bio.Medline
(https://www.nlm.nih.gov/bsd/mms/medlineelements.html).
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from raredx_bench.domain import BadInput, DataMissing, UsageError

SUFFIXES = (".xml", ".xml.gz", ".txt", ".medline", ".nbib", ".txt.gz", ".medline.gz", ".nbib.gz")
_ARTICLES = ("PubmedArticle", "PubmedBookArticle")


@dataclass(frozen=True, slots=True)
class Abstract:
    """A record of PubMed. pmid: digits; text: the abstract, its sections one after another, never empty."""

    pmid: str
    title: str
    text: str


def read_abstracts(paths: Iterable[Path]) -> Iterator[Abstract]:
    """The records with an abstract of files and folders of files, each PubMed id once.

    Raises DataMissing for a path that isn't there, BadInput for a file that is cut, damaged or of another kind.
    """
    seen: set[str] = set()
    for path in paths:
        for file in _files(path):
            for abstract in read_file(file):
                if abstract.pmid not in seen:
                    seen.add(abstract.pmid)
                    yield abstract


def read_file(path: Path) -> Iterator[Abstract]:
    """The records with an abstract of one file. Raises BadInput when it is cut, damaged or holds no record."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise BadInput(f"{path} can't be read ({error}): get it again, it may be cut") from error
    is_xml = content.lstrip()[:1] == b"<"
    yield from parsed_xml(io.BytesIO(content), str(path)) if is_xml else _medline(content, path)


def parsed_xml(handle: IO[bytes], where: str) -> Iterator[Abstract]:
    """The records with an abstract of PubMed XML; where: for people. Raises BadInput when it is damaged or holds no record."""
    records = 0
    try:
        for _, element in ElementTree.iterparse(handle):
            if element.tag in _ARTICLES:
                records += 1
                if abstract := _from_article(element):
                    yield abstract
                element.clear()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise BadInput(f"{where} is no readable XML ({error}): get it again, it may be cut") from error
    if not records:
        raise BadInput(f"{where} holds no PubmedArticle: give PubMed XML (efetch with retmode=xml, or a baseline file)")


def _from_article(element: ElementTree.Element) -> Abstract | None:
    pmid = element.findtext(".//PMID") or ""
    title = _text(element.find(".//ArticleTitle"))
    parts = []
    for section in element.iterfind(".//Abstract/AbstractText"):
        label, text = section.get("Label"), _text(section)
        if text:
            parts.append(f"{label.capitalize()}: {text}" if label else text)
    return Abstract(pmid.strip(), title, " ".join(parts)) if pmid.strip() and parts else None


def _text(element: ElementTree.Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _medline(content: bytes, path: Path) -> Iterator[Abstract]:
    try:
        from Bio import Medline
    except ImportError as error:
        raise UsageError(f"{path} is in the MEDLINE format, which needs biopython: pip install 'raredx[pubmed]'") from error
    try:
        records = [dict(each) for each in Medline.parse(io.StringIO(content.decode("utf-8")))]
    except (UnicodeDecodeError, ValueError, KeyError) as error:
        raise BadInput(f"{path} is no readable MEDLINE file ({error}): get it again") from error
    if not any(record.get("PMID") for record in records):
        raise BadInput(f"{path} holds no PMID: give PubMed XML or the MEDLINE format (PubMed's own export)")
    for record in records:
        if record.get("PMID") and record.get("AB"):
            yield Abstract(str(record["PMID"]), str(record.get("TI", "")), str(record["AB"]))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DataMissing(f"{path} is not there: name a file or folder of PubMed XML or MEDLINE in knowledge.pubmed")
    found = sorted(each for each in path.iterdir() if each.name.endswith(SUFFIXES))
    if not found:
        raise DataMissing(f"{path} holds no file ending in {', '.join(SUFFIXES)}: put PubMed XML or MEDLINE files there")
    return found
