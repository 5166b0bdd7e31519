"""Is this machine ready to answer calls with these settings? Looks only: starts, changes and keeps nothing."""

import asyncio

from voicegw.config import Settings
from voicegw.gateway import machine_checks, parts_checks
from voicegw.gateway.finding import Finding


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order a person would mend them."""
    *servers, integrations = await asyncio.gather(
        parts_checks.database(settings),
        parts_checks.redis(settings),
        parts_checks.language_model(settings),
        parts_checks.integrations(settings),
    )
    return [
        *parts_checks.packages(settings),
        machine_checks.sip_ports(settings),
        machine_checks.programs(settings),
        *parts_checks.models(settings),
        *parts_checks.dialplans(settings),
        *integrations,
        *servers,
        machine_checks.processors(settings),
        machine_checks.memory(settings),
        machine_checks.file_descriptors(settings),
        machine_checks.folders(settings),
        machine_checks.clock(settings),
    ]
