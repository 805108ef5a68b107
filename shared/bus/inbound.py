"""Where other platforms' messages arrive, and where answers wait that nobody is there to take."""

from kombu import Exchange, Queue, binding

INBOUND = Exchange("fuquan.inbound", type="topic", durable=True)
REFUSED = Queue(
    "fuquan.inbound.refused", durable=True, queue_arguments={"x-queue-type": "quorum"}
)
# One process takes in at a time, so that a platform's messages are taken in the order sent. One
# that ends the process again and again goes to the refused, not away.
ARRIVALS = Queue(
    "fuquan.inbound",
    bindings=[binding(INBOUND, routing_key="#")],
    durable=True,
    queue_arguments={
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": REFUSED.name,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    },
)
