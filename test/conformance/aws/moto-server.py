"""Moto's server with one race of its own closed.

Its threads look for visible messages and hide them in two steps, so that two receivers at once now and then get the same one.
The adapter's contract is held to a queue that hides what it hands out; what a second delivery does is played by the chaos suite.
"""

import threading
import time

from moto.server import main
from moto.sqs.models import SQSBackend

taking = threading.Lock()
take = SQSBackend.receive_message


def receive_message(self, queue_name, count, wait_seconds_timeout, *rest, **named):
    """Takes under the lock and waits outside it: who waits for messages must not keep others from taking theirs."""
    end = time.monotonic() + wait_seconds_timeout
    while True:
        with taking:
            messages = take(self, queue_name, count, 0, *rest, **named)
        if messages or time.monotonic() >= end:
            return messages
        self.get_queue(queue_name).wait_for_messages(1)


SQSBackend.receive_message = receive_message
main()
