"""A visitor's browser without the browser: speaks Streamlit's protocol, opens a run and polls like the page does."""

import asyncio
import threading

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

POLL_SECONDS = 1.0


async def poll(url: str, run_id: str, stop: threading.Event) -> int:
    """Opens the Train page of a run and re-runs its live fragment every second until `stop`; returns the polls."""
    polls = 0
    async with websockets.connect(url, subprotocols=["streamlit"], max_size=None) as socket:
        fragment = await _run(socket, run_id, "")
        while not stop.is_set():
            await asyncio.sleep(POLL_SECONDS)
            if fragment:
                await _run(socket, run_id, fragment)
                polls += 1
    return polls


async def _run(socket: websockets.ClientConnection, run_id: str, fragment: str) -> str:
    """Asks for one script run and reads its answer; returns the fragment that wants to be run again."""
    message = BackMsg()
    message.rerun_script.query_string = f"run={run_id}"
    message.rerun_script.page_name = "train"
    if fragment:
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = True
    await socket.send(message.SerializeToString())
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(await socket.recv())
        kind = answer.WhichOneof("type")
        if kind == "auto_rerun":
            fragment = answer.auto_rerun.fragment_id
        if kind == "script_finished":
            return fragment
