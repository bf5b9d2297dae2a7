"""Streamlit's websocket as somebody uses it who has no browser: any page, any field, any value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from socket import create_connection
from types import NoneType

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

#: What a field may be sent, and what the protocol calls it. None is a button that was pressed.
Value = str | bool | int | None
_KINDS = {str: "string_value", bool: "bool_value", int: "int_value", NoneType: "trigger_value"}


@dataclass
class Tab:
    """One open page.

    Parameters
    ----------
    socket : websockets.sync.client.ClientConnection
    """

    socket: ClientConnection

    def run(self, page: str = "", fields: Mapping[str, Value] | None = None) -> list[bytes]:
        """All that the server sends for one run of a page, with these values in its fields."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        for id, value in (fields or {}).items():
            state = asked.rerun_script.widget_states.widgets.add(id=id)
            setattr(state, _KINDS[type(value)], True if value is None else value)
        self.socket.send(asked.SerializeToString())
        answers = []
        while True:
            answers.append(self.socket.recv(timeout=60))
            if ForwardMsg.FromString(answers[-1]).WhichOneof("type") == "script_finished":
                return answers


@contextmanager
def opened(port: int, host: str, cookie: str) -> Iterator[Tab]:
    """A page over the websocket of the server that stands behind a proxy on this machine."""
    with connect(
        f"ws://{host}/_stcore/stream",
        sock=create_connection(("127.0.0.1", port)),
        origin=f"https://{host}",
        additional_headers={"Cookie": cookie},
        subprotocols=["streamlit"],
        max_size=None,
        proxy=None,
    ) as socket:
        yield Tab(socket)


def has_failed(answers: list[bytes]) -> bool:
    """Whether a run ended in an error, as when a field gets a value of a kind that it never has."""
    messages = map(ForwardMsg.FromString, answers)
    return any(message.delta.new_element.WhichOneof("type") == "exception" for message in messages)


def fields_in(answers: list[bytes]) -> set[str]:
    """Ids of the fields that a run drew."""
    return {
        text for one in answers for text in _texts(ForwardMsg.FromString(one)) if text.startswith("$$ID-")
    }


def _texts(message: Message) -> Iterator[str]:
    """Every text in a message, however deep."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING:
            yield from value if field.is_repeated else [value]
        elif field.type == field.TYPE_MESSAGE and not field.message_type.GetOptions().map_entry:
            for part in value if field.is_repeated else [value]:
                yield from _texts(part)


def pages_in(answers: list[bytes]) -> set[str]:
    """Pages that a run offered, by their addresses."""
    messages = map(ForwardMsg.FromString, answers)
    return {page.url_pathname for message in messages for page in message.navigation.app_pages}
