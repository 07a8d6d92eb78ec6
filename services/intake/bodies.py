"""How is a body read without letting it grow or take for ever?"""

import asyncio

from starlette.requests import ClientDisconnect, Request

from libs.delivery.errors import Rejected


async def body_within(request: Request, bytes_max: int, seconds_max: float) -> bytes:
    """The whole body. Raises `Rejected` as soon as it is too large or too slow, without reading the rest."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > bytes_max:
        raise _too_large(bytes_max)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds_max):
            async for chunk in request.stream():
                size += len(chunk)
                if size > bytes_max:
                    raise _too_large(bytes_max)
                chunks.append(chunk)
    except ClientDisconnect as error:
        raise Rejected("the connection ended before the body did; send it again", slug="body-incomplete") from error
    except TimeoutError as error:
        raise Rejected(f"the body took longer than {seconds_max:g} s; send it again", slug="body-too-slow") from error
    return b"".join(chunks)


def _too_large(bytes_max: int) -> Rejected:
    return Rejected(f"the body has more than {bytes_max} bytes; shorten it", slug="body-too-large")
