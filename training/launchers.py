"""The ways in which a run is carried out: here, by several processes, as a Hugging Face Job, as a taste on ZeroGPU.

The recipe is the same for all, and so is the run's folder. A way says what it costs before anything starts, refuses
what it cannot do, and names the command that does it. Beside the recipe the folder keeps which way was chosen; no key
is ever among it. Knows nothing of browsers.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar, Protocol

from models.bases import BASES
from models.zero import on_zero
from tasks.spec import UserError
from training import machine, saved, team
from training.config import RunConfig
from training.runs import Run

FILE = "launch.json"
MOST_PROCESSES = 64
ZERO_SECONDS = 120
"""The longest a ZeroGPU is asked for at once; free accounts have five minutes of it a day."""
KEY = "HF_TOKEN"
"""The environment variable in which a worker that needs a key is handed it."""


class Way(Protocol):
    """How a run is carried out."""

    name: ClassVar[str]
    needs_key: ClassVar[bool]

    def check(self, config: RunConfig) -> None:
        """Raise UserError where this way cannot carry out such a run."""
        ...

    def note(self, config: RunConfig) -> str:
        """Return what a person should know before they start it."""
        ...

    def command(self, run: Run) -> list[str]:
        """Return the command of the process that carries it out; empty where that is this process itself."""
        ...

    def environment(self) -> Mapping[str, str]:
        """Return what that process is told besides the usual."""
        ...


@dataclass(frozen=True)
class Local:
    """A process of its own on this machine."""

    name: ClassVar[str] = "local"
    needs_key: ClassVar[bool] = False

    def check(self, config: RunConfig) -> None:
        """Raise UserError where this machine cannot do it."""
        machine.check(config)
        if on_zero():
            raise UserError(
                "This Space borrows its GPU for a minute or two at a time, so nothing can train in the background. "
                "Take a taste here, or launch the run as a Hugging Face Job."
            )

    def note(self, config: RunConfig) -> str:
        """Return where it runs."""
        return "Runs on this machine, in a process of its own; it goes on when you close the page."

    def command(self, run: Run) -> list[str]:
        """Return the worker's command."""
        return [sys.executable, "-m", "training.worker", str(run.folder.resolve())]

    def environment(self) -> Mapping[str, str]:
        """Return nothing."""
        return {}


@dataclass(frozen=True)
class Torchrun(Local):
    """Several processes that share every batch: one a GPU, or some on the CPU; on several machines with `nodes`.

    The rows of a step are the recipe's batch_size x accumulation whatever the number of processes, so the same recipe
    learns the same. Of several machines each is started with its own `node` number and the address `meeting` of number
    0, and all see the same run folder. (`accelerate launch --cpu` would run one process and not say so.)
    """

    name: ClassVar[str] = "torchrun"
    processes: int = 2
    nodes: int = 1
    node: int = 0
    meeting: str = ""

    def check(self, config: RunConfig) -> None:
        """Raise UserError where the numbers make no sense, or there are fewer GPUs than processes."""
        super().check(config)
        if not 1 <= self.processes <= MOST_PROCESSES or not 0 <= self.node < self.nodes <= MOST_PROCESSES:
            raise UserError(f"Between 1 and {MOST_PROCESSES} processes can learn together.")
        if (self.nodes > 1) != bool(self.meeting):
            raise UserError("Several machines need the address, host:port, at which they meet.")
        if 0 < gpus() < self.processes:
            raise UserError(f"This machine has {gpus()} GPUs; {self.processes} processes would have to share them.")
        if self.processes * self.nodes > config.batch_size:
            raise UserError(f"A batch of {config.batch_size} has no row for each of {self.processes} processes.")

    def note(self, config: RunConfig) -> str:
        """Return how the work is shared."""
        where = "GPUs" if gpus() else "processes on the CPU"
        each = config.batch_size / (self.processes * self.nodes)
        return (
            f"Runs on {self.processes * self.nodes} {where} together: of every batch of {config.batch_size} each reads "
            f"about {each:.3g}, so the result is that of one."
        )

    def command(self, run: Run) -> list[str]:
        """Return torchrun's command around the worker's."""
        meet = ["--standalone"]
        if self.nodes > 1:
            meet = ["--nnodes", str(self.nodes), "--node-rank", str(self.node)]
            meet += ["--rdzv-backend", "c10d", "--rdzv-id", run.id, "--rdzv-endpoint", self.meeting]
        python, *worker = super().command(run)
        return [python, "-m", "torch.distributed.run", *meet, "--nproc-per-node", str(self.processes), *worker]

    def environment(self) -> Mapping[str, str]:
        """Return each process's share of the cores."""
        return {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // self.processes))}


@dataclass(frozen=True)
class FSDP(Torchrun):
    """Torchrun for a base that no single GPU holds: each process keeps its part of every block's frozen weights.

    Its checkpoints and its adapter are those of any other way.
    """

    name: ClassVar[str] = "fsdp"

    def check(self, config: RunConfig) -> None:
        """Raise UserError where the base is not one of those, or its weights are of a form that cannot be split."""
        super().check(config)
        if not BASES[config.base].spoken:
            raise UserError(f"{config.base} is small enough for every process; choose plain torchrun for it.")
        if config.method == "qlora-4bit":
            raise UserError("4-bit weights cannot be split over processes here; choose plain LoRA, or one GPU.")

    def note(self, config: RunConfig) -> str:
        """Return how the work and the weights are shared."""
        return f"{super().note(config)} Each holds one of {self.processes * self.nodes} parts of the base's blocks."

    def environment(self) -> Mapping[str, str]:
        """Return what asks for the split, beside each process's share of the cores."""
        return {**super().environment(), team.SPLIT: "1"}


@dataclass(frozen=True)
class HFJob:
    """A Hugging Face Job on rented hardware; what it writes comes back into the run's folder here as it goes.

    `space` runs it in the image of that Space, which has all packages already. Carried out by training/jobs.py.
    """

    name: ClassVar[str] = "hf-job"
    needs_key: ClassVar[bool] = True
    flavor: str = "t4-small"
    minutes: int = 60
    space: str = ""

    def check(self, config: RunConfig) -> None:
        """Raise UserError where the run may not leave this machine, or is given no time."""
        from training.exchange import leaves

        if not 5 <= self.minutes <= 24 * 60:
            raise UserError("A job may take between 5 minutes and a day.")
        if BASES[config.base].folder:
            raise UserError(f"{config.base} lies on this machine only and is not sent away; train on it here.")
        leaves(config)

    def note(self, config: RunConfig) -> str:
        """Return what it costs, and what leaves this machine."""
        gated = " Your token goes with it, because the base is gated." if BASES[config.base].gated else ""
        return (
            f"Runs on Hugging Face's {self.flavor}, billed by time to the account whose token is used, and is ended "
            f"after {self.minutes} minutes. Code, recipe and rows are copied to a private bucket of that account and "
            f"deleted there in the end.{gated}"
        )

    def command(self, run: Run) -> list[str]:
        """Return the command of the process that starts the job and follows it."""
        return [sys.executable, "-m", "training.jobs", "follow", str(run.folder.resolve())]

    def environment(self) -> Mapping[str, str]:
        """Return what keeps the client from saying more than it must."""
        return {"HF_HUB_DISABLE_EXPERIMENTAL_WARNING": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


@dataclass(frozen=True)
class Taste:
    """A minute or two on a ZeroGPU, inside the request that asks for it; carried out by training/taste.py."""

    name: ClassVar[str] = "taste"
    needs_key: ClassVar[bool] = False
    seconds: int = 60

    def check(self, config: RunConfig) -> None:
        """Raise UserError where that is too long, or borrows the GPU again and again to be scored."""
        machine.check(config)
        if BASES[config.base].spoken:
            raise UserError(
                f"{config.base} answers in words: to score it takes many times the quota of a taste. Choose a small "
                "base here, or launch the run as a Hugging Face Job."
            )
        if not 20 <= self.seconds <= ZERO_SECONDS:
            raise UserError(f"A taste takes between 20 and {ZERO_SECONDS} seconds.")

    def note(self, config: RunConfig) -> str:
        """Return what it takes of the visitor's quota; how far it comes is said by training/taste.py."""
        return (
            f"Takes at most {self.seconds} seconds of your ZeroGPU quota of today, and keeps what it has learned by "
            "then. Leaving the page ends it. For a whole run choose a Hugging Face Job, or a Space with its own GPU."
        )

    def command(self, run: Run) -> list[str]:
        """Return nothing: it is no process of its own."""
        return []

    def environment(self) -> Mapping[str, str]:
        """Return nothing."""
        return {}


WAYS: Mapping[str, type[Way]] = {way.name: way for way in (Local, Torchrun, FSDP, HFJob, Taste)}


def gpus() -> int:
    """Return how many GPUs this machine has."""
    import torch

    return torch.cuda.device_count()


def offered() -> list[Way]:
    """Return the ways that make sense here, the plainest first."""
    if on_zero():
        return [Taste(), HFJob(space=os.environ.get("SPACE_ID", ""))]
    several: list[Way] = [Torchrun(gpus()), FSDP(gpus())] if gpus() > 1 else []
    return [Local(), *several, HFJob(space=os.environ.get("SPACE_ID", ""))]


def remember(run: Run, way: Way) -> None:
    """Keep in the run's folder how it is carried out; what stands there already stays."""
    path = run.folder / FILE
    if not path.exists():
        saved.write(path, json.dumps({"way": way.name, **asdict(way)}))  # type: ignore[call-overload]


def unfollowed(run: Run) -> str:
    """Return what is said of a run whose job is followed by nobody any more; nothing where there is no such job."""
    job = run.facts.get("job")
    if not job or not way_of(run).needs_key:
        return ""
    where = f" ({job['url']})" if job.get("url") else ""
    return (
        "Nobody follows its job any more; it may go on and be billed: "
        f"cancel it on the Hub{where}, or resume to follow it."
    )


def way_of(run: Run) -> Way:
    """Return how a run is carried out: as its folder says, else locally."""
    try:
        said = saved.mapping(run.folder / FILE)
        return WAYS[said.pop("way")](**said)
    except (KeyError, TypeError):
        return Local()
