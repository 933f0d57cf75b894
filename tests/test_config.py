"""Every control reaches what it controls, and every form of a config says the same run."""

import shlex
from dataclasses import fields, replace
from itertools import pairwise

import pytest
import torch
import yaml

import tasks
from models import encoder
from models.arithmetic import fast_bf16
from models.bases import BASES, TARGETS
from models.loading import load
from models.reading import Reading
from tasks.spec import Example, UserError
from training import presets
from training.config import RunConfig, command, from_form
from training.fitting import Fitting, Outside, schedule
from training.learner import fresh
from training.loss import TaskLoss

TASK = tasks.get("drug_reviews")
PLAIN = RunConfig(TASK.name, first_layer=4, rank=4, alpha=8)
ROWS = [Example(text=f"good {i}", label="positive", targets={"rating": "9"}) for i in range(6)] + [
    Example(text="bad", label="negative", targets={"rating": "2"})
]


def lora_of(config: RunConfig):
    return fresh(TASK, config)[0].body.peft_config[TASK.name]


def fitting(config: RunConfig) -> Fitting:
    return Fitting(config, fresh(TASK, config)[0], lambda reader: {"score": 0.0}, Outside())


def loss_of(config: RunConfig) -> TaskLoss:
    return TaskLoss(TASK, config, ROWS)


REACHES = {
    "rank": (6, lambda c: lora_of(c).r),
    "alpha": (6, lambda c: lora_of(c).lora_alpha),
    "targets": ("q,v", lambda c: set(lora_of(c).target_modules)),
    "rslora": (True, lambda c: lora_of(c).use_rslora),
    "dora": (True, lambda c: lora_of(c).use_dora),
    "lora_dropout": (0.3, lambda c: lora_of(c).lora_dropout),
    "first_layer": (5, lambda c: tuple(lora_of(c).layers_to_transform)),
    "dropout": (0.4, lambda c: fresh(TASK, c)[0].body.get_base_model().embeddings.dropout.p),
    "head_hidden": (16, lambda c: fresh(TASK, c)[0].head.inner.out_features),
    "head_dropout": (0.5, lambda c: fresh(TASK, c)[0].head.dropout.p),
    "max_tokens": (16, lambda c: fresh(TASK, c)[1].max_tokens),
    "learning_rate": (1e-4, lambda c: fitting(c).top[0]),
    "head_learning_rate": (1e-4, lambda c: fitting(c).top[1]),
    "weight_decay": (0.5, lambda c: fitting(c).optimizer.param_groups[0]["weight_decay"]),
    "schedule": ("cosine", lambda c: schedule(c, 100, 80)),
    "warmup": (0.5, lambda c: schedule(c, 100, 20)),
    "precision": ("bfloat16", lambda c: fitting(c).bfloat16),
    "ordinal_spread": (2.0, lambda c: float(loss_of(c).soft["rating"][0, 0])),
    "label_loss": (3.0, lambda c: loss_of(c).label_weight),
    "ranking_loss": (3.0, lambda c: loss_of(c).ranking),
    "teacher": (0.5, lambda c: loss_of(c).teacher),
    "class_balance": (1.0, lambda c: tuple(loss_of(c).rarity.tolist())),
    "seed": (99, lambda c: tuple(fresh(TASK, c)[0].head.inner.weight[0, :4].tolist())),
}
# Read by the loop, by the launcher, by the reading of rows and by bases that answer in words: tests/test_training.py,
# tests/test_launch.py, tests/test_estimate.py and tests/test_spoken.py see them act.
ELSEWHERE = {
    *("epochs", "first_epochs", "first_share", "batch_size", "accumulation", "max_grad_norm", "average", "patience"),
    *("validation_share", "save_every", "max_rows", "split_seed", "fold", "method", "word_share", "sign_share"),
    *("answers", "optimizer"),
}


@pytest.mark.parametrize("name", REACHES)
def test_a_knob_reaches_what_it_turns(name: str) -> None:
    """Turned, it changes what training uses; left alone, it does not."""
    value, seen = REACHES[name]
    if name == "precision" and fast_bf16():
        value = "float32"
    turned = replace(PLAIN, **{name: value})
    assert seen(turned) != seen(PLAIN)
    assert seen(PLAIN) == seen(replace(PLAIN))


def test_every_knob_is_accounted_for() -> None:
    """A knob added to the config must be wired before this passes."""
    assert {f.name for f in RunConfig.knobs()} == set(REACHES) | ELSEWHERE
    assert all(f.metadata["help"] and f.metadata["group"] for f in RunConfig.knobs())


def test_form_yaml_and_command_say_the_same_run() -> None:
    """However a run is written down, it is the same run."""
    asked = replace(PLAIN, datasets=("druglib", "nhs_fft"), mixture={"nhs_fft": 0.5}, rslora=True, schedule="cosine")
    assert RunConfig.parse(asked.dump()) == asked
    form = {f.name: getattr(asked, f.name) for f in fields(asked)} | {"epochs": 4.0, "datasets": ["druglib", "nhs_fft"]}
    assert from_form(form) == asked
    words = shlex.split(command(asked))
    assert words[:4] == ["python", "-m", "training.train", "--recipe"]
    assert RunConfig.parse(words[4]) == asked


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"targets": "everything"}, "targets must be one of"),
        ({"rslora": 1}, "rslora must be true or false"),
        ({"epochs": 2.5}, "epochs must be a whole number"),
        ({"first": ("icd9cm",)}, "not among the datasets"),
        ({"mixture": {"druglib": 0.5}}, "share from 0 to 10 of an extra"),
    ],
)
def test_a_form_is_refused_in_the_configs_words(said: dict, why: str) -> None:
    """One place says what is allowed."""
    with pytest.raises(UserError, match=why):
        from_form({"task": TASK.name, **said})


ROUNDS = [f"{b}: &{b} [{f'*{a}, ' * 9}]" for a, b in pairwise("abcdefghij")]
BOMB = "\n".join(["a: &a [x, x, x, x, x, x, x, x, x]", *ROUNDS])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{BOMB}\nrank: *j", "without aliases"),
        ("rank: &a 8\nalpha: *a", "without aliases"),
        ("rank: !!bool x", "without aliases"),
        ("seed: " + "[" * 5000, "lists inside each other"),
        (f"seed: 0x{'f' * 5000}", "more than 40 digits"),
        (f"0x{'f' * 900}: 1", "more than 40 digits"),
        ("seed: 0b_", "not a readable YAML"),
        ("rank: 8\n---\nrank: 8", "not a readable YAML"),
        ("seed: 1" + "0" * 39, "seed must be a whole number"),
        ("seed: 2024-13-45", "seed must be a whole number"),
        ("seed: .nan", "seed must be a whole number"),
        (f"rank: [{', '.join('1' * 2000)}]", r"1, 1, \.\.\.\]"),
        ("datasets: 5", "datasets must be a list of names, not 5"),
        ("datasets: druglib", "datasets must be a list of names, not 'druglib'"),
        ("datasets: [[druglib]]", "datasets must be a list of names"),
        ("then: [1]", "then must be a list of names"),
        ("mixture: abc", "mixture must be a table of names and numbers, not 'abc'"),
        ("prepare: {1: 1}", "prepare must be a table of names and numbers"),
        ("base: [1]", r"base must be one name, not \[1\]"),
        ("task: [1]", r"task must be one name, not \[1\]"),
        ("start: {a: 1}", "start must be one name"),
        ("x" * 50_001, "characters; YAML of at most"),
    ],
)
def test_a_recipe_of_no_sensible_shape_is_refused_in_a_sentence(text: str, why: str) -> None:
    """Whatever YAML can say, what comes of it is a sentence, and a short one."""
    with pytest.raises(UserError, match=why) as refused:
        RunConfig.parse(text if "task" in text else f"task: {TASK.name}\n{text}")
    assert len(str(refused.value)) < 300


def test_a_field_left_blank_has_its_default_and_a_date_is_a_text() -> None:
    said = RunConfig.parse(f"task: {TASK.name}\ndatasets:\nmixture:\nstart:\nprompt: 2024-13-45\n")
    assert said == RunConfig(TASK.name, prompt="2024-13-45") == RunConfig.parse(said.dump())


@pytest.mark.parametrize("knobs", [{"targets": "q,v"}, {"rslora": True}, {"dora": True}])
def test_an_adapter_of_any_kind_reloads_to_the_same_logits(tmp_path, knobs: dict) -> None:
    """Saved, reloaded as trained and folded into the base: one answer."""
    config = replace(PLAIN, **knobs)
    reader, words = fresh(TASK, config)
    with torch.no_grad():
        for name, p in reader.named_parameters():
            if "lora_B" in name:
                p.normal_(0, 0.02)
    reader.eval()
    batch = words.batch([TASK.segments(e) for e in ROWS])
    with torch.no_grad():
        expected = reader(batch).numpy()
    encoder.save(reader, tmp_path, TASK.name, BASES[config.base].repo)
    Reading.of(TASK, config.base, config.max_tokens).write(tmp_path)
    assert load(TASK, tmp_path, exact=True).logits(ROWS) == pytest.approx(expected, abs=2e-4)
    folded = 2e-2 if fast_bf16(cpu=True) else 2e-4  # eight bits of a logit of up to four, where that is the arithmetic
    assert load(TASK, tmp_path).logits(ROWS) == pytest.approx(expected, abs=folded)


@pytest.mark.parametrize("name", presets.names())
@pytest.mark.parametrize("task", tasks.ALL, ids=lambda task: task.name)
def test_every_preset_is_a_run(name: str, task) -> None:
    """Each task can be started three ways."""
    config = presets.get(name, task)
    assert config.task == task.name
    assert yaml.safe_load(config.dump())["task"] == task.name
    assert set(TARGETS) >= {config.targets}
