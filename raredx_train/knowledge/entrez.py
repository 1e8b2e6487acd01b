"""A query -> PubMed abstracts through NCBI's E-utilities: esearch for ids, efetch for XML.

NCBI asks for at most 3 requests a second, 10 with an API key (https://www.ncbi.nlm.nih.gov/books/NBK25497/); the key is read from
NCBI_API_KEY, and every answer is kept on disk, without the key in its name. Rate limit, cache and retries are those of
requests-ratelimiter, requests-cache and urllib3.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from raredx_bench.compiled import cache_dir
from raredx_bench.domain import BadInput, DataMissing, UsageError
from raredx_train.knowledge.pubmed import Abstract, parsed_xml

ADDRESS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
KEY = "NCBI_API_KEY"
SLOW, FAST = 3, 10  # requests a second without and with a key
BATCH = 200  # records of one efetch
WAIT = 60  # seconds for an answer
KEPT = 30 * 24 * 3600  # seconds that an answer is kept


class Entrez:
    """A client with its own rate limit and disk cache. Raises UsageError where the extra `pubmed` is not installed.

    folder: of the cache; backoff: seconds before the first of four retries, doubled each time.
    """

    def __init__(self, address: str = ADDRESS, folder: Path | None = None, backoff: float = 1.0) -> None:
        self._address = address.rstrip("/")
        self._key = os.environ.get(KEY, "")
        self._session = _session(folder or cache_dir() / "entrez", FAST if self._key else SLOW, backoff)

    def search(self, query: str, limit: int) -> list[str]:
        """PubMed ids for a query, at most so many. Raises BadInput for an answer that is none, DataMissing when none comes."""
        answer = self._get("esearch", {"db": "pubmed", "term": query, "retmax": limit, "retmode": "json"})
        try:
            return [str(each) for each in answer.json()["esearchresult"]["idlist"]]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{self._address} answered a search with no list of ids ({error!r}): try again later") from error

    def abstracts(self, query: str, limit: int) -> Iterator[Abstract]:
        """The records with an abstract that a query finds, at most so many."""
        ids = self.search(query, limit)
        for start in range(0, len(ids), BATCH):
            asked = {"db": "pubmed", "id": ",".join(ids[start : start + BATCH]), "retmode": "xml"}
            yield from parsed_xml(io.BytesIO(self._get("efetch", asked).content), f"{self._address}, records from {start}")

    def _get(self, tool: str, asked: dict[str, Any]) -> Any:
        import requests

        key = {"api_key": self._key} if self._key else {}
        try:
            answer = self._session.get(f"{self._address}/{tool}.fcgi", params={**asked, "tool": "raredx", **key}, timeout=WAIT)
            answer.raise_for_status()
        except requests.RequestException as error:
            why = type(error).__name__ if self._key else str(error)  # the text of an error holds the address with its key
            raise DataMissing(f"PubMed didn't answer ({why}): try again later, or give files in knowledge.pubmed") from None
        return answer


def _session(folder: Path, per_second: int, backoff: float) -> Any:
    try:
        from requests_cache import CacheMixin
        from requests_ratelimiter import LimiterMixin
    except ImportError as error:
        raise UsageError(
            "a search of PubMed needs requests-cache and requests-ratelimiter: pip install 'raredx[pubmed]'"
        ) from error
    from requests import Session
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class Polite(CacheMixin, LimiterMixin, Session):  # answers from the cache don't count
        """A session whose answers are kept, and whose questions are rate limited."""

    folder.mkdir(parents=True, exist_ok=True)
    session = Polite(
        cache_name=str(folder / "answers"), backend="sqlite", expire_after=KEPT, ignored_parameters=["api_key"],
        allowable_codes=(200,), per_second=per_second,
    )  # fmt: skip
    retry = Retry(total=4, backoff_factor=backoff, status_forcelist=(429, 500, 502, 503, 504), respect_retry_after_header=True)
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session
