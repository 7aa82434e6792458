"""A server of the interop tests, by `websockets`: the path chooses what it does, the argument how it compresses.

Prints "port N", then "closed CODE REASON" for each connection that ends, with what the client's Close said. Ends when
its standard input does.
"""

import asyncio
import sys
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

EXTENSIONS = {
    "plain": [],
    "deflate": [ServerPerMessageDeflateFactory()],
    "alone": [
        ServerPerMessageDeflateFactory(
            server_no_context_takeover=True,
            client_no_context_takeover=True,
            server_max_window_bits=10,
            client_max_window_bits=10,
        )
    ],
}


async def echo(connection, _):
    async for message in connection:
        await connection.send(message)


async def fragments(connection, query):
    """Echoes in frames of so many characters or bytes, with an empty frame at the end."""
    size = int(query["size"])
    async for message in connection:
        pieces = [message[at : at + size] for at in range(0, len(message), size)]
        await connection.send([*pieces, message[:0]])


async def ping(connection, query):
    """Tells the client once it has answered a ping between two fragments of a message."""

    async def message():
        yield "sent before and "
        pong = await connection.ping(query["payload"])
        yield "while the ping was out"
        await pong
        yield ", then answered"

    await connection.send(message())
    await connection.wait_closed()


async def close(connection, query):
    """Sends a message and closes, without a code if none is given."""
    await connection.send("last words")
    if "code" in query:
        await connection.close(int(query["code"]), query["reason"])
    else:
        await connection.close(None)


async def not_utf8(connection, _):
    await connection.send(b"\xc3\x28", text=True)
    await connection.wait_closed()


def subprotocol(_, offered):
    return "chat" if "chat" in offered else None


ROUTES = {"/echo": echo, "/fragments": fragments, "/ping": ping, "/close": close, "/not-utf8": not_utf8}


async def handle(connection):
    url = urlsplit(connection.request.path)
    try:
        await ROUTES[url.path](connection, dict(parse_qsl(url.query)))
    except ConnectionClosed:
        pass  # the record says how
    await connection.wait_closed()
    close = connection.protocol.close_rcvd
    print(f"closed {close.code:d} {close.reason}" if close else "closed without a Close", flush=True)


async def main():
    extensions = EXTENSIONS[sys.argv[1]]
    serving = serve(
        handle,
        "127.0.0.1",
        0,
        compression=None,
        extensions=extensions,
        select_subprotocol=subprotocol,
        max_size=None,
    )
    async with serving as server:
        print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        server.close(close_connections=False)


asyncio.run(main())
