"""``voicegw models``: which models there are, which are here, and bringing them here."""

import json
import time
from pathlib import Path
from typing import Any, cast, get_args

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from voicegw import config
from voicegw.engines import registry
from voicegw.engines.stt import LearnsDigits
from voicegw.errors import SetupError
from voicegw.models import catalogue, folder
from voicegw.models.model import File, Model, Use
from voicegw.models.pull import pull


@click.group("models")
def command() -> None:
    """List and pull models.

    Example: voicegw models pull whisper-tiny.en
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), help="TOML file of settings.")
def list_models(as_json: bool, settings_file: Path | None) -> None:
    """Name, size, licence, whether it is here, and what it is for.

    Example: voicegw models list --json
    """
    models_dir = config.load(settings_file).models_dir
    rows = [_row(models_dir, model) for model in catalogue.MODELS]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    table = Table("name", "size", "licence", "state", "what for", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["name"], _megabytes(row["size"]), row["licence"], row["state"], row["role"])
    console = Console()
    console.print(table)
    console.print(f"\nin {models_dir}", highlight=False, soft_wrap=True)


@command.command("pull")
@click.argument("names", nargs=-1, metavar="NAME…")
@click.option("--for", "use", type=click.Choice([*get_args(Use), "all"]), help="All that a setup needs.")
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), help="TOML file of settings.")
def pull_models(names: tuple[str, ...], use: str | None, settings_file: Path | None) -> None:
    """Bring models here, by name or by what they are needed for.

    Goes on where an earlier pull was cut off, and accepts only the bytes that the catalogue pins.

    Example: voicegw models pull --for demo
    """
    models = _chosen(names, use)
    models_dir = config.load(settings_file).models_dir
    failures = []
    display = _Display(models, models_dir)
    with display.bars:
        for model in models:
            try:
                display.model(model, models_dir)
            except SetupError as failure:
                failures.append(str(failure))
    if failures:
        raise SetupError("\n".join(failures))


@command.command("prepare")
@click.option("--again", is_flag=True, help="Also if it was done before.")
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), help="TOML file of settings.")
def prepare_models(again: bool, settings_file: Path | None) -> None:
    """Teach the ear digits from this machine's voices: four minutes, once. Without it, digits are heard less well.

    Example: voicegw models prepare
    """
    settings = config.load(settings_file)
    ears = registry.speech_to_text(settings, "en")
    if not isinstance(ears, LearnsDigits):
        click.echo(f"{settings.stt.provider} has nothing to learn")
    elif ears.knows_digits and not again:
        click.echo("already done")
    else:
        with Console(stderr=True).status("") as status:
            ears.learn_digits(status.update)
        click.echo("done")


def _chosen(names: tuple[str, ...], use: str | None) -> list[Model]:
    models = [catalogue.find(name) for name in names]
    if use == "all":
        models += catalogue.MODELS
    elif use:
        models += catalogue.wanted(cast(Use, use))
    if not models:
        known = ", ".join(model.name for model in catalogue.MODELS)
        raise SetupError(f"name a model, or say --for demo; there are: {known}")
    return list(dict.fromkeys(models))


class _Display:
    """A line for each model that is done; on a terminal, two bars besides: the file, and all."""

    def __init__(self, models: list[Model], models_dir: Path) -> None:
        self._console = Console()
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        missing = [model for model in models if not _is_here(models_dir, model)]
        self._file = self.bars.add_task("file", total=None, visible=bool(missing))
        self._all = self.bars.add_task("all", total=sum(model.size for model in missing), visible=bool(missing))
        self._before = 0
        """Bytes of the models that are done."""
        self._fetched: dict[str, int] = {}
        """Bytes of each file of the model under way."""

    def model(self, model: Model, models_dir: Path) -> None:
        """Pull one, and say so."""
        was_here = _is_here(models_dir, model)
        self._fetched = {}
        begin = time.monotonic()
        pull(models_dir, model, self)
        took = "already here" if was_here else f"{time.monotonic() - begin:.1f} s"
        self._before += 0 if was_here else model.size
        self._console.print(f"{model.name:20} {_megabytes(model.size):>8}  {took}", highlight=False)

    def fetching(self, model: Model, file: File, done: int, total: int) -> None:
        """A source counts its own bytes, compressed perhaps: show the share, in the file's bytes."""
        share = file.size * done // total if total and file.size else done
        self._fetched[file.path] = share
        name = f"{model.name} {file.path}"
        self.bars.update(self._file, description=name, completed=share, total=file.size or total or None)
        self.bars.update(self._all, completed=self._before + sum(self._fetched.values()))

    def waiting(self, model: Model) -> None:
        """Somebody else is at it."""
        self._console.print(f"{model.name}: another process is pulling it; waiting", highlight=False)


def _is_here(models_dir: Path, model: Model) -> bool:
    return folder.state(models_dir / model.name, model) is folder.State.HERE


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size else "?"


def _row(models_dir: Path, model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "size": model.size,
        "licence": model.licence,
        "state": folder.state(models_dir / model.name, model).value,
        "role": model.role,
        "note": model.note,
        "uses": sorted(model.uses),
        "folder": str(models_dir / model.name),
    }
