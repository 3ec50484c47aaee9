"""Where a server listens, and what is said where it cannot."""

import pytest
from aiohttp import web

from agents.web.address import Address, AddressError, listen


async def test_a_port_that_is_taken_is_said_with_its_setting():
    """Two boards on one machine: the second ends with a sentence, whatever process it is of."""
    first, second = (web.AppRunner(web.Application()) for _ in range(2))
    try:
        where = await listen(first, "127.0.0.1", 0, setting="TOCSIN_BOARD__PORT")
        assert where.port > 0
        with pytest.raises(
            AddressError, match=rf"cannot listen on 127\.0\.0\.1:{where.port}: .*; set TOCSIN_BOARD__PORT"
        ):
            await listen(second, *where, setting="TOCSIN_BOARD__PORT")
    finally:
        await first.cleanup()
        await second.cleanup()


@pytest.mark.parametrize(
    ("address", "url"),
    [
        pytest.param(Address("127.0.0.1", 9465), "http://127.0.0.1:9465", id="four numbers"),
        pytest.param(Address("::1", 9465), "http://[::1]:9465", id="a long one, in brackets"),
    ],
)
def test_an_address_as_one_types_it(address, url):
    """A log line can be clicked."""
    assert address.url == url
