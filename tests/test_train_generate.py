"""Whatever writes samples, each is kept before it is used, and nothing is asked twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from raredx_bench.domain import RunIncomplete, UsageError
from raredx_bench.hpo import Hpo
from raredx_train.examples import texts
from raredx_train.generate import generator_for
from raredx_train.settings import Shape, Student, Teacher
from raredx_train.students import built
from tests.endpoint import Serve
from tests.faults import Fault, faulty
from tests.knowing import pairs


def prompts(*texts: str) -> list[list[dict[str, str]]]:
    return [[{"role": "system", "content": "be brief"}, {"role": "user", "content": text}] for text in texts]


def teacher(url: str, **options: Any) -> Teacher:
    return Teacher("endpoint", "m", url, **{"retries": 2, "timeout": 5.0, **options})


def test_samples_come_in_the_order_of_the_prompts_each_with_its_own_seed(tmp_path: Path, serve: Serve) -> None:
    server = serve(lambda prompt, number: f"answer {number}")
    generator = generator_for(teacher(server.url, seed=5, workers=1), tmp_path)
    found = generator.generate(prompts("a", "b", "a"), n=2)
    assert [[sample.text for sample in samples] for samples in found] == [
        ["answer 1", "answer 2"], ["answer 3", "answer 4"], ["answer 1", "answer 2"],
    ]  # fmt: skip
    assert [each["seed"] for each in server.requests] == [5, 6, 5, 6]
    assert server.requests[0]["messages"] == prompts("a")[0]
    assert found[0][0].note.completion_tokens == 2
    assert found[0][0].note.stop == "stop"


def test_what_was_answered_is_not_asked_again_and_what_is_new_is(tmp_path: Path, serve: Serve) -> None:
    server = serve(lambda prompt, number: f"answer {number}")
    told: list[tuple[int, int]] = []
    generator_for(teacher(server.url), tmp_path).generate(prompts("a"), told=lambda *counts: told.append(counts))
    again = generator_for(teacher(server.url, workers=2, retries=9), tmp_path).generate(prompts("a"), n=2)
    assert (again[0][0].text, len(server.requests)) == ("answer 1", 2)
    generator_for(teacher(server.url, temperature=0.2), tmp_path).generate(prompts("a"))
    assert len(server.requests) == 3  # asked otherwise
    assert told == [(0, 1), (1, 1)]


def test_many_are_in_flight_and_faults_that_pass_are_asked_again(tmp_path: Path) -> None:
    kinds = ("429", "500", "cut", "malformed", "empty", "none", "two", "slow", "fine")
    plan = {kind: Fault(kind, 1, (("retry-after-ms", "1"),)) for kind in kinds}
    with faulty(plan) as server:
        generator = generator_for(teacher(server.url.removesuffix("/chat/completions"), workers=9), tmp_path)
        found = generator.generate([prompt[1:] for prompt in prompts(*kinds)])
    assert [samples[0].text for samples in found] == [f"answer to {kind}" for kind in kinds]


def test_several_servers_share_the_questions_and_stand_in_for_one_that_is_gone(tmp_path: Path, serve: Serve) -> None:
    one, two = (serve(lambda prompt, number: f"answer to {prompt}") for _ in range(2))
    asked = [prompt[1:] for prompt in prompts(*map(str, range(40)))]
    found = generator_for(teacher(one.url, more_urls=(two.url,), workers=8), tmp_path / "both").generate(asked)
    assert [samples[0].text for samples in found] == [f"answer to {number}" for number in range(40)]
    assert min(len(one.requests), len(two.requests)) > 5
    assert len(one.requests) + len(two.requests) == 40
    gone = teacher("http://127.0.0.1:9/v1", more_urls=(two.url,), workers=4, retries=1)
    again = generator_for(gone, tmp_path / "one").generate(asked[:6])
    assert [samples[0].text for samples in again] == [f"answer to {number}" for number in range(6)]
    with pytest.raises(UsageError, match="base_url 'here' must begin with http"):
        generator_for(teacher(one.url, more_urls=("here",)), tmp_path)


def test_what_keeps_failing_leaves_the_rest_kept_and_the_same_call_goes_on(tmp_path: Path) -> None:
    with faulty({"bad": Fault("500", 3, (("retry-after-ms", "1"),))}) as server:
        generator = generator_for(teacher(server.url.removesuffix("/chat/completions")), tmp_path)
        asked = [prompt[1:] for prompt in prompts("good", "bad", "better")]
        with pytest.raises(RunIncomplete, match=r"1 of 3 samples are missing \(HTTP 500\)"):
            generator.generate(asked)
        found = generator.generate(asked)
        assert [samples[0].text for samples in found] == ["answer to good", "answer to bad", "answer to better"]
        assert (server.asked["good"], server.asked["bad"]) == (1, 4)


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_that_will_not_pass_ends_it_in_one_sentence(tmp_path: Path, serve: Serve, status: int) -> None:
    server = serve(lambda prompt, number: (status, {"error": {"message": "no such model"}}))
    with pytest.raises(UsageError, match=f"refused to ask m: HTTP {status}"):
        generator_for(teacher(server.url, workers=1), tmp_path).generate(prompts("a", "b"))


def test_an_answer_that_a_filter_held_back_is_an_empty_one(tmp_path: Path, serve: Serve) -> None:
    server = serve(lambda prompt, number: (400, {"error": {"message": "no", "code": "content_filter"}}))
    ((sample,),) = generator_for(teacher(server.url), tmp_path).generate(prompts("a"))
    assert (sample.text, sample.note.stop) == ("", "filter")


@pytest.mark.parametrize(("chosen", "said"), [
    (Teacher("endpoint", "m", "host:8000"), "must begin with http"),
    (Teacher("transformers", "/nowhere/at-all"), "can't be loaded"),
    (Teacher("vllm", "m"), "needs the package vllm"),
])  # fmt: skip
def test_a_teacher_that_can_not_be_is_one_sentence(tmp_path: Path, chosen: Teacher, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        generator_for(chosen, tmp_path)


def test_transformers_answers_in_this_process(tmp_path: Path, hpo: Hpo) -> None:
    shape = Shape(vocabulary=400, width=32, layers=1, heads=2, key_value_heads=1, head=16, mlp=64, context=128)
    student = built(Student(shape=shape), texts(pairs(hpo)[0]), 1)
    student.model.save_pretrained(tmp_path / "model")
    student.tokenizer.save_pretrained(tmp_path / "model")
    greedy = Teacher("transformers", str(tmp_path / "model"), temperature=0.0, max_tokens=4)
    found = generator_for(greedy, tmp_path / "greedy").generate(prompts("a", "b"), n=2)
    assert found[0][0].text == found[0][1].text
    assert found[0][0].note.stop == "length"
    assert found[0][0].note.completion_tokens == 4
    sampled = generator_for(replace(greedy, temperature=1.0), tmp_path / "sampled").generate(prompts("a"), n=3)
    assert len({sample.text for sample in sampled[0]}) > 1
