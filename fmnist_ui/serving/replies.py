"""What our own answers to a browser have in common: where the app lies, and how a whole body is sent."""

from starlette.types import Send
from streamlit import config


def under_base(path: str) -> str:
    """The address of a path of the app, "data" say, below the one under which a proxy has it."""
    base = (config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{path}" if base else f"/{path}"


async def send_whole(send: Send, body: bytes, headers: dict[str, str]) -> None:
    """headers: in lower case; the length is added."""
    told = headers | {"content-length": str(len(body))}
    encoded = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": 200, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
