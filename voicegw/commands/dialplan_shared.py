"""What the subcommands of ``voicegw dialplan`` share."""

from collections.abc import Mapping
from pathlib import Path

import click

from voicegw.actions.registry import Toolbox
from voicegw.config import Settings
from voicegw.dialplan.tools import ToolFacts
from voicegw.engines import registry
from voicegw.engines.embed import SentenceEmbedder
from voicegw.errors import ModelMissing

settings_option = click.option(
    "--settings", "settings_file", type=click.Path(path_type=Path), help="TOML file of settings."
)
json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


def tools_of(settings: Settings) -> Mapping[str, ToolFacts]:
    """What integrations offer."""
    return Toolbox.load(settings).facts()


def embedder_of(settings: Settings) -> SentenceEmbedder | None:
    """None where the model was never pulled: what needs it is left out."""
    try:
        return registry.sentence_embedder(settings)
    except ModelMissing as error:
        click.echo(f"examples are not compared with each other: {error}", err=True)
        return None


def counted(count: int, noun: str) -> str:
    """``no errors``, ``1 error``, ``2 errors``."""
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
