"""Ranges: many in one request, cut at the end of the file, whatever the service makes of them."""

import contextlib
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_fs_bridge import errors
from cygnet_fs_bridge.client.caller import Caller
from cygnet_fs_bridge.client.content import ContentReader, merged, split_multipart
from cygnet_fs_bridge.credentials import Anonymous

from .scripted import Answer, ScriptedTransport, told

spans = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple)


def reader(*answers):
    transport = ScriptedTransport(*answers)
    return transport, ContentReader(Caller(transport, Anonymous(), 0))


def serve(data, form):
    """Answer as a server that knows several ranges, only one, or none."""

    def answer(request):
        asked = [(int(a), int(b) + 1) for a, b in re.findall(r"(\d+)-(\d+)", request.headers["Range"])]
        inside = [(a, min(b, len(data))) for a, b in asked if a < len(data)]
        if form == "none" or (form == "one" and len(inside) > 1):
            return Answer(200, data)
        if not inside:
            return told(416, "range-not-satisfiable")
        ranges = [f"bytes {a}-{b - 1}/{len(data)}" for a, b in inside]
        if len(inside) == 1:
            return Answer(206, data[slice(*inside[0])], {"Content-Range": ranges[0]})
        parts = [
            b"--sep\r\ncontent-type: x/y\r\nContent-Range: "
            + told.encode()
            + b"\r\n\r\n"
            + data[a:b]
            + b"\r\n"
            for (a, b), told in zip(inside, ranges, strict=True)
        ]
        body = b"\r\n" + b"".join(parts) + b"--sep--\r\n"
        return Answer(206, body, {"Content-Type": 'multipart/byteranges; boundary="sep"'})

    return answer


@given(
    st.binary(min_size=1, max_size=50), st.lists(spans, max_size=8), st.sampled_from(["many", "one", "none"])
)
async def test_each_range_is_what_the_file_has_there(data, wanted, form):
    _, contents = reader(serve(data, form))
    assert await contents.ranges("/a", wanted) == [data[start:end] for start, end in wanted]


@given(st.lists(spans, max_size=8).map(sorted))
def test_merged_ranges_cover_the_same_bytes_and_do_not_touch(wanted):
    result = merged(wanted)
    assert {i for a, b in result for i in range(a, b)} == {i for a, b in wanted for i in range(a, b)}
    assert all(first[1] < second[0] for first, second in itertools.pairwise(result))


async def test_many_ranges_are_one_request():
    transport, contents = reader(serve(bytes(range(200)), "many"))
    await contents.ranges("/a", [(i * 10, i * 10 + 3) for i in range(20)])
    assert len(transport.requests) == 1


async def test_another_version_is_noticed_also_by_its_etag_alone():
    _, contents = reader(Answer(206, b"xy", {"Content-Range": "bytes 0-1/9", "ETag": '"new"'}))
    with pytest.raises(errors.Changed):
        await contents.range("/a", 0, 2, etag="old")


CUT = {"Content-Type": "multipart/byteranges; boundary=s"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(206, b"x", {"Content-Range": "bytes 0-1/9"}),
        Answer(206, b"xy", {}),
        Answer(206, b"", {"Content-Type": "multipart/byteranges"}),
        Answer(206, b"--s\r\nContent-Range: bytes 0-1/9\r\n\r\nx", CUT),
        Answer(206, b"--s\r\nfoo", CUT),
        Answer(206, b"--s\r\na: b\r\n\r\nxy", CUT),
    ],
)  # fmt: skip
async def test_a_cut_answer_is_an_error(answer):
    _, contents = reader(answer)
    with pytest.raises(errors.Unavailable):
        await contents.ranges("/a", [(0, 2)])


@given(st.binary(max_size=200))
def test_any_bytes_are_parts_or_refused(body):
    with contextlib.suppress(ValueError):
        split_multipart("multipart/byteranges; boundary=s", b"--s" + body)


async def test_contents_of_a_folder_are_refused_by_name():
    _, contents = reader(told(405, "method-not-allowed"))
    with pytest.raises(IsADirectoryError):
        await contents.whole("/a")
