"""``patchwright serve MODEL``: plan the memory, then run vLLM until it is told to stop."""

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.exits import UsageError
from agent.commands.options import POSITIVE

if TYPE_CHECKING:
    from agent.serving.launch import Launch
    from agent.serving.survey import Survey, Wish
    from agent.serving.ways import Way

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("model")
@click.argument("vllm_flags", nargs=-1, type=click.UNPROCESSED)
@click.option("--window", type=click.IntRange(1), help="Tokens of one conversation. [the model's]")
@click.option(
    "--quantization",
    type=click.Choice(["fp8", "int4"]),
    help="Weights in 8 bits, made while loading; or plan for a checkpoint in 4 bits.",
)
@click.option("--kv-cache-dtype", type=click.Choice(["auto", "fp8"]), help="KV cache in 8 bits.")
@click.option("--gpus", metavar="N|NxGIB", help="Use N GPUs; or plan for others, like 4x80. [all]")
@click.option(
    "--gpu-memory-utilization",
    type=click.FloatRange(0.05, 0.99),
    default=0.90,
    help="Part of each GPU that vLLM may use. [0.9]",
)
@click.option("--host", default="127.0.0.1", help="Address to listen on. [127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="Port. [8000]")
@click.option("--served-model-name", help="What clients call it. [MODEL, or the folder's name]")
@click.option("--tool-call-parser", help="Instead of the profile's; `none` for none.")
@click.option("--reasoning-parser", help="Instead of the profile's; `none` for none.")
@click.option("--trust-remote-code", is_flag=True, help="Let vLLM run the model's own Python code.")
@click.option("--config", type=_FILE, help="The model's config.json, believed before all else.")
@click.option("--profiles", type=_FILE, help="TOML file with profiles of your own, tried first.")
@click.option("--dry-run", is_flag=True, help="Print the plan and the command, and stop there.")
@click.option("--compose", type=_FILE, help="Write a Docker compose file, and stop there.")
@click.option("--tgi", is_flag=True, help="Print a command for TGI instead, and stop there.")
@click.option("--image", help="Image for --compose or --tgi.")
@click.option("--ready-minutes", type=POSITIVE, default=60.0, help="When waiting is given up. [60]")
@click.option("--anyway", is_flag=True, help="Start even if the plan says that it does not fit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def serve(model: str, vllm_flags: tuple[str, ...], *, as_json: bool, **options: Any) -> None:
    """Serve MODEL with vLLM: a folder, or a name on the Hugging Face hub.

    First the memory that it takes is worked out and compared with the GPUs; nothing is downloaded
    for that. Then vLLM runs until Ctrl-C. Flags after -- are handed to vLLM as they are.
    """
    from agent.serving import report
    from agent.serving.survey import NotPossible, survey
    from agent.serving.ways import ways

    try:
        found = survey(_wish(model, options))
    except NotPossible as error:
        raise UsageError(str(error)) from error
    lacking = found.here and not found.plan.fits
    out = ways(found.plan) if lacking else []
    if as_json:
        plan = report.as_json(
            found.checkpoint, found.plan, out, profile=found.profile.name, here=found.here
        )
        click.echo(json.dumps(plan))
    else:
        _show(found, out)
    if lacking and not options["anyway"]:
        raise UsageError("the model does not fit; see above, or start it with --anyway")
    _carry_out(found, vllm_flags, options, as_json=as_json)


def _wish(model: str, options: dict[str, Any]) -> "Wish":
    from agent import config, variables
    from agent.serving.survey import Wish

    return Wish(
        model=model,
        hub_cache=variables.hub_cache(),
        config=options["config"],
        profiles=options["profiles"] or config.load({}).profiles,
        window=options["window"],
        quantisation=options["quantization"],
        small_cache=options["kv_cache_dtype"] == "fp8",
        gpus=options["gpus"],
        visible=variables.visible_gpus(),
        utilisation=options["gpu_memory_utilization"],
    )


def _show(found: "Survey", out: "list[Way]") -> None:
    from agent.serving import report
    from agent.serving.ways import gpus_needed

    plan, profile = found.plan, found.profile
    for line in report.lines(found.checkpoint, plan, profile=profile.name, here=found.here):
        click.echo(line)
    for quirk in profile.quirks:
        click.echo(f"{'quirk':<{report.LABEL}}{quirk.text}")
    if not found.here:
        needed = ", ".join(f"{several} x {size} GiB" for several, size in gpus_needed(plan))
        click.echo(f"{'GPUs':<{report.LABEL}}none found here; enough would be {needed}")
    elif not plan.fits:
        for line in report.shortage(plan, out):
            click.echo(line)


def _carry_out(
    found: "Survey", flags: tuple[str, ...], options: dict[str, Any], *, as_json: bool
) -> None:
    """Print or write what was asked for, or run the server."""
    from agent.serving import containers
    from agent.serving.launch import NotServable, shell_line, variables, vllm

    launch = _launch(found, flags, options)
    try:
        if options["tgi"]:
            click.echo(containers.tgi(launch, options["image"] or containers.TGI_IMAGE))
        elif options["compose"] is not None:
            text = containers.compose(launch, options["image"] or containers.VLLM_IMAGE)
            _write(options["compose"], text)
        elif options["dry_run"]:
            command, extra = vllm(launch), variables(launch)
            words = json.dumps({"command": command, "environment": extra})
            click.echo(words if as_json else shell_line(command, extra))
        else:
            _run(launch, vllm(launch), options["ready_minutes"] * 60, as_json=as_json)
    except NotServable as error:
        raise UsageError(str(error)) from error


def _launch(found: "Survey", flags: tuple[str, ...], options: dict[str, Any]) -> "Launch":
    from agent.serving.launch import Launch

    launch = Launch(
        model=found.checkpoint.model,
        served_name=options["served_model_name"] or found.checkpoint.name,
        plan=found.plan,
        profile=found.profile,
        on_gpus=found.here,
        host=options["host"],
        port=options["port"],
        tool_parser=options["tool_call_parser"],
        reasoning_parser=options["reasoning_parser"],
        trust_remote_code=options["trust_remote_code"],
        extra=flags,
    )
    if launch.exposed:
        click.secho(
            f"WARNING: {launch.host} can be reached from other machines. Anyone who reaches port"
            f" {launch.port} can use the model; VLLM_API_KEY protects /v1 only, not /tokenize or"
            " /metrics.",
            err=True,
            fg="red",
            bold=True,
        )
    if launch.trust_remote_code:
        click.echo("WARNING: Python code of the model's makers will run here as you.", err=True)
    return launch


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"written: {path}  (start it: docker compose --file {path} up)", err=True)


def _run(launch: "Launch", command: list[str], ready_seconds: float, *, as_json: bool) -> None:
    from agent import config
    from agent.serving.launch import variables
    from agent.serving.server import PortTaken, check_port, one_token
    from agent.serving.server import serve as run

    if shutil.which(command[0]) is None:
        raise UsageError(
            "vLLM is not installed here: pip install 'patchwright[vllm]', or write a container"
            " for it with --compose FILE"
        )
    try:
        check_port(launch.host, launch.port)
    except PortTaken as error:
        raise UsageError(str(error)) from error
    secret = config.load({}).api_key
    key = secret.get_secret_value() if secret else None

    def when_ready() -> None:
        if as_json:
            click.echo(json.dumps({"ready": launch.url, "model": launch.served_name}))
        else:
            click.echo(f"ready: --base-url {launch.url} --model {launch.served_name}")

    run(
        command,
        extra=variables(launch),
        output=sys.stderr.fileno(),
        ready=lambda: one_token(launch.url, launch.served_name, key),
        ready_seconds=ready_seconds,
        when_ready=when_ready,
        when_stopping=lambda: click.echo("stopping the server", err=True),
    )
