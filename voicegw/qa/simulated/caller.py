"""A simulated caller: hears what the agent says, and does what the language model chooses."""

import random

from voicegw.engines.llm import LanguageModel, Limits
from voicegw.qa.scenarios.model import Goal, ScenarioLine
from voicegw.qa.simulated.moves import BYE, Talk, move_of, prompt, schema, words

LIMITS_S = 20.0
MOST_TOKENS = 24


class SimulatedCaller:
    """On one call.

    :param seed: the same seed words things the same.
    """

    def __init__(self, goal: Goal, model: LanguageModel, seed: int) -> None:
        self._talk = Talk(goal)
        self._model = model
        self._chance = random.Random(seed)
        self.said: list[ScenarioLine] = []
        """All that the caller has done."""

    async def next(self, said: str) -> ScenarioLine | None:
        """What the caller does after the agent's words; None: hangs up.

        :raises ServerAway, EngineError: the language model does not answer.
        """
        talk = self._talk
        talk.lines.append(("agent", said or "(says nothing)"))
        if len(talk.done) >= talk.goal.most_turns or (talk.done and talk.done[-1] == BYE):
            return None
        choices = talk.choices()
        move = choices[0] if len(choices) == 1 else await self._choose(choices)
        text = words(talk, move, self._chance)
        talk.done.append(move)
        talk.lines.append(("caller", text))
        self.said.append(ScenarioLine(caller=(text,)))
        return self.said[-1]

    def take_back(self) -> None:
        """What the caller was about to do: the agent has spoken on. All that it said is for the next decision."""
        self.said.pop()
        self._talk.take_back()

    async def _choose(self, choices: list[str]) -> str:
        limits = Limits(MOST_TOKENS, json_schema=schema(choices), timeout_s=LIMITS_S)
        pieces = [piece async for piece in self._model.stream(prompt(self._talk), limits)]
        return move_of("".join(pieces), choices)
