"""How a class finds a room: its code, a QR code and the address, large enough for the last row."""

import base64
import html
from urllib.parse import urlsplit

import streamlit as st

from fmnist_core.room import addresses, rooms
from fmnist_core.room.rooms import Room
from fmnist_ui.room import watching

_ALONE = ("localhost", "127.0.0.1", "::1")
ONLY_HERE = (
    "This app answers its own machine alone, so no other device can join. Start it with `make run ADDRESS=0.0.0.0`, or "
    "`streamlit run app.py --server.address 0.0.0.0`; then the address stands here."
)


def address_of(code: str) -> str | None:
    """Where pupils join: as the teacher's browser reached the app, or this machine's address in the local network.

    None where no other machine reaches it.
    """
    url = urlsplit(st.context.url or "")
    host = url.hostname or ""
    base = st.get_option("server.baseUrlPath").strip("/")
    path = f"{'/' + base if base else ''}/join?room={code}"
    if host and host not in _ALONE:
        return f"{url.scheme}://{url.netloc}{path}"
    listens = str(st.get_option("server.address") or "")
    local = addresses.local_addresses()
    if listens in _ALONE or not local:
        return None
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme or 'http'}://{local[0]}{port}{path}"


def lobby(room: Room) -> None:
    """What a class sees that is to join."""
    address = address_of(room.code)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        if address:
            short = html.escape(address.split("//", 1)[1].split("?", 1)[0])
            st.html(f'<p class="room-line">Open <b>{short}</b><br>and type</p>')
        st.html(f'<p class="room-code" aria-label="The code of this room">{room.code}</p>')
        if address is None:
            st.warning(ONLY_HERE, icon=":material/lan:")
        _count(room)
    with right:
        if address:
            st.html(f'<div class="room-qr">{_as_image(addresses.qr_svg(address))}</div>')


def _as_image(svg: str) -> str:
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="A QR code with the address of this room" src="data:image/svg+xml;base64,{data}">'


def _count(room: Room) -> None:
    @st.fragment(run_every=watching.EVERY)
    def count() -> None:
        now = rooms.peek(room.code)
        here = now.pupils if now else 0
        st.markdown(f"**{here}** {'is' if here == 1 else 'are'} here")

    count()
