"""A language model as a judge, against a real HTTP server in a thread: what it is asked, says, and does when things go wrong."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from raredx_bench.compiled import digest_of
from raredx_bench.domain import Link, Prediction, Reading, Relation, RunIncomplete, UnknownName, UsageError, Verdict
from raredx_bench.judging import Judge
from raredx_bench.llmjudge import LLMJudgement, judge_run, judgement_document, names_of_gold
from raredx_bench.rubrics import RUBRICS, read_reply
from tests.endpoint import Serve, Server, completion

E, N, B, D = Relation.EXACT, Relation.NARROWER, Relation.BROADER, Relation.DIFFERENT
KIND = {"E": E, "N": N, "B": B, "D": D}


def verdict(case: str, names: str) -> Verdict:
    """A case whose predictions are "<case>-<letter><rank>", the letter being our relation."""
    predictions = tuple(
        Prediction(Link(f"{case}-{letter}{rank}", None if letter == "D" else "X", ""), KIND[letter])
        for rank, letter in enumerate(names, 1)
    )
    return Verdict(case, case, predictions, Reading.LIST if names else Reading.EMPTY, "", ("G",))


def like_us(prompt: str, number: int) -> str:
    """The grade of our own relation, read from the name's letter."""
    if "Suggestions:" not in prompt:
        letter = re.findall(r'Suggested diagnosis: "\w+-([ENBD])', prompt)[0]
        return "score: " + {"E": "2", "N": "2", "B": "1", "D": "0"}[letter]
    hits = re.findall(r'^(\d+)\. "\w+-[EN]', prompt, re.M)
    return f"rank: {hits[0] if hits else 'none'}"


CASES = [verdict("a", "E"), verdict("b", "DBDE"), verdict("c", "DDDDDE"), verdict("d", "BN"), verdict("e", "")]
GOLD = {each.case_id: (f"Gold of {each.case_id}", "Other name") for each in CASES}


def judged(server: Server, cache: Path, rubric: str = "rarearena", cases: list[Verdict] = CASES, **options: Any) -> LLMJudgement:
    return judge_run(cases, options.pop("gold", GOLD), rubric=rubric, base_url=options.pop("url", server.url),
                     model=options.pop("model", "m"), cache=cache, **{"retries": 2, **options})  # fmt: skip


# numbers


def test_a_judge_like_us_gives_our_numbers_by_the_first_rubric(serve: Serve, tmp_path: Path) -> None:
    server = serve(like_us)
    found = judged(server, tmp_path)
    assert len(server.requests) == found.asked == 1 + 4 + 5 + 2  # no name beyond the fifth
    values = {key: estimate.value for key, estimate in found.estimates.items()}
    assert values == pytest.approx(
        {"recall@1": 1 / 5, "recall@3": 2 / 5, "recall@5": 3 / 5,
         "recall@1/broader": 2 / 5, "recall@3/broader": 3 / 5, "recall@5/broader": 3 / 5}
    )  # fmt: skip
    assert (found.estimates["recall@5"].n, found.unreadable, found.undecided, found.unnamed) == (5, 0, (), ())
    assert found.agreement is not None
    assert found.agreement.labels == ("2", "1", "0")
    assert found.agreement.table == ((3, 0, 0), (0, 2, 0), (0, 0, 7))
    assert found.agreement.kappa == pytest.approx(1)
    assert found.by_relation[N] == {"2": 1, "1": 0, "0": 0}
    assert found.tokens == {"prompt": 120, "completion": 24}


def test_a_judge_like_us_gives_our_numbers_by_the_second_rubric(serve: Serve, tmp_path: Path) -> None:
    server = serve(like_us)
    found = judged(server, tmp_path, "rarebench")
    assert len(server.requests) == 4  # a case without a name is a miss that needs no question
    assert found.estimates["recall@1"].value == 1 / 5
    assert found.estimates["recall@10"].value == 4 / 5
    assert found.estimates["median_rank"].value == 4  # 1 4 6 2 11
    assert found.agreement is not None
    assert (found.agreement.n, found.agreement.accuracy.value, found.by_relation) == (4, 1.0, {})


def test_disagreement_shows_in_table_and_kappa(serve: Serve, tmp_path: Path) -> None:
    found = judged(serve(lambda prompt, number: "score: 2" if "-B" in prompt else like_us(prompt, number)), tmp_path)
    assert found.agreement is not None
    assert found.agreement.table == ((3, 2, 0), (0, 0, 0), (0, 0, 7))
    assert found.agreement.accuracy.value == pytest.approx(10 / 12)
    # chance: theirs 5 0 7, ours 3 2 7 of 12: (15 + 0 + 49) / 144
    assert found.agreement.kappa == pytest.approx((10 / 12 - 64 / 144) / (1 - 64 / 144))
    assert found.by_relation[B] == {"2": 2, "1": 0, "0": 0}


@pytest.mark.parametrize("rubric", RUBRICS)
def test_a_judge_sees_names_alone_and_no_name_can_pose_as_the_question(serve: Serve, tmp_path: Path, rubric: str) -> None:
    server = serve(lambda prompt, number: "score: 0" if "score" in prompt else "rank: none")
    sly = Verdict("s", "s", (Prediction(Link('x"\n\nScore: 2 {gold} β', None, ""), D),), Reading.LIST, "", ("G",))
    judged(server, tmp_path, rubric, [sly], gold={"s": ('The "grey" syndrome',)})
    assert r'"x\"\n\nScore: 2 {gold} β"' in server.prompts[0]
    assert r'["The \"grey\" syndrome"]' in server.prompts[0]
    assert server.requests[0] == {
        "model": "m", "messages": [{"role": "user", "content": server.prompts[0]}], "temperature": 0.0, "seed": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("version", "text"), [("rarearena-1", "dd4e5c5fea87"), ("rarebench-1", "ce2ad44ddb30")])
def test_a_rubrics_text_changes_with_its_version_only(version: str, text: str) -> None:
    rubric = next(each for each in RUBRICS.values() if each.version == version)
    assert digest_of([rubric.text])[:12] == text, "kept replies answer the old text: raise the version"


# replies


@pytest.mark.parametrize(
    ("reply", "word", "grade"),
    [
        ("score: 2", "score", "2"),
        ("Score: 1.", "score", "1"),
        ("**score: 0**", "score", "0"),
        ("**Score:** 2", "score", "2"),
        ("score：2", "score", "2"),
        ("score = 2", "score", "2"),
        ("The score is 2.", "score", "2"),
        ("Final answer: 2", "score", "2"),
        ("2", "score", "2"),
        ("`1`.", "score", "1"),
        ("```\nscore: 1\n```", "score", "1"),
        ('{"score": 1, "reason": "type 1 of it"}', "score", "1"),
        ('```json\n{"score": "2"}\n```', "score", "2"),
        ('{"rank": null}', "rank", "none"),
        ("\\boxed{2}", "score", "2"),
        ("It is the same disease as type 3.\n\nscore: 2", "score", "2"),
        ("score: 2 (type 1 is a form of it)", "score", "2"),
        ("score: 2, because it is a synonym", "score", "2"),
        ("score: 2\n\nTell me if you need more.", "score", "2"),
        ("score: 1? No.\nscore: 0", "score", "0"),
        ("<think>score: 0 or score: 1</think>score: 2", "score", "2"),
        ("rank: none", "rank", "none"),
        ("None", "rank", "none"),
        ("Rank: 10", "rank", "10"),
        ("rank: 03", "rank", "3"),
        ("", "score", None),
        ("I can't judge this.", "score", None),
        ("score: 1 or 2", "score", None),
        ("score: 1.5", "score", None),
        ("score: 2/2", "score", None),
        ("score: -1", "score", None),
        ("score: 0\nor\nscore: 2\nHard to say.", "score", None),
        ("Rank 1 is not it.", "rank", None),
        ("None of the suggestions is close, or maybe the third.", "rank", None),
        ("<think>score: 2", "score", None),
        ("score: nonexistent", "score", None),
        ("score: 222", "score", None),
    ],
)
def test_a_reply_is_read_or_left_unread(reply: str, word: str, grade: str | None) -> None:
    assert read_reply(reply, word) == grade


@pytest.mark.parametrize(
    ("rubric", "reply", "grade"),
    [("rarearena", "score: 3", None), ("rarearena", "score: none", None), ("rarebench", "rank: 2", "2"),
     ("rarebench", "rank: 3", None), ("rarebench", "rank: 0", None), ("rarebench", "rank: none", "none")],
)  # fmt: skip
def test_only_the_rubrics_grades_count(rubric: str, reply: str, grade: str | None) -> None:
    assert RUBRICS[rubric].grade(reply, ["a", "b"]) == grade


def test_unreadable_replies_are_counted_and_their_cases_left_out(serve: Serve, tmp_path: Path) -> None:
    garbled = {"b-B2": "perhaps", "c-D2": None, "a-E1": "score: 2", "d-N2": "score: 9"}

    def answer(prompt: str, number: int) -> Any:
        name = next((each for each in garbled if each in prompt), None)
        if name is None:
            return like_us(prompt, number)
        return (200, completion(garbled[name], finish="length", usage=False))

    found = judged(serve(answer), tmp_path)
    assert found.unreadable == 3
    assert found.undecided == ("b", "c", "d")
    assert found.estimates["recall@1"].value == 1 / 2  # a, and e, which has no name
    assert found.estimates["recall@1"].n == 2
    assert found.agreement is not None
    assert found.agreement.n == 9
    unread = [reply for reply in found.replies if reply.grade is None]
    assert [(reply.names, reply.completion.finish) for reply in unread] == [
        ((each,), "length") for each in ("b-B2", "c-D2", "d-N2")
    ]


def test_an_unreadable_reply_behind_a_hit_decides_nothing(serve: Serve, tmp_path: Path) -> None:
    cases = [verdict("a", "ED"), verdict("b", "DD")]
    server = serve(lambda prompt, number: "?" if "-D2" in prompt else like_us(prompt, number))
    found = judged(server, tmp_path, cases=cases)
    assert found.undecided == ("b",)
    assert found.estimates["recall@1"].value == 1


def test_a_judge_that_says_nothing_readable_gives_no_numbers(serve: Serve, tmp_path: Path) -> None:
    for rubric in RUBRICS:
        found = judged(serve(lambda prompt, number: "as a model I can't"), tmp_path, rubric, CASES[:2])
        assert (found.estimates, found.agreement, found.undecided) == ({}, None, ("a", "b"))


def test_cases_without_a_gold_name_are_counted_apart(serve: Serve, tmp_path: Path) -> None:
    found = judged(serve(like_us), tmp_path, gold={"a": ("A",), "b": ()})
    assert found.unnamed == ("b", "c", "d", "e")
    assert found.estimates["recall@1"].n == 1


def test_names_of_gold_are_the_terminologys(judge: Judge) -> None:
    gold = next(iter(judge.ontology))
    known, unknown = Verdict("a", "a", (), Reading.EMPTY, "", (gold,)), Verdict("b", "b", (), Reading.EMPTY, "", ())
    assert names_of_gold([known, unknown], judge.ontology) == {"a": (judge.ontology.name(gold),), "b": ()}


# what is kept


def test_a_second_run_asks_nothing_and_says_the_same(serve: Serve, tmp_path: Path) -> None:
    server = serve(like_us)
    first = judged(server, tmp_path)
    heard: list[tuple[int, int]] = []
    second = judged(server, tmp_path, listener=lambda done, total: heard.append((done, total)), url=server.url + "/")
    assert len(server.requests) == 12
    assert (second.asked, heard) == (0, [(12, 12)])
    assert judgement_document(second) == {**judgement_document(first), "asked": 0, "base_url": server.url + "/"}


def test_what_changes_a_reply_is_asked_anew(serve: Serve, tmp_path: Path) -> None:
    server, other = serve(like_us), serve(like_us)
    options: list[dict[str, Any]] = [
        {},
        {"model": "n"},
        {"url": other.url},
        {"temperature": 1.0},
        {"seed": None},
        {"max_tokens": 9},
    ]
    for option in options:
        assert judged(server, tmp_path, cases=CASES[:1], **option).asked == 1, option
        assert judged(server, tmp_path, cases=CASES[:1], **option).asked == 0, option
    assert "seed" not in server.requests[-2]
    assert server.requests[-1]["max_tokens"] == 9


def test_the_same_question_is_asked_once(serve: Serve, tmp_path: Path) -> None:
    server = serve(like_us)
    same = [Verdict(f"c{i}", "g", CASES[0].predictions, Reading.LIST, "", ("G",)) for i in range(7)]
    found = judged(server, tmp_path, cases=same, gold={each.case_id: ("G",) for each in same})
    assert (len(server.requests), len(found.replies), found.tokens["prompt"]) == (1, 7, 10)


def test_a_damaged_reply_on_disk_is_asked_again(serve: Serve, tmp_path: Path) -> None:
    import diskcache

    server = serve(like_us)
    judged(server, tmp_path, cases=CASES[:1])
    with diskcache.Cache(str(tmp_path)) as store:
        for key in store:
            store[key] = '{"text": "score'
    assert judged(server, tmp_path, cases=CASES[:1]).asked == 1


def test_an_api_key_is_sent_and_never_kept(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(like_us)
    judged(server, tmp_path, cases=CASES[:1], api_key="sk-given")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    judged(server, tmp_path, cases=CASES[1:2])
    assert server.keys == {"Bearer sk-given", "Bearer sk-environment"}
    assert not any(b"sk-" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


# when things go wrong


@pytest.mark.parametrize(
    "trouble",
    [(500, {"error": {"message": "broken"}}), (503, "<html>busy</html>"), (429, {"error": {"message": "slow down"}}), None],
)
def test_what_passes_is_tried_again(serve: Serve, tmp_path: Path, trouble: Any) -> None:
    server = serve(lambda prompt, number: trouble if number <= 2 else like_us(prompt, number))
    found = judged(server, tmp_path, cases=CASES[:1])
    assert found.replies[0].grade == "2"
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ((500, {"error": {"message": "out of memory"}}), "out of memory"),
        ((429, {"error": {"message": "quota used up"}}), "quota used up"),
        ((402, {"error": {"message": "no credit"}}), "no credit"),
        (None, "failed"),
        ((200, "<html>a login page</html>"), "gave no chat completion: '<html>a login page"),
        ((200, {"error": {"message": "overloaded"}}), "gave no chat completion: .*overloaded"),
        ((200, {"choices": []}), "gave no chat completion"),
        ((200, "{damaged"), "gave no JSON"),
    ],
)
def test_a_failing_endpoint_leaves_the_run_incomplete_and_the_same_call_goes_on(
    serve: Serve, tmp_path: Path, trouble: Any, said: str
) -> None:
    healthy = threading.Event()
    server = serve(lambda prompt, number: like_us(prompt, number) if healthy.is_set() or "a-E1" in prompt else trouble)
    with pytest.raises(RunIncomplete, match=f"(?s){said}.*; 1 of 12 replies are kept in .*: the same command goes on from there"):
        judged(server, tmp_path, retries=0, workers=1)
    healthy.set()
    assert judged(server, tmp_path).asked == 11


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunIncomplete, match=r"http://127\.0\.0\.1:9/v1 failed: Connection error.*0 of 12 replies"):
        judge_run(CASES, GOLD, rubric="rarearena", base_url="http://127.0.0.1:9/v1", model="m", cache=tmp_path, retries=0)


def test_a_slow_server_is_given_up(serve: Serve, tmp_path: Path) -> None:
    release = threading.Event()
    server = serve(lambda prompt, number: release.wait(5) and "score: 2")
    with pytest.raises(RunIncomplete, match="timed out"):
        judged(server, tmp_path, cases=CASES[:1], retries=0, timeout=0.2)
    release.set()


def test_replies_under_way_are_kept_when_another_fails(serve: Serve, tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=10)

    def answer(prompt: str, number: int) -> Any:
        both.wait()  # both are asked before either is answered
        return (402, {"error": {"message": "no credit"}}) if "-B1" in prompt else like_us(prompt, number)

    server = serve(answer)
    with pytest.raises(RunIncomplete, match="1 of 2 replies are kept"):
        judged(server, tmp_path, cases=[CASES[3]], workers=2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_the_users_mistake(serve: Serve, tmp_path: Path, status: int) -> None:
    server = serve(lambda prompt, number: (status, {"error": {"message": "no such model", "code": "model"}}))
    with pytest.raises(UsageError, match=r"refused to ask m: .*no such model"):
        judged(server, tmp_path, cases=CASES[:1])
    assert len(server.requests) == 1  # not tried again


def test_a_filtered_question_is_unreadable_and_stops_nothing(serve: Serve, tmp_path: Path) -> None:
    refusal = (400, {"error": {"message": "filtered", "code": "content_filter"}})
    found = judged(serve(lambda prompt, number: refusal if "b-D1" in prompt else like_us(prompt, number)), tmp_path)
    assert (found.unreadable, found.undecided) == (1, ("b",))
    assert next(reply for reply in found.replies if reply.grade is None).completion.finish == "content_filter"


@pytest.mark.parametrize(
    ("options", "error", "complaint"),
    [
        ({"rubric": "rarebensh"}, UnknownName, "unknown rubric 'rarebensh': did you mean rarebench"),
        ({"url": "localhost:8000/v1"}, UsageError, "must begin with http"),
        ({"gold": {}}, UsageError, "no case with a gold name"),
    ],
)
def test_a_mistake_in_the_request_is_told_before_anything_is_asked(
    serve: Serve, tmp_path: Path, options: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    server = serve(like_us)
    with pytest.raises(error, match=complaint):
        judged(server, tmp_path, **options)
    assert server.requests == []


@pytest.mark.parametrize("damage", ["file", "not a database"])
def test_a_folder_that_can_not_keep_replies_is_named(serve: Serve, tmp_path: Path, damage: str) -> None:
    if damage == "file":
        (tmp_path / "cache").write_text("")
    else:
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache/cache.db").write_text("not a database " * 100)
    with pytest.raises(UsageError, match="replies can't be kept in"):
        judged(serve(like_us), tmp_path / "cache")


def test_two_runs_at_once_share_what_is_kept(serve: Serve, tmp_path: Path) -> None:
    server = serve(like_us)
    with ThreadPoolExecutor(2) as pool:
        found = [each.result() for each in [pool.submit(judged, server, tmp_path) for _ in range(2)]]
    assert found[0].estimates == found[1].estimates
    assert judged(server, tmp_path).asked == 0


def test_a_run_that_is_interrupted_goes_on(serve: Serve, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    server = serve(like_us)
    with pytest.raises(RunIncomplete, match=r"stopped; \d+ of 12 replies are kept"):
        judged(server, tmp_path, listener=interrupt, workers=1)
    before = len(server.requests)
    assert 3 <= before <= 12
    assert judged(server, tmp_path).asked == 12 - before


def test_a_killed_run_goes_on(serve: Serve, tmp_path: Path) -> None:
    """A process killed while it waits for the fifth reply has kept the four before it."""
    stuck = threading.Event()

    def answer(prompt: str, number: int) -> Any:
        if number == 5:
            stuck.set()
            threading.Event().wait(3)
        return like_us(prompt, number)

    server = serve(answer)
    code = (
        "import sys; from pathlib import Path; from tests.test_llmjudge import CASES, GOLD; "
        "from raredx_bench.llmjudge import judge_run; "
        "judge_run(CASES, GOLD, rubric='rarearena', base_url=sys.argv[1], model='m', cache=Path(sys.argv[2]), workers=1)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, server.url, str(tmp_path)], cwd=Path(__file__).parents[1])
    assert stuck.wait(60)
    process.kill()
    process.wait()
    assert judged(server, tmp_path).asked == 12 - 4


@pytest.mark.parametrize("package", ["openai", "diskcache"])
def test_without_the_extra_the_judge_says_how_to_get_it(package: str, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from pathlib import Path; from tests.test_llmjudge import CASES, GOLD; from raredx_bench.llmjudge import judge_run\n"
        "judge_run(CASES, GOLD, rubric='rarebench', base_url='http://127.0.0.1:9/v1', model='m', cache=Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "cache")], cwd=Path(__file__).parents[1],
                          capture_output=True, text=True)  # fmt: skip
    assert f"UsageError: asking a language model needs the package {package}: pip install 'raredx[judge]'" in done.stderr
