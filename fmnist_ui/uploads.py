"""What Streamlit keeps of uploaded files: less than it would.

It holds every file whole from its arrival until the session ends, and knows no limit but that of one file. What is
used here is no public interface of it (1.67): `MemoryUploadedFileManager`, as its own `st.chat_input` uses it.
"""

from typing import Any

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

MOST_AT_ONCE = 400 * 2**20  # bytes of a session's files that wait for a page to look at them
LEFT_OUT = b"\0left out\0"  # instead of a file that was too much
_BOUNDED = "bounded_by_us"


def bound() -> None:
    """From now on a session's files are `LEFT_OUT` where they would be more than `MOST_AT_ONCE`."""
    if hasattr(MemoryUploadedFileManager, _BOUNDED):
        return
    add = MemoryUploadedFileManager.add_file

    def add_if_there_is_room(self: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec) -> None:
        held = sum(len(other.data) for other in list(self.file_storage.get(session_id, {}).values()))
        add(self, session_id, file if held + len(file.data) <= MOST_AT_ONCE else file._replace(data=LEFT_OUT))

    MemoryUploadedFileManager.add_file = add_if_there_is_room  # type: ignore[method-assign]
    setattr(MemoryUploadedFileManager, _BOUNDED, True)


def content_of(file: Any) -> bytes:
    """What an uploader's file holds. Raises ValueError where it was too much beside what else was uploaded."""
    content: bytes = file.getvalue()
    if content == LEFT_OUT:
        raise ValueError(
            f"With the other files of this tab that would be more than {MOST_AT_ONCE // 2**20} MB, so it was left "
            "out. Reload the page, and upload it alone."
        )
    return content


def replace(file: Any, content: bytes) -> None:
    """From now on an uploader's file holds these bytes instead, and nobody holds those that it held."""
    if file.getvalue() == content:
        return
    file.seek(0)
    file.truncate()
    file.write(content)
    file.seek(0)
    found = _manager()
    if found is not None:
        manager, session_id = found
        manager.remove_file(session_id, file.file_id)
        manager.add_file(session_id, UploadedFileRec(file.file_id, file.name, file.type, content))


def remove(file_id: str) -> None:
    found = _manager()
    if found is not None:
        found[0].remove_file(found[1], file_id)


def _manager() -> tuple[MemoryUploadedFileManager, str] | None:
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return None
    return context.uploaded_file_mgr, context.session_id
