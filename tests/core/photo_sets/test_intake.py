"""Folders and archives that may be anything. Run: python -m pytest tests/core/photo_sets/test_intake.py"""

import io
import os
import stat
import zipfile

import pytest

from fmnist_core.photo_sets import intake
from fmnist_core.photo_sets.intake import PhotoSetError, open_source, open_zip
from tests.core.photo_sets.drawn_photos import photo, zipped

GOOD = {"trouser/1.png": photo()}


def taken(content: bytes, **how) -> tuple[list[str], dict[str, str]]:
    """Paths of what was read, and why others were left out."""
    with open_zip(content, **how) as source:
        read = [one.path for one, decoded in source.decoded() if decoded is not None]
    return read, {one.file: one.why for one in source.left_out}


def with_entry(change) -> bytes:
    """A good photo and an entry that `change` makes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("trouser/1.png", photo())
        change(archive)
    return file.getvalue()


def test_photos_belong_to_the_folder_they_lie_in_however_deep():
    files = {"trouser/1.png": photo(), "mine/Ankle boots/2.png": photo(), "mine/deep/trouser/3.png": photo()}
    assert taken(zipped(files)) == (["Ankle boots/2.png", "trouser/1.png", "trouser/3.png"], {})


def test_what_systems_leave_beside_photos_is_passed_over_in_silence():
    litter = {"__MACOSX/trouser/._1.png": b"x", "trouser/.DS_Store": b"x", "trouser/Thumbs.db": b"x"}
    assert taken(zipped(GOOD | litter)) == (["trouser/1.png"], {})


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("1.png", photo(), "lies in no folder"),
        ("../../etc/trouser/2.png", photo(), "none within the archive"),
        ("/trouser/2.png", photo(), "none within the archive"),
        ("C:/trouser/2.png", photo(), "none within the archive"),
        ("trouser/notes.txt", b"words", "no photo by its name"),
        ("trouser/more.zip", zipped(GOOD), "archive within is not opened"),
        ("trouser/2.png", zipped(GOOD), "ZIP archive"),
        ("trouser/2.png", photo()[:300], "cut short|whole|end"),
        ("trouser/2.png", b"", "empty"),
        ("trouser/2.png", b"<svg/>" * 50, "JPEG"),
    ],
)
def test_one_bad_file_gets_a_sentence_and_the_rest_goes_on(name, content, words):
    read, left_out = taken(zipped(GOOD | {name: content}))
    assert read == ["trouser/1.png"] and len(left_out) == 1
    (why,) = left_out.values()
    assert any(word in why for word in words.split("|")) and why.endswith("."), why


def test_a_link_is_not_followed():
    def link(archive):
        entry = zipfile.ZipInfo("trouser/2.png")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")

    read, left_out = taken(with_entry(link))
    assert read == ["trouser/1.png"] and "link" in left_out["trouser/2.png"]


def test_a_photo_that_unpacks_to_more_than_is_read_is_not_unpacked():
    bomb = zipped(GOOD | {"trouser/2.png": bytes(intake.MAX_BYTES + 1)})
    assert len(bomb) < 100_000
    read, left_out = taken(bomb)
    assert read == ["trouser/1.png"] and "up to 20 MB are read" in left_out["trouser/2.png"]


def test_an_entry_that_lies_about_its_size_is_cut_off():
    content = bytearray(zipped(GOOD | {"trouser/2.png": bytes(1_000_000)}))
    size = (1_000_000).to_bytes(4, "little")
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (100).to_bytes(4, "little")
    read, left_out = taken(bytes(content))
    assert read == ["trouser/1.png"] and "trouser/2.png" in left_out


def test_all_together_unpack_to_a_bounded_size(monkeypatch):
    monkeypatch.setattr(intake, "MOST_UNPACKED", len(photo()) * 2 + 10)
    read, left_out = taken(zipped({f"trouser/{number}.png": photo() for number in range(4)}))
    assert len(read) == 2 and all("no more is unpacked" in why for why in left_out.values()) and len(left_out) == 2


def test_entries_are_counted_before_anything_is_made_of_them(monkeypatch):
    monkeypatch.setattr(intake, "MOST_ENTRIES", 3)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(PhotoSetError, match="more than 3 entries"):
        taken(_many(4))


def _many(count: int) -> bytes:
    return b"PK\x01\x02" * count


def test_an_encrypted_entry_is_said_to_be():
    content = bytearray(zipped({"trouser/1.png": photo(), "trouser/2.png": photo(seed=1)}))
    at = content.rfind(b"PK\x01\x02")
    content[at + 8] |= 1
    read, left_out = taken(bytes(content))
    assert read == ["trouser/1.png"] and "password" in left_out["trouser/2.png"]


def test_a_way_of_packing_that_needs_memory_is_refused():
    read, left_out = taken(
        with_entry(lambda archive: archive.writestr("trouser/2.png", photo(), compress_type=zipfile.ZIP_LZMA))
    )
    assert read == ["trouser/1.png"] and "plain zip" in left_out["trouser/2.png"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not whole", b"hello", zipped(GOOD)[:-30]])
def test_what_is_no_zip_is_refused_with_a_sentence(content):
    with pytest.raises(PhotoSetError, match=r"no zip that can be opened .* Expected photos in folders"):
        taken(content)


def test_an_archive_without_a_photo_says_what_was_expected_and_what_is_wrong():
    with pytest.raises(PhotoSetError, match=r"no photo in a folder here.*trouser/1\.jpg.*readme\.txt"):
        taken(zipped({"readme.txt": b"x"}))


def test_a_name_is_made_harmless():
    read, _ = taken(zipped({f"trou\x1b[31mser{'x' * 200}/1.png": photo()}))
    folder = read[0].split("/")[0]
    assert "\x1b" not in folder and len(folder) <= intake.LONGEST_NAME


def test_where_there_are_too_many_each_folder_gives_as_many_as_it_can():
    files = {f"trouser/{number}.png": photo() for number in range(6)} | {"bag/1.png": photo("bag")}
    read, left_out = taken(zipped(files), most=4)
    assert read == ["bag/1.png", *(f"trouser/{number}.png" for number in range(3))]
    assert left_out == {"trouser": "3 of its 6 photos are left out: 4 photos fit, of each folder the first 3."}


def test_where_there_are_more_folders_than_photos_fit_the_last_ones_give_none():
    read, left_out = taken(zipped({f"{name}/1.png": photo() for name in ("bag", "coat", "dress")}), most=2)
    assert read == ["bag/1.png", "coat/1.png"]
    assert left_out == {"dress": "1 of its 1 photos are left out: 2 photos fit, of each folder the first 1."}


def test_more_folders_than_are_looked_at(monkeypatch):
    monkeypatch.setattr(intake, "MOST_FOLDERS", 1)
    read, left_out = taken(zipped({"a/1.png": photo(), "b/1.png": photo()}))
    assert read == ["a/1.png"] and "up to 1 folders" in left_out["b"]


def test_a_folder_of_this_machine(tmp_path):
    (tmp_path / "trouser").mkdir()
    (tmp_path / "trouser" / "1.png").write_bytes(photo())
    (tmp_path / "trouser" / "gone.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "trouser" / "round").symlink_to(tmp_path)
    (tmp_path / "README.md").write_text("not a photo")
    os.mkfifo(tmp_path / "trouser" / "pipe.png")
    with open_source(tmp_path) as source:
        read = [one.path for one, decoded in source.decoded() if decoded is not None]
    assert read == ["trouser/1.png"]
    told = {one.file: one.why for one in source.left_out}
    assert set(told) == {"trouser/gone.png", "trouser/round", "trouser/pipe.png", "README.md"}
    assert "pipe" in told["trouser/pipe.png"]


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(PhotoSetError, match="neither a folder nor a file"), open_source(tmp_path / "none.zip"):
        pass
