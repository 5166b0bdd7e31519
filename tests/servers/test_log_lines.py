"""Every process of the service writes its log to the same stderr: a line stays a line."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.servers

LINES = 2_000
WRITER = f"""
from voicegw import log
log.configure(json=True)
logger = log.get_logger()
for number in range({LINES}):
    logger.info("line.written", number=number)
"""


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_lines_of_processes_that_log_at_once_do_not_mix(unbuffered):
    reading, writing = os.pipe()
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER], stderr=writing, env=environment) for _ in range(3)]
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as lines:
        numbers = [json.loads(line)["number"] for line in lines]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert sorted(numbers) == sorted(list(range(LINES)) * 3)


def test_a_process_whose_log_nobody_reads_any_more_goes_on():
    reading, writing = os.pipe()
    os.close(reading)
    said = subprocess.run(
        [sys.executable, "-c", WRITER + "print('went on')"],
        stderr=writing,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert said.stdout == "went on\n"
