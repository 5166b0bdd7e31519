"""``python -m voicegw.worker.main``: the nursery process. Settings come as JSON on stdin."""

import json
import os
import sys

import click

from voicegw import config, log
from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.engines import registry
from voicegw.engines.cache import CachedSpeech
from voicegw.engines.embed import SentenceEmbedder
from voicegw.errors import SetupError
from voicegw.nlu.reader import Reader
from voicegw.wire.link import Link
from voicegw.wire.messages import RATE_HZ
from voicegw.worker.nursery import Nursery
from voicegw.worker.process import Brain, Shared, run_worker


def load_shared(settings: Settings) -> Shared:
    """Everything workers have in common; takes a second or two."""
    embedder = registry.sentence_embedder(settings)
    voice = registry.text_to_speech(settings)
    voice.warm_up()
    return Shared(
        settings=settings,
        brains={plan.name: _brain(plan, embedder) for plan in files.load(settings.dialplans)},
        speech=CachedSpeech(voice, settings.cache_dir / "speech", RATE_HZ),
        embedder=embedder,
    )


def _brain(plan: files.Dialplan, embedder: SentenceEmbedder) -> Brain:
    return Brain(plan, Reader.of(plan.examples(), embedder.embed))


@click.command()
@click.option("--link-fd", type=int, required=True)
def main(link_fd: int) -> None:
    """Load what workers share, then fork them when asked."""
    settings = config.from_values(json.load(sys.stdin))
    log.configure_from(settings.log)
    link = Link.from_fd(link_fd)
    try:
        shared = load_shared(settings)
    except SetupError as error:
        click.echo(f"voicegw: {error}", err=True)
        sys.exit(error.exit_code)
    Nursery(link, lambda own_link: run_worker(own_link, shared)).run()


if __name__ == "__main__":
    main()
    os._exit(0)  # native threads of libraries have nothing left to say
