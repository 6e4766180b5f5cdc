"""Memory is freed in the real worker process."""

from __future__ import annotations

from nodeforge import resources
from nodeforge.engine.messages import Ended, Resident
from nodeforge.graph import file
from nodeforge.graph.document import NodeId
from tests.engine.test_client import WAIT, Ears


def test_free_lets_go_of_the_weights_of_the_worker() -> None:
    graph = file.load(resources.path("graphs/text-to-image.nodeforge"))
    ears = Ears()
    try:
        ears.engine.run(graph, (NodeId("prompt"),))
        loaded, ended = Resident(), False
        while not (ended and loaded.weights):  # in either order
            event = ears.queue.get(timeout=WAIT)
            ended = ended or isinstance(event, Ended)
            loaded = event if isinstance(event, Resident) else loaded
        assert sum(weights.size for weights in loaded.weights) > 0
        ears.engine.free()
        ears.until(Resident, lambda event: not event.weights)
    finally:
        ears.engine.close()
