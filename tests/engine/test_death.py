from __future__ import annotations

import pytest

from nodeforge.engine.death import killed_for_memory, sentence


@pytest.mark.parametrize(
    ("code", "node", "starved", "said"),
    [
        (-9, "Sample", True, "The system ended the worker while Sample ran: memory ran out."),
        (137, "", True, "The system ended the worker: memory ran out."),
        (-9, "Sample", False, "The worker was killed from outside while Sample ran. Run again."),
        (-11, "", False, "The worker crashed (Segmentation fault). A new one is starting."),
        (-999, "", False, "The worker crashed (signal 999)."),
        (3, "Decode", False, "The worker stopped while Decode ran (exit code 3). Run again."),
        (None, "", True, "The worker stopped (exit code None)."),
    ],
)
def test_every_end_has_its_sentence(code: int | None, node: str, starved: bool, said: str) -> None:
    assert sentence(code, node, starved).startswith(said)


def test_the_count_of_starved_processes_never_falls() -> None:
    assert 0 <= killed_for_memory() <= killed_for_memory()
