"""Sources: what the registry says, and pulls over a network and a disk that misbehave."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from urllib3.util.retry import Retry

from benchmarks.pull_kill import killed
from raredx_bench.cli import main
from raredx_bench.domain import BadInput, DataMissing, RaredxError, UnknownName, UsageError
from raredx_bench.sources import LICENCES, SOURCES, Source, find, find_all, require
from raredx_bench.sources.condition import Finding, State, condition_of, verify
from raredx_bench.sources.manifest import accept, accepted, read_pins
from raredx_bench.sources.pulling import Pulled, Request, pull, told
from raredx_bench.sources.transfer import ATTEMPTS, Transfer
from tests.fileserver import FileServer, Rule, Served, serving
from tests.test_cli import raredx

BODY = bytes(range(256)) * 40  # 10,240 bytes
OTHER = BODY[::-1]
MONDO = "ontology/mondo.obo"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No mirror, proxy or offline switch of the machine's own."""
    for name in (
        "RAREDX_MIRROR",
        "RAREDX_OFFLINE",
        "HF_HUB_OFFLINE",
        "RAREDX_DATA",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))


Command = Callable[..., tuple[int, str, str]]  # arguments of `data` -> exit code, stdout, stderr


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs `raredx-bench data` in this process, with nothing pulled."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nothing"))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["raredx-bench", "data", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def always(body: bytes = BODY, **how: object) -> Rule:
    return lambda path, number: Served(body, **how)  # type: ignore[arg-type]


def mondo(root: Path, mirror: str | None, repin: bool = False, version: str | None = None) -> Pulled:
    (found,) = pull(SOURCES["mondo"], Request(root, version, mirror, repin))
    return found


def leftovers(root: Path) -> list[Path]:
    return [path for path in (root / ".pulling").rglob("*") if path.is_file() and path.suffix != ".lock"]


class TestRegistry:
    def test_names_and_licences_are_known_and_every_page_is_secure(self) -> None:
        for name, source in SOURCES.items():
            assert source.name == name
            assert source.licence in LICENCES, name
            assert source.kind in ("ontology", "benchmark", "tool"), name
            assert source.citation, name
            assert source.files, name
            assert source.url.startswith("https://"), name

    def test_a_source_is_either_pulled_or_says_how_to_get_access(self) -> None:
        for source in SOURCES.values():
            assert bool(source.access) == any(remote.url is None for remote in source.files), source.name
            assert all(remote.url is None or remote.url.startswith("https://") for remote in source.files), source.name

    def test_every_version_goes_into_a_url_and_every_checksum_is_one(self) -> None:
        for source in SOURCES.values():
            assert source.versioned == (source.version is not None), source.name
            assert all(re.fullmatch("[0-9a-f]{64}", remote.sha256) for remote in source.files if remote.sha256), source.name

    def test_places_stay_inside_and_mean_one_file_each(self) -> None:
        urls: dict[str, str | None] = {}
        for remote in itertools.chain.from_iterable(source.files for source in SOURCES.values()):
            assert not remote.place.startswith("/"), remote
            assert ".." not in remote.place, remote
            assert urls.setdefault(remote.place, remote.url) == remote.url, remote

    def test_what_is_pulled_is_found_by_the_readers(self, tmp_path: Path) -> None:
        for source in SOURCES.values():
            for remote in source.files:
                (tmp_path / remote.place).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / remote.place).write_text("x")
            if source.name != "pumch_adm":  # inside RareBench's archive
                assert len(find_all(source.name, tmp_path)) >= len(source.files), source.name

    def test_the_table_in_the_documentation_is_the_registry(self, command: Command) -> None:
        table = command("list", "--markdown")[1]
        assert table.count("\n") == len(SOURCES) + 2
        assert table in (Path(__file__).parents[1] / "docs/data.md").read_text(encoding="utf-8")

    def test_missing_files_are_named_with_the_command_that_brings_them(self, tmp_path: Path) -> None:
        with pytest.raises(DataMissing, match=r"`raredx-bench data pull mondo --data-dir .*` brings it, or get it from https://"):
            require("mondo", tmp_path)
        with pytest.raises(DataMissing, match=r"data pull rarearena_rds --accept CC-BY-NC-SA-4\.0"):
            require("rarearena_rds", tmp_path)
        with pytest.raises(DataMissing, match=r"credentialed user of PhysioNet.* put it at .*mimic/discharge\.csv\.gz"):
            require("mimic_iv", tmp_path)
        with pytest.raises(UnknownName, match="did you mean mondo"):
            require("mundo", tmp_path)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_source_comes_from_a_mirror(source: Source, tmp_path: Path) -> None:
    accept(tmp_path, source.licence)
    with serving(lambda path, number: Served(path.encode())) as server:
        request = Request(tmp_path, "some-version" if source.versioned else None, server.url)
        found = pull(source, request)
        assert [each.fresh for each in found] == [True] * len(source.files)
        assert not any(each.fresh for each in pull(source, request))
        assert len(server.asked) == len(source.files)
    for remote, each in zip(source.files, found, strict=True):
        assert each.path == tmp_path / remote.place
        assert each.path.read_text() == f"/{remote.place}"
        assert each.pin == read_pins(tmp_path)[remote.place]
        assert each.pin.url == f"{server.url}/{remote.place}"
        assert each.pin.sha256 == hashlib.sha256(each.path.read_bytes()).hexdigest()
    assert condition_of(source, tmp_path).state is State.HERE
    assert not leftovers(tmp_path)


FAULTS: dict[str, tuple[list[Served], bytes, list[str | None]]] = {  # answers in turn, what must come, the ranges asked for
    "nothing": ([Served(BODY)], BODY, [None]),
    "cut twice": (
        [Served(BODY, cut=3000), Served(BODY, cut=4000), Served(BODY)],
        BODY,
        [None, "bytes=3000-", "bytes=7000-"],
    ),
    "cut, and only a date": (
        [Served(BODY, None, "Mon, 02 Nov 2026 10:00:00 GMT", cut=3000), Served(BODY, None, "Mon, 02 Nov 2026 10:00:00 GMT")],
        BODY,
        [None, "bytes=3000-"],
    ),
    "cut, and nothing to tell the file by": ([Served(BODY, None, cut=3000), Served(BODY, None)], BODY, [None, None]),
    "cut, and a weak ETag": ([Served(BODY, 'W/"1"', cut=3000), Served(BODY, 'W/"1"')], BODY, [None, None]),
    "cut, and Range ignored": ([Served(BODY, cut=3000), Served(BODY, ranges=False)], BODY, [None, "bytes=3000-"]),
    "another file after the cut": ([Served(BODY, cut=3000), Served(OTHER, '"2"')], OTHER, [None, "bytes=3000-"]),
    "another file, and If-Range ignored": (
        [Served(BODY, cut=3000), Served(OTHER, '"2"', heeds=False), Served(OTHER, '"2"')],
        OTHER,
        [None, "bytes=3000-", None],
    ),
    "another date, and If-Range ignored": (
        [Served(BODY, None, "Mon, 02 Nov 2026 10:00:00 GMT", cut=3000),
         Served(OTHER, None, "Tue, 03 Nov 2026 10:00:00 GMT", heeds=False), Served(OTHER, None, "Tue, 03 Nov 2026 10:00:00 GMT")],
        OTHER,
        [None, "bytes=3000-", None],
    ),
    "a shorter file after the cut": (
        [Served(BODY, cut=3000), Served(BODY[:100], '"2"', heeds=False), Served(BODY[:100], '"2"')],
        BODY[:100],
        [None, "bytes=3000-", None],
    ),
    "errors that pass": ([Served(b"", status=500), Served(b"", status=503), Served(BODY)], BODY, [None, None, None]),
    "too many requests": ([Served(b"", status=429), Served(BODY)], BODY, [None, None]),
    "slow": ([Served(BODY, pause=0.01)], BODY, [None]),
    "cut, and no length said": ([Served(BODY, cut=3000, chunked=True), Served(BODY, chunked=True)], BODY, [None, "bytes=3000-"]),
    "zipped unasked": ([Served(BODY, zipped=True)], BODY, [None]),
    "zipped unasked, and cut": ([Served(BODY, zipped=True, cut=60), Served(BODY, zipped=True)], BODY, [None, None]),
    "nothing at all in it": ([Served(b"")], b"", [None]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_comes_whole_through(fault: str, tmp_path: Path) -> None:
    answers, body, ranges = FAULTS[fault]
    with serving(lambda path, number: answers[number - 1]) as server:
        found = mondo(tmp_path, server.url)
        assert found.path.read_bytes() == body
        assert [asked for _, asked in server.asked] == ranges
    assert not leftovers(tmp_path)


def test_redirects_are_followed_and_a_cut_behind_one_is_resumed(tmp_path: Path) -> None:
    def rule(path: str, number: int) -> Served:
        if path.startswith("/elsewhere"):
            return Served(BODY, cut=5000 if number == 1 else None)
        return Served(b"", status=302, location="/elsewhere")

    with serving(rule) as server:
        assert mondo(tmp_path, server.url).path.read_bytes() == BODY
        assert [asked for path, asked in server.asked if path == "/elsewhere"] == [None, "bytes=5000-"]


def test_a_later_pull_goes_on_where_an_earlier_one_gave_up(tmp_path: Path) -> None:
    part = tmp_path / ".pulling/ontology__mondo.obo/mondo.obo.part"
    part.parent.mkdir(parents=True)
    down = [True]
    with serving(lambda path, number: Served(BODY, cut=3000 if number == 1 else 0 if down[0] else None)) as server:
        url = f"{server.url}/{MONDO}"
        with pytest.raises(DataMissing, match=r"3,000 bytes are kept and the same command goes on from there"):
            Transfer(part, pause=0)(url, str(tmp_path / "out"), None)
        assert len(server.asked) == 1 + ATTEMPTS
        assert condition_of(SOURCES["mondo"], tmp_path).state is State.PARTIAL
        down[0] = False
        assert mondo(tmp_path, server.url).path.read_bytes() == BODY
        assert server.asked[-1] == (f"/{MONDO}", "bytes=3000-")


@pytest.mark.parametrize(
    ("served", "said"),
    [
        (Served(b"", status=404), r"answers 404 Not Found: it may have moved; .*`raredx-bench data list`"),
        (Served(b"", status=403), "answers 403 Forbidden: access is refused"),
        (Served(b"", status=401), "answers 401 Unauthorized: it wants a login"),
        (Served(b"<html>", kind="text/html; charset=utf-8"), "gives a web page, not the file"),
    ],
)
def test_what_is_not_the_file_is_refused_in_a_sentence(served: Served, said: str, tmp_path: Path) -> None:
    with serving(lambda path, number: served) as server, pytest.raises(DataMissing, match=said):
        mondo(tmp_path, server.url)
    assert not (tmp_path / MONDO).exists()
    assert not read_pins(tmp_path)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_stays_broken_is_named(status: int, tmp_path: Path) -> None:
    quick = Retry(total=1, status_forcelist=(status,), raise_on_status=False)
    with serving(always(b"", status=status)) as server, pytest.raises(DataMissing, match=f"answers {status}"):
        Transfer(tmp_path / "part", retries=quick)(server.url, str(tmp_path / "out"), None)


def test_nobody_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with serving(always()) as server:
        url = server.url
    with pytest.raises(DataMissing, match=rf"^{url} can't be downloaded \((?!<)[^<]*Connection refused\): check the network"):
        Transfer(tmp_path / "part", retries=Retry(total=0))(url, str(tmp_path / "out"), None)


def test_the_first_pull_fixes_the_checksum_and_a_later_one_that_differs_is_refused(tmp_path: Path) -> None:
    with serving(always()) as server:
        assert mondo(tmp_path, server.url).pin.pinned == "first use"
    (tmp_path / MONDO).unlink()
    with serving(always(OTHER)) as server:
        with pytest.raises(BadInput) as caught:
            mondo(tmp_path, server.url)
        expected, found = (hashlib.sha256(each).hexdigest() for each in (BODY, OTHER))
        for said in (found, f"not {expected}", "--repin", f"--mirror {server.url}", "nothing was kept"):
            assert said in str(caught.value)
        assert not (tmp_path / MONDO).exists()
        assert not leftovers(tmp_path)
        assert mondo(tmp_path, server.url, repin=True).pin.sha256 == found
        assert (tmp_path / MONDO).read_bytes() == OTHER


def test_a_published_checksum_is_not_to_be_repinned(tmp_path: Path) -> None:
    for repin in (False, True):
        with serving(always()) as server, pytest.raises(BadInput, match=r"is published for hpo v2026-06-23; .*--version"):
            pull(SOURCES["hpo"], Request(tmp_path, None, server.url, repin))
        assert not (tmp_path / "ontology/hp.obo").exists()


def test_a_file_that_changed_on_disk_is_brought_again(tmp_path: Path) -> None:
    with serving(always()) as server:
        mondo(tmp_path, server.url)
        (tmp_path / MONDO).write_bytes(b"edited")
        assert condition_of(SOURCES["mondo"], tmp_path).state is State.CHANGED
        assert mondo(tmp_path, server.url).fresh
        assert (tmp_path / MONDO).read_bytes() == BODY


def test_a_file_put_there_by_hand_is_kept_until_it_is_asked_for_otherwise(tmp_path: Path) -> None:
    place = tmp_path / "ontology/hp.obo"
    place.parent.mkdir()
    place.write_bytes(OTHER)
    with serving(always()) as server:
        for _ in range(2):
            (found,) = pull(SOURCES["hpo"], Request(tmp_path, None, server.url))
            assert (found.fresh, found.pin.url, found.pin.version, place.read_bytes()) == (False, None, None, OTHER)
        assert not server.asked
        (found,) = pull(SOURCES["hpo"], Request(tmp_path, "v2026-01-08", server.url))
        assert (found.fresh, found.pin.version, place.read_bytes()) == (True, "v2026-01-08", BODY)


def test_another_version_replaces_the_first_and_stays(tmp_path: Path) -> None:
    with serving(always()) as server:
        mondo(tmp_path, server.url, version="v2026-01-06")
        assert mondo(tmp_path, server.url).pin.version == "v2026-01-06"
        assert len(server.asked) == 1
    with serving(always(OTHER)) as server:
        assert mondo(tmp_path, server.url, version="v2026-06-02").path.read_bytes() == OTHER
    with pytest.raises(UsageError, match="product4 has no versions"):
        pull(SOURCES["product4"], Request(tmp_path, "1", server.url))


def test_versions_go_into_the_official_url() -> None:
    (remote,) = SOURCES["phenopacket_store"].files
    assert remote.url_of("0.1.18") == (
        "https://github.com/monarch-initiative/phenopacket-store/releases/download/0.1.18/all_phenopackets.zip"
    )


def test_pulls_at_the_same_time_share_one_download(tmp_path: Path) -> None:
    with serving(always(pause=0.02)) as server:
        found: list[Pulled] = []
        threads = [threading.Thread(target=lambda: found.append(mondo(tmp_path, server.url))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(each.fresh for each in found) == [False, False, False, True]
        assert len(server.asked) == 1


def test_two_sources_that_are_one_file_are_downloaded_once(tmp_path: Path) -> None:
    with serving(always()) as server:
        for name in ("rarebench", "pumch_adm"):
            pull(SOURCES[name], Request(tmp_path, None, server.url))
        assert len(server.asked) == 1


class TestMirrorOfflineAndProxy:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "mirror/ontology").mkdir(parents=True)
        (tmp_path / "mirror" / MONDO).write_bytes(BODY)
        return tmp_path / "mirror"

    def test_a_folder_stands_in_for_the_network(self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RAREDX_MIRROR", str(folder))
        monkeypatch.setenv("RAREDX_OFFLINE", "1")
        (found,) = pull(SOURCES["mondo"], Request(tmp_path / "data"))
        assert found.path.read_bytes() == BODY
        with pytest.raises(DataMissing, match=r"the mirror has no .*hp\.obo"):
            pull(SOURCES["hpo"], Request(tmp_path / "data"))

    @pytest.mark.parametrize("switch", ["RAREDX_OFFLINE", "HF_HUB_OFFLINE"])
    def test_offline_refuses_at_once_unless_the_file_is_there(
        self, switch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with serving(always()) as server:
            mondo(tmp_path, server.url)
            monkeypatch.setenv(switch, "true")
            assert not mondo(tmp_path, server.url).fresh
            (tmp_path / MONDO).unlink()
            with pytest.raises(DataMissing, match=f"{switch} forbids the network: unset it, or name a folder with --mirror"):
                mondo(tmp_path, server.url)
            assert len(server.asked) == 1

    def test_a_proxy_is_asked_when_the_environment_names_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(always()) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            assert mondo(tmp_path, "http://files.example").path.read_bytes() == BODY
            assert proxy.asked == [(f"http://files.example/{MONDO}", None)]


class TestTerms:
    def test_terms_are_asked_for_once_with_the_command_and_their_text(self, tmp_path: Path) -> None:
        rds = SOURCES["rarearena_rds"]
        with serving(always()) as server:
            request = Request(tmp_path, None, server.url)
            with pytest.raises(UsageError, match=r"https://creativecommons.org/licenses/by-nc-sa/4.0/.*--accept CC-BY-NC-SA-4.0"):
                pull(rds, request)
            assert not server.asked
            accept(tmp_path, rds.licence)
            first = accepted(tmp_path)
            assert list(first) == ["CC-BY-NC-SA-4.0"]
            accept(tmp_path, rds.licence)
            assert accepted(tmp_path) == first
            assert pull(rds, request)[0].fresh
            assert condition_of(rds, tmp_path).accepted == first["CC-BY-NC-SA-4.0"]

    @pytest.mark.parametrize("name", ["mimic_iv", "mim_titles", "pumch_l"])
    def test_what_needs_access_says_how_to_get_it_and_where_to_put_it(self, name: str, tmp_path: Path) -> None:
        source = SOURCES[name]
        with pytest.raises(DataMissing, match=re.escape(source.access)) as caught:
            pull(source, Request(tmp_path))
        assert all(remote.place in str(caught.value) for remote in source.files)

    def test_what_was_put_there_by_those_with_access_is_pinned(self, tmp_path: Path) -> None:
        place = tmp_path / "ontology/mimTitles.txt"
        place.parent.mkdir()
        place.write_bytes(BODY)
        accept(tmp_path, "OMIM")
        (found,) = pull(SOURCES["mim_titles"], Request(tmp_path))
        assert not found.fresh
        assert [each.finding for each in verify(tmp_path, ["mim_titles"])] == [Finding.OK]


class TestDisk:
    def test_a_full_disk_and_a_forbidden_one_are_sentences(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"the disk of .* is full: make room"), told(tmp_path):
            raise OSError(errno.ENOSPC, "No space left on device")
        (tmp_path / "file").write_text("")
        with (
            serving(always()) as server,
            pytest.raises(UsageError, match=r"can't write .*file.*name another folder with --data-dir"),
        ):
            mondo(tmp_path / "file/data", server.url)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("{", r"manifest\.json can't be read"),
            ('{"manifest": 2, "files": {}}', r"manifest\.json, \$\.manifest: 1 was expected"),
            ('{"manifest": 1, "files": {"x": {}}}', r"manifest\.json, \$\.files\.x: 'source' is a required property"),
        ],
    )
    def test_a_damaged_manifest_names_the_remedy(self, content: str, said: str, tmp_path: Path) -> None:
        (tmp_path / "manifest.json").write_text(content)
        for act in (lambda: condition_of(SOURCES["mondo"], tmp_path), lambda: mondo(tmp_path, "http://127.0.0.1:9")):
            with pytest.raises(BadInput, match=f"{said}.*; delete it, and pull again"):
                act()

    def test_a_damaged_record_of_licences_names_the_remedy(self, tmp_path: Path) -> None:
        (tmp_path / "licences.json").write_text("[1]")
        with pytest.raises(BadInput, match="accept again with --accept"):
            accepted(tmp_path)


class TestCommands:
    @pytest.fixture
    def mirror(self) -> Iterator[FileServer]:
        with serving(lambda path, number: Served(BODY) if path == f"/{MONDO}" else Served(b"", status=404)) as server:
            yield server

    def test_pull_status_verify_where(self, mirror: FileServer, command: Command, tmp_path: Path) -> None:
        here = ("--data-dir", str(tmp_path / "data"))
        done = raredx("data", "pull", "mondo", "--data-dir", "data", cwd=tmp_path, RAREDX_MIRROR=mirror.url)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert done.stdout == f"pulled  mondo v2026-08-04, 10 kB, checksum fixed on first use: data/{MONDO}\n"
        assert command("where", "mondo", *here) == (0, f"{tmp_path}/data/{MONDO}\n", "")
        rows = {line.split("\t")[0]: line.split("\t") for line in command("status", *here)[1].splitlines()}
        assert set(rows) == set(SOURCES)
        assert rows["mondo"][1:] == ["here", "", "10240", "v2026-08-04", "CC-BY-4.0"]
        assert rows["hpo"][1] == "missing"
        assert rows["mimic_iv"][5] == "PhysioNet-DUA-1.5.0 (not accepted)"
        assert command("verify", *here) == (0, f"ok        {MONDO}\n", "")
        (tmp_path / "data" / MONDO).write_bytes(OTHER)
        code, out, _ = command("verify", "mondo", "hpo", *here)
        assert code == 1
        assert f"changed   {MONDO}  expected {hashlib.sha256(BODY).hexdigest()}, found" in out
        assert "missing   ontology/hp.obo" in out

    def test_several_sources_go_on_after_one_that_fails(self, mirror: FileServer, command: Command, tmp_path: Path) -> None:
        code, _, err = command("pull", "hpo", "mondo", "--data-dir", str(tmp_path / "data"), "--mirror", mirror.url)
        assert code == 1
        assert "answers 404 Not Found" in err
        assert "not pulled: hpo" in err
        assert (tmp_path / "data" / MONDO).is_file()

    def test_terms_are_accepted_on_the_command_line(self, command: Command, tmp_path: Path) -> None:
        with serving(always()) as server:
            arguments = ("pull", "rarearena_rds", "--data-dir", str(tmp_path), "--mirror", server.url)
            code, _, err = command(*arguments)
            assert code == 2
            assert f"`raredx-bench data pull rarearena_rds --accept CC-BY-NC-SA-4.0 --data-dir {tmp_path}`" in err
            assert command(*arguments, "--accept", "CC-BY-NC-SA-4.0")[0] == 0
        assert list(json.loads((tmp_path / "licences.json").read_text())) == ["CC-BY-NC-SA-4.0"]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["pull"], "name sources"),
            (["pull", "mondo", "--all-open"], "name sources"),
            (["pull", "mundo"], "did you mean mondo"),
            (["pull", "mondo", "--accept", "CC-BY-NC-SA"], "did you mean CC-BY-NC-SA-4.0"),
            (["pull", "mondo", "hpo", "--version", "1"], "--version belongs to one source"),
            (["pull", "mimic_iv"], "become a credentialed user of PhysioNet"),
            (["where", "mondo"], "`raredx-bench data pull mondo` brings it"),
            (["where", "mundo"], "did you mean mondo"),
            (["verify", "mundo"], "did you mean mondo"),
        ],
    )
    def test_a_mistake_is_one_sentence_and_exit_2(self, arguments: list[str], said: str, command: Command) -> None:
        code, _, err = command(*arguments)
        assert code == 2
        assert said in err

    def test_the_list_is_plain_when_piped(self, command: Command) -> None:
        rows = [line.split("\t") for line in command("list")[1].splitlines()]
        assert [row[0] for row in rows] == list(SOURCES)
        assert {row[4] for row in rows} == {"open", "accept", "by hand"}


def test_killed_pulls_go_on_and_never_leave_a_bad_file(tmp_path: Path) -> None:
    found = killed(3, seed=1, root=tmp_path, size=500_000)
    assert found.kills == 3
    assert found.cut >= 1
    assert found.rounds >= 1


def test_every_fault_is_of_our_own_kind() -> None:
    assert issubclass(DataMissing, RaredxError)
    assert find("nothing of that name", Path()) is None
