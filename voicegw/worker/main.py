"""``python -m voicegw.worker.main``: the nursery process. Its settings and first dialplans come as JSON on stdin."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from voicegw import config, log
from voicegw.actions import sql
from voicegw.actions.registry import Toolbox
from voicegw.config import Settings
from voicegw.dialplan import sayings
from voicegw.engines import registry
from voicegw.engines.listeners import Listeners
from voicegw.engines.voices import Voices
from voicegw.errors import SetupError, VoicegwError
from voicegw.wire.link import Link
from voicegw.wire.messages import RATE_HZ, DialplanLoaded, ForgetDialplan, LoadDialplan, Message
from voicegw.worker import rehearsing
from voicegw.worker.brains import Brain, Brains, Learner
from voicegw.worker.nursery import Nursery
from voicegw.worker.process import Shared, run_worker

logger = log.get_logger()


def load_shared(
    settings: Settings, learner: Learner, dialplans: Sequence[LoadDialplan], door: Path | None = None
) -> Shared:
    """Everything workers have in common; takes a second or two.

    :param door: of the machine's listener, if it has one.
    """
    brains = {(plan.dialplan, plan.version): learner.learn(plan) for plan in dialplans}
    voices = Voices(settings, RATE_HZ)
    for brain in brains.values():
        voices.of(brain.plan.language, brain.plan.voice)
    ears = Listeners(settings, door)
    for brain in brains.values():
        ears.make_before_a_fork(brain.plan.language)
    # For their imports: half a second of processor time that no worker need spend.
    Toolbox.load(settings)
    sql.import_driver()
    registry.voice_activity()
    if door:
        registry.shared_speech_to_text(settings, "en", door)
    return Shared(settings, brains, voices, learner.embedder, ears)


class Pupil:
    """Keeps what workers know of dialplans up to date, between two forks.

    :param rehearse: has what an agent always says made ahead.
    """

    def __init__(self, learner: Learner, brains: Brains, rehearse: Callable[[Brain], None]) -> None:
        self._learner = learner
        self._brains = brains
        self._rehearse = rehearse

    def learn(self, message: Message) -> Message | None:
        """A message of the supervisor; its answer, if it has one."""
        match message:
            case LoadDialplan():
                return self._load(message)
            case ForgetDialplan(dialplan=name, version=version):
                self._brains.pop((name, version), None)
        return None

    def _load(self, order: LoadDialplan) -> DialplanLoaded:
        try:
            brain = self._learner.learn(order)
            self._learner.write(brain, Path(order.brain))
        except (VoicegwError, OSError) as error:
            logger.error("dialplan.not_loaded", dialplan=order.dialplan, version=order.version, error=str(error))
            return DialplanLoaded(order.dialplan, order.version, str(error))
        self._brains[order.dialplan, order.version] = brain
        self._rehearse(brain)
        return DialplanLoaded(order.dialplan, order.version)


@click.command()
@click.option("--link-fd", type=int, required=True)
def main(link_fd: int) -> None:
    """Load what workers share, then fork them when asked."""
    told = json.load(sys.stdin)
    settings = config.from_values(told["settings"])
    log.configure_from(settings.log)
    link = Link.from_fd(link_fd)
    door = Path(told["door"]) if told["door"] else None
    try:
        learner = Learner(registry.sentence_embedder(settings), registry.embedder_name(settings))
        shared = load_shared(settings, learner, [LoadDialplan(**plan) for plan in told["dialplans"]], door)
    except SetupError as error:
        click.echo(f"voicegw: {error}", err=True)
        sys.exit(error.exit_code)

    def rehearse(*brains: Brain) -> None:
        for voice in dict.fromkeys((brain.plan.language, brain.plan.voice) for brain in brains):
            plans = (brain.plan for brain in brains if (brain.plan.language, brain.plan.voice) == voice)
            texts = [text for plan in plans for text in sayings.constant(plan)]
            rehearsing.rehearse(shared.voices.of(*voice), texts, settings.tts.speed, link.close)

    rehearse(*shared.brains.values())
    pupil = Pupil(learner, shared.brains, rehearse)
    Nursery(link, lambda own_link, hurry: run_worker(own_link, shared, hurry=hurry), pupil.learn).run()


if __name__ == "__main__":
    main()
    os._exit(0)  # native threads of libraries have nothing left to say
