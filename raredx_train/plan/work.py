"""Sections of a recipe -> tokens, hours and cost of each stage. Formulas stand in docstrings, figures in assumed.py and here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from raredx_bench.benchmarks import BENCHMARKS
from raredx_train.config import Config
from raredx_train.knowledge import Knowledge
from raredx_train.plan.assumed import MADE, PROMPT, Assumed, Machine
from raredx_train.plan.sizes import BF16, cache_bytes
from raredx_train.reasoning.settings import Rers
from raredx_train.rl import Rl
from raredx_train.settings import FROM_SCRATCH, Run, Sft, Shape
from raredx_train.students import parameters

FLOPS_OF_A_CORE = 3e10  # float32, measured with the preset tiny (docs/training.md)
SAMPLING_FLOPS_OF_A_CORE = 6.9e9  # 3,134 tokens a second of a student of 1.1 M parameters (docs/rl.md)
PAIR_SECONDS = 146 / 64_000  # of one core (docs/knowledge.md)
ANSWER_SECONDS = 1 / 150 + 0.03  # one of the ontology teacher, and what retrieval, judge and filter take of it (rers.md, scale.md)
SEQUENCES = 256  # that one vLLM server decodes at once; ours
UNASSISTED = 0.2  # of vLLM's speed that transformers samples with on a GPU; our guess
EXAMPLE_TOKENS = 52  # question and answer of the stage knowledge; measured with the tokenizer of tiny
TRACE_TOKENS = 480  # question, thought and list of ten of the ontology teacher; measured with the tokenizer of tiny
PUBLISHED = {
    "phenopacket_store": 7623,
    "raredx_sim": 1000,
}  # cases of benchmarks that state no fixed number (docs/splits.md); the default draw


@dataclass(frozen=True)
class Taken:
    """What a stage takes. trained, sampled: tokens; gpus: rented for it, 0: none; cost: None where no price was told.

    does: in words. arm: it is run for comparison alone.
    """

    stage: str
    does: str
    trained: float
    sampled: float
    hours: float
    gpus: int
    cost: float | None
    arm: bool = False


@dataclass(frozen=True)
class Reckoned:
    """A recipe, and what is reckoned with: the shared half of every formula here. at_hand: benchmarks whose data is here."""

    run: Run
    shape: Shape
    machine: Machine
    assumed: Assumed
    at_hand: Collection[str] = ()

    @property
    def cuda(self) -> bool:
        """Whether the recipe runs on GPUs."""
        return self.run.needs == "cuda"

    @property
    def prompt(self) -> int:
        """Tokens of a case's prompt."""
        return self.assumed.prompt or (MADE if self.run.student.model == FROM_SCRATCH else PROMPT)

    @property
    def body(self) -> int:
        """Parameters that a token passes: all but embeddings that are only looked up."""
        return parameters(self.shape) - self.shape.vocabulary * self.shape.width * (0 if self.shape.tied else 1)

    @property
    def flops(self) -> float:
        """Operations a second of all training processes."""
        processes = self.run.processes
        return self.assumed.flops * processes if self.cuda else FLOPS_OF_A_CORE * (self.run.threads or 1) * processes


def taken(config: Config, reckoned: Reckoned) -> list[Taken]:
    """What each stage takes that can be reckoned, in the recipe's order."""
    found = []
    for name, section in config.sections.items():
        if isinstance(section, Knowledge):
            found.append(_knowledge(name, section, reckoned))
        elif isinstance(section, Rers):
            found.append(_reasoning(name, section, reckoned))
        elif isinstance(section, Sft):
            found.append(_learning(name, section, config, reckoned))
        elif isinstance(section, Rl):
            found.append(_practice(name, section, reckoned))
    return found


def published(benchmark: str) -> int:
    """Cases of a benchmark, as its publication counts them; 0 for none that is known."""
    return (BENCHMARKS[benchmark].published or PUBLISHED.get(benchmark, 0)) if benchmark in BENCHMARKS else 0


def _knowledge(name: str, section: Knowledge, reckoned: Reckoned) -> Taken:
    """Templates fill on one core; what a generator writes takes its time."""
    written = section.written * EXAMPLE_TOKENS
    seconds = 30 + section.pairs * PAIR_SECONDS + written / reckoned.assumed.teacher_rate
    return Taken(name, f"{section.pairs:,} pairs at most", 0, written, seconds / 3600, 0, cost(reckoned, 0, 0, written))


def forms(section: Rers, reckoned: Reckoned) -> float:
    """Cases with their masked forms: those of the benchmarks at hand (of all that are named, where none is and nothing is
    simulated), times the share that is trained on, and the simulated ones."""
    here = [name for name in section.benchmarks if name in reckoned.at_hand]
    names = here or ([] if section.simulated else list(section.benchmarks))
    kept = sum(map(published, names)) * reckoned.assumed.train_share
    cases = min(kept, section.cases) if section.cases else kept
    return (cases + (section.simulated if not here or section.beside else 0)) * (1 + section.variants)


def _reasoning(name: str, section: Rers, reckoned: Reckoned) -> Taken:
    """Calls: a form that is solved takes the `together` answers asked for at once, another one all `samples`, then the reflections
    of every round and a rewriting. A call writes `filled` of the teacher's max_tokens."""
    assumed, teacher = reckoned.assumed, reckoned.run.teacher
    first = min(section.together, section.samples)
    hopeless = section.samples + section.rounds * section.reflections + (section.rewrite and section.rounds > 0)
    calls = forms(section, reckoned) * (assumed.solved * first + (1 - assumed.solved) * hopeless)
    calls = min(calls, section.budget) if section.budget else calls
    if teacher is None or teacher.backend == "ontology":
        return Taken(name, f"{calls:,.0f} answers of a program", 0, 0, calls * ANSWER_SECONDS / 3600, 0, None)
    tokens = calls * (teacher.max_tokens or 1024) * assumed.filled
    hours = tokens / assumed.teacher_rate / 3600
    return Taken(name, f"{calls:,.0f} answers of {teacher.model}", 0, tokens, hours, 0, cost(reckoned, 0, 0, tokens))


def examples(name: str, section: Sft, config: Config, reckoned: Reckoned) -> tuple[float, float]:
    """(examples that a stage of supervised learning has at most, tokens of one)."""
    traces = config.sections.get(name.removesuffix("-sft"))
    if not isinstance(traces, Rers):
        knowledge = config.sections.get("knowledge")
        return (knowledge.pairs if isinstance(knowledge, Knowledge) else 1000), EXAMPLE_TOKENS
    teacher = reckoned.run.teacher
    written = TRACE_TOKENS
    if teacher is not None and teacher.backend != "ontology":
        written = reckoned.prompt + round((teacher.max_tokens or 1024) * reckoned.assumed.filled)
    many = forms(traces, reckoned) * (traces.samples if traces.keep == "all" else traces.per_case)
    many = min(many, traces.size) if traces.size else many
    tokens = (min(written, section.length) + section.replayed * EXAMPLE_TOKENS) / (1 + section.replayed)
    return many * (1 + section.replayed), tokens


def _learning(name: str, section: Sft, config: Config, reckoned: Reckoned) -> Taken:
    """Six operations a parameter and token (Kaplan et al. 2020, arXiv 2001.08361, section 2.1), eight where checkpointing computes
    the forward half twice."""
    many, tokens = examples(name, section, config, reckoned)
    trained = many * tokens * section.epochs
    hours = (8 if reckoned.cuda else 6) * reckoned.body * trained / reckoned.flops / 3600
    gpus = reckoned.run.processes if reckoned.cuda else 0
    does = f"{many:,.0f} examples at most of about {tokens:,.0f} tokens, {section.epochs:g} epoch(s)"
    return Taken(name, does, trained, 0, hours, gpus, cost(reckoned, hours, gpus, 0))


@dataclass(frozen=True)
class Practice:
    """What reinforcement learning samples and trains on. completions: trained on; again: sampled to replace groups without
    variance; looked_at: of validation; length: mean tokens of one; updates: optimizer steps."""

    completions: int
    again: float
    looked_at: int
    length: float
    updates: int


def practice(section: Rl, assumed: Assumed) -> Practice:
    """Counts of the stage: prompts x n completions a generation, generations x rounds of them.

    A try replaces the dull share of what the last one left, so d + d^2 + … of all groups, at most the `spare` share. Validation
    answers each case `samples` times and once greedily, before the first round and after each.
    """
    generations = section.rounds * section.generations
    again = min(sum(assumed.dull**tried for tried in range(1, section.tries + 1)), section.spare) if section.replaces else 0.0
    completions = generations * section.prompts * section.n
    looked_at = (section.rounds + 1) * section.validation * (section.samples + 1)
    return Practice(completions, completions * again, looked_at, section.max_completion * assumed.filled,
                    generations * section.updates)  # fmt: skip


def sampling_rate(section: Rl, reckoned: Reckoned) -> float:
    """Tokens a second while the policy samples."""
    gpus, served = sampling_gpus(section, reckoned.machine, reckoned.run), section.vllm == "server"
    sequences = min(section.prompts * section.n, SEQUENCES * (1 if served else gpus))
    copies = 1 if served else max(1, gpus // int(section.trl.get("vllm_tensor_parallel_size", 1)))
    return decoding_rate(reckoned, sequences, gpus, section.max_completion, copies, assisted=section.vllm != "none")


def decoding_rate(reckoned: Reckoned, sequences: int, gpus: int, longest: int, copies: int = 1, *, assisted: bool) -> float:
    """Tokens a second of so many sequences that are decoded at once. copies: of the weights; assisted: by vLLM.

    On GPUs a step of decoding reads the weights and the cache of every sequence once, and computes two operations a parameter for
    each (Pope et al. 2022, arXiv 2211.05102, section 2): rate = sequences / (bytes / bandwidth + operations / arithmetic).
    """
    run, shape, assumed = reckoned.run, reckoned.shape, reckoned.assumed
    if not reckoned.cuda:
        return SAMPLING_FLOPS_OF_A_CORE / (2 * reckoned.body) * (run.threads or 1) * run.processes
    context = reckoned.prompt + longest * assumed.filled / 2
    read = parameters(shape) * BF16 * copies + sequences * context * cache_bytes(shape)
    step = read / (gpus * assumed.bytes_read) + 2 * reckoned.body * sequences / (gpus * assumed.flops)
    return sequences / step * (1 if assisted else UNASSISTED)


def sampling_gpus(section: Rl, machine: Machine, run: Run) -> int:
    """GPUs that sample: those that are left beside the training ones for a server, else the training ones."""
    return max(1, machine.gpus - run.processes) if section.vllm == "server" else run.processes


def _practice(name: str, section: Rl, reckoned: Reckoned) -> Taken:
    """Sampling and training take turns. Training: as above over prompts and completions, and two operations more for the
    probabilities under the policy that sampled, where they are computed again; validation measures the divergence with two
    passes."""
    found = practice(section, reckoned.assumed)
    sampled = (found.completions + found.again + found.looked_at) * found.length
    trained = found.completions * (reckoned.prompt + found.length)
    passes = (8 if reckoned.cuda else 6) + (2 if section.updates > 1 or section.vllm != "none" else 0)
    measured = found.looked_at * (reckoned.prompt + found.length) * (4 if section.kl else 2)
    seconds = sampled / sampling_rate(section, reckoned) + reckoned.body * (passes * trained + measured) / reckoned.flops
    beside = sampling_gpus(section, reckoned.machine, reckoned.run) if section.vllm == "server" else 0
    gpus = reckoned.run.processes + beside if reckoned.cuda else 0
    does = (f"{section.rounds} x {section.generations} x {section.prompts} x {section.n} completions of about {found.length:,.0f} "
            f"tokens, {found.again:,.0f} sampled again, {found.looked_at:,} of validation, {found.updates:,} updates")  # fmt: skip
    return Taken(name, does, trained, sampled, seconds / 3600, gpus, cost(reckoned, seconds / 3600, gpus, 0))


def cost(reckoned: Reckoned, hours: float, gpus: int, written: float) -> float | None:
    """Price of GPU hours and of the teacher's tokens; None where none was told."""
    price, of_tokens = reckoned.assumed.price, reckoned.assumed.teacher_price
    if price is None and of_tokens is None:
        return None
    return hours * gpus * (price or 0) + written / 1e6 * (of_tokens or 0)
