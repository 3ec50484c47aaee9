"""What the engine changes in Faust's application."""

import asyncio

from agents.engine.shell import Shell


def test_what_came_in_stays_when_the_flow_is_resumed():
    """Faust resumes the flow several times around one assignment and clears its queues each time; ours are not."""

    async def resumed() -> int:
        shell = Shell("test", broker="kafka://127.0.0.1:1", store="memory://", web_enabled=False)
        queue = shell.FlowControlQueue(maxsize=10, clear_on_resume=True)
        shell.flow_control.resume()
        queue.force_put_nowait("a batch")
        shell.flow_control.resume()
        return queue.qsize()

    assert asyncio.run(resumed()) == 1
