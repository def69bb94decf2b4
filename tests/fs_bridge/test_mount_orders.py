"""Answers, events and invalidations come in every order; in the end the mount shows what is there."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from cygnet_fs_bridge.errors import ServiceError, Unavailable
from cygnet_fs_bridge.transport import NeverSent
from tests.fs_bridge.held import World


@pytest.fixture
def make(tmp_path):
    made = []

    def build(**files):
        made.append(World(tmp_path / str(len(made)), **files))
        return made[-1]

    yield build
    for world in made:
        world.close()


def shows_what_is_there(world):
    world.calm()
    assert world.seen() == world.there()
    return True


def test_an_answer_to_a_save_comes_after_the_event_of_a_later_change(make):
    """A laptop's save follows that of the notebook at once, and its event overtakes the notebook's answer."""
    world = make(a=b"old")
    assert world.run(world.kernel.read("/a")) == b"old"
    saving = world.start(world.kernel.write("/a", b"mine", sync=True))
    world.do()
    world.service.others("put", "/a", b"theirs again")
    world.tell()
    world.reply()
    assert saving.done()
    assert shows_what_is_there(world)
    assert world.run(world.kernel.read("/a")) == b"theirs again"


def test_an_answer_to_a_batch_comes_after_the_event_of_a_later_change(make):
    world = make(a=b"old", b=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.write("/a", b"mine"))
    world.start(world.kernel.write("/b", b"mine"))
    world.loop.later(0.06)
    world.do()
    world.service.others("put", "/b", b"theirs")
    world.tell()
    world.reply()
    assert shows_what_is_there(world)


def test_a_file_is_removed_elsewhere_before_the_answer_to_its_save(make):
    world = make(a=b"old")
    world.run(world.kernel.read("/a"))
    world.start(world.kernel.write("/a", b"mine", sync=True))
    world.do()
    world.service.others("delete", "/a")
    world.tell()
    world.reply()
    assert shows_what_is_there(world)
    assert world.seen() == {}


def test_a_listing_that_is_older_than_an_event_is_not_believed(make):
    world = make(a=b"old")
    world.run(world.kernel.read("/a"))
    world.service.others("put", "/b", b"another")
    world.tell()
    listing = world.start(world.kernel.listdir("/"))
    world.do()  # the service lists the folder, and then the file changes
    world.service.others("put", "/a", b"changed")
    world.tell()
    world.reply()
    world.answer_all()
    assert listing.result() == ["a", "b"]
    assert shows_what_is_there(world)


def test_a_stat_that_is_older_than_a_change_is_not_believed(make):
    world = make(a=b"old")
    world.run(world.kernel.read("/a"))
    world.service.others("props", "/a", 5.0)
    world.tell()
    while world.hear():
        pass
    asking = world.start(world.kernel.stat("/a"))
    world.do()
    world.service.others("put", "/a", b"changed", 7.0)
    world.tell()
    world.reply()
    assert asking.result().lifetime == 0, "the kernel was told to keep it"
    assert shows_what_is_there(world)


def test_whoever_asks_after_an_event_does_not_get_an_answer_from_before_it(make):
    world = make(a=b"old")
    first = world.start(world.kernel.listdir("/"))
    world.do()
    world.service.others("delete", "/a")
    world.tell()
    second = world.start(world.kernel.listdir("/"))
    world.reply()
    while not second.done():
        world.answer_all()
    assert (second.result(), first.done()) == ([], True)


def test_an_event_of_the_same_version_is_no_reason_to_believe_an_older_answer(make):
    """Two ask at the same time; the older answer comes last, behind an event that told nothing new."""
    world = make(a=b"old")
    world.run(world.kernel.listdir("/"))
    world.service.others("props", "/a", 5.0)
    world.tell()
    world.service.others("put", "/b", b"another")
    world.tell()
    while world.hear():
        pass
    world.start(world.kernel.listdir("/"))  # asks for the folder
    world.do()
    world.service.others("put", "/a", b"new")
    world.start(world.kernel.stat("/a"))  # asks for the file
    world.do()
    world.reply(1)
    world.tell()  # its etag is what is known already
    world.reply()
    assert shows_what_is_there(world)


def test_time_stamps_that_others_set_are_seen(make):
    world = make(a=b"old")
    world.run(world.kernel.stat("/a"))
    world.service.others("props", "/a", 5.0)
    assert shows_what_is_there(world)


def test_a_rename_is_overtaken_by_a_change_at_the_new_path(make):
    world = make(a=b"old")
    world.run(world.kernel.read("/a"))
    world.start(world.kernel.rename("/a", "/b"))
    world.do()
    world.service.others("put", "/b", b"changed")
    world.tell()
    world.reply()
    assert shows_what_is_there(world)


def test_a_rename_of_a_folder_is_overtaken_by_a_change_in_it(make):
    world = make()
    world.service.make("/d")
    world.service.put("/d/x", b"old")
    assert world.seen() == world.there()
    world.start(world.kernel.rename("/d", "/e"))
    world.do()
    world.service.others("put", "/e/x", b"changed")
    world.service.others("put", "/e/y", b"new")
    world.tell()
    world.tell()
    world.reply()
    assert shows_what_is_there(world)


@pytest.mark.parametrize("call", ["rename", "unlink", "utime", "mkdir"])
def test_a_call_whose_answer_is_lost_leaves_nothing_that_is_believed(make, tmp_path, call):
    world = World(tmp_path / "w", "close", a=b"old")
    try:
        world.run(world.kernel.read("/a"))
        arguments = {"rename": ("/a", "/b"), "unlink": ("/a",), "utime": ("/a", 5.0), "mkdir": ("/d",)}
        calling = world.start(getattr(world.kernel, call)(*arguments[call]))
        world.do()
        world.reply(lost=True)
        assert isinstance(calling.exception(), OSError)
        assert shows_what_is_there(world)
    finally:
        world.close()


def test_something_new_comes_into_a_folder_before_the_answer_that_made_it(make, tmp_path):
    world = World(tmp_path / "w", "close")
    try:
        world.run(world.kernel.listdir("/"))
        world.start(world.kernel.mkdir("/d"))
        world.do()
        world.service.others("put", "/d/x", b"theirs")
        world.tell()
        world.reply()
        assert shows_what_is_there(world)
    finally:
        world.close()


def test_a_name_that_was_removed_here_comes_back_before_that_is_answered(make):
    world = make(a=b"old", b=b"stays")
    world.run(world.kernel.read("/a"))
    world.start(world.kernel.unlink("/a"))
    world.loop.later(0.06)
    world.do()
    world.service.others("put", "/a", b"theirs")
    world.tell()
    while world.hear():
        pass
    listing = world.start(world.kernel.listdir("/"))
    world.do()
    world.reply(1)  # what was asked last is answered first
    assert listing.result() == ["b"]
    world.reply()
    assert shows_what_is_there(world)


def test_a_late_event_of_a_removal_does_not_take_a_new_file_of_ours(make):
    world = make(a=b"old")
    world.service.others("delete", "/a")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.write("/a", b"mine"))
    world.tell()
    assert shows_what_is_there(world)
    assert world.there()["/a"][0] == b"mine"
    assert list(world.there()) == ["/a"]


def test_a_late_event_of_a_move_does_not_move_a_new_file_of_ours(make):
    world = make(a=b"old")
    world.service.others("move", "/a", "/b")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.write("/a", b"mine"))
    world.tell()
    assert shows_what_is_there(world)
    assert {path: data for path, (data, _) in world.there().items()} == {"/a": b"mine", "/b": b"old"}


def test_a_file_that_is_renamed_while_it_waits_overwrites_nobody(make):
    world = make(a=b"old")
    world.run(world.kernel.read("/a"))
    world.run(world.kernel.write("/a", b"mine"))
    world.service.others("put", "/a", b"theirs")
    world.run(world.kernel.rename("/a", "/b"))
    world.calm()
    assert {b"theirs", b"mine"} <= {data for data, _ in world.there().values()}
    assert shows_what_is_there(world)


def test_a_listing_from_before_a_removal_was_done_is_not_believed(make):
    world = make(a=b"old", b=b"stays")
    world.run(world.kernel.read("/a"))
    world.start(world.kernel.unlink("/a"))
    world.service.others("put", "/c", b"theirs")
    world.tell()
    while world.hear():
        pass
    listing = world.start(world.kernel.listdir("/"))
    world.do()  # it is still there
    world.loop.later(0.06)
    world.do()
    world.reply(1)
    world.reply()
    world.answer_all()
    assert listing.result() == ["b", "c"]
    assert shows_what_is_there(world)


@pytest.mark.timeout(60)
def test_who_comes_to_wait_when_removals_are_just_done_does_not_stop_the_mount(make):
    world = make(a=b"old", b=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.unlink("/a"))
    world.loop.later(0.06)
    world.do()
    world.start(world.kernel.unlink("/b"))  # while that of the other is under way
    world.service.reply()
    waiting = world.start(world.outbox.removals.sent())
    assert shows_what_is_there(world)
    assert waiting.done()


@pytest.mark.parametrize("came", ["answer", "done and lost", "lost", "never sent"])
def test_a_folder_is_removed_while_it_is_being_made(make, came):
    """It is gone at once, and at the service when that cannot make it any more."""
    world = make(a=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.mkdir("/d"))
    [making] = world.service.asked
    removing = world.start(world.kernel.rmdir("/d"))
    assert removing.done()
    assert removing.exception() is None
    assert world.run(world.kernel.listdir("/")) == ["a"]
    world.loop.later(0.06)
    assert (world.service.asked, world.outbox.left) == ([making], 1)
    if came in ("answer", "done and lost"):
        world.do()
        world.reply(lost=came == "done and lost")
    else:
        world.service.asked.clear()
        making.answer.set_exception((NeverSent if came == "never sent" else Unavailable)("away"))
        world.loop.settle()
    assert [one.what for one in world.service.asked] == ([] if came == "never sent" else ["delete /d"])
    assert shows_what_is_there(world)
    assert list(world.there()) == ["/a"]


def test_a_folder_whose_making_was_not_answered_is_removed_at_the_service_too(make):
    world = make(a=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.mkdir("/d"))
    world.do()
    world.reply(lost=True)
    world.start(world.kernel.rmdir("/d"))
    assert "/d" in world.there()
    assert shows_what_is_there(world)
    assert list(world.there()) == ["/a"]


@pytest.mark.timeout(60)
def test_a_folder_is_made_anew_while_its_removal_waits_for_the_first(make):
    world = make(a=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.mkdir("/d"))
    world.start(world.kernel.rmdir("/d"))
    world.start(world.kernel.mkdir("/d"))
    world.start(world.kernel.write("/d/x", b"mine"))
    world.loop.later(0.06)
    assert shows_what_is_there(world)
    assert list(world.there()) == ["/a", "/d", "/d/x"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("lost", [True, False])
def test_a_folder_that_waits_to_be_made_behind_a_removal_is_removed(make, lost):
    world = make(a=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.mkdir("/d"))
    world.start(world.kernel.rmdir("/d"))
    world.start(world.kernel.mkdir("/d"))
    world.loop.later(0.06)
    assert world.start(world.kernel.rmdir("/d")).done()
    world.do()
    world.reply(lost=lost)
    assert shows_what_is_there(world)
    assert list(world.there()) == ["/a"]


def test_after_a_gap_in_the_feed_an_answer_under_way_is_not_believed(make):
    world = make(a=b"old")
    world.run(world.kernel.read("/a"))
    world.start(world.kernel.write("/a", b"mine", sync=True))
    world.do()
    world.service.others("put", "/a", b"theirs")
    world.service.connect_anew()
    world.loop.settle()
    world.reply()
    assert shows_what_is_there(world)


def test_a_name_that_came_back_with_an_answer_is_doubted_with_its_folder(make):
    """Our save is done and then removed by another, which a listing told before the answer came."""
    world = make(a=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.write("/a", b"mine", sync=True))
    world.do()
    world.service.others("delete", "/a")
    world.tell()
    while world.hear():
        pass
    world.start(world.kernel.listdir("/"))
    world.do()
    world.reply()
    world.reply()
    assert shows_what_is_there(world)
    assert world.seen() == {}


def test_contents_that_a_rename_put_beside_are_not_shown_in_place_of_what_is_there(make):
    """An answer is lost, then the file is written again: what the service has seems to be another's."""
    world = make(a=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.write("/a", b"mine", sync=True))
    world.do()
    world.reply(lost=True)
    world.start(world.kernel.write("/a", b"mine again"))
    renaming = world.start(world.kernel.rename("/a", "/b"))
    assert shows_what_is_there(world)
    assert isinstance(renaming.exception(), OSError)
    assert {data for data, _ in world.seen().values()} == {b"mine", b"mine again"}


def test_a_file_is_cut_while_it_is_being_saved(make):
    """Nobody has it open: when the save is through, the mount would give its contents up."""
    world = make(a=b"old")
    world.run(world.kernel.listdir("/"))
    world.start(world.kernel.write("/a", b"mine", sync=True))
    cutting = world.start(world.kernel.truncate("/a", 2))
    world.do()
    world.reply()
    assert shows_what_is_there(world)
    assert cutting.exception() is None
    assert [data for data, _ in world.seen().values()] == [b"mi"]


def test_a_file_is_made_in_a_folder_that_is_being_removed(make):
    """Both look the folder up together."""
    world = make()
    world.service.others("mkdir", "/d")
    world.start(world.kernel.listdir("/"))
    removing = world.start(world.kernel.rmdir("/d"))
    making = world.start(world.kernel.write("/d/x", b"mine"))
    world.start(world.kernel.stat("/d/x"))
    assert shows_what_is_there(world)
    assert sum(one.exception() is not None for one in (removing, making)) == 1


PLACES = st.sampled_from(["/a", "/b", "/d", "/d/x", "/d/y", "/e"])
FILES = st.sampled_from(["/a", "/b", "/d/x", "/d/y"])


class Orders(RuleBasedStateMachine):
    """Programs, others, the service, the network and the kernel each go a step, in any order."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name), a=b"first")
        self.turn = 0

    @property
    def service(self):
        return self.world.service

    def data(self, whose):
        self.turn += 1
        return f"{whose} {self.turn}".encode().ljust(10 + self.turn % 7, b".")

    # Programs

    @rule(path=PLACES, call=st.sampled_from(["stat", "read", "listdir", "unlink", "mkdir", "rmdir"]))
    def program_calls(self, path, call):
        self.world.start(getattr(self.world.kernel, call)(path))

    @rule()
    def program_lists_the_top(self):
        self.world.start(self.world.kernel.listdir("/"))

    @rule(path=FILES, sync=st.booleans())
    def program_writes(self, path, sync):
        self.world.start(self.world.kernel.write(path, self.data("ours"), sync))

    @rule(path=PLACES, other=PLACES)
    def program_renames(self, path, other):
        if not (other + "/").startswith(path + "/"):
            self.world.start(self.world.kernel.rename(path, other))

    @rule(path=FILES)
    def program_sets_the_time(self, path):
        self.turn += 1
        self.world.start(self.world.kernel.utime(path, float(self.turn)))

    # Others

    def others(self, op, path, *more, late=True):
        with contextlib.suppress(ServiceError, IndexError):
            self.service.others(op, path, *more, late=late)

    @rule(path=FILES, late=st.booleans())
    def others_put(self, path, late):
        self.others("put", path, self.data("theirs"), late=late)

    @rule(path=PLACES, op=st.sampled_from(["delete", "mkdir"]))
    def others_remove_and_make(self, path, op):
        self.others(op, path)

    @rule(path=PLACES, other=PLACES, late=st.booleans())
    def others_move(self, path, other, late):
        if path != other:
            self.others("move", path, other, late=late)

    @rule(path=FILES)
    def others_set_the_time(self, path):
        self.turn += 1
        self.others("props", path, float(self.turn))

    # What is between them

    @precondition(lambda self: self.service.asked)
    @rule(data=st.data())
    def the_service_does_something(self, data):
        self.world.do(data.draw(st.integers(0, len(self.service.asked) - 1)))

    @precondition(lambda self: self.service.done)
    @rule(data=st.data(), lost=st.sampled_from([False, False, False, True]))
    def an_answer_comes(self, data, lost):
        self.world.reply(data.draw(st.integers(0, len(self.service.done) - 1)), lost)

    @precondition(lambda self: self.service.events)
    @rule()
    def an_event_comes(self):
        self.world.tell()

    @rule()
    def the_feed_begins_anew(self):
        self.service.connect_anew()
        self.world.loop.settle()

    @precondition(lambda self: self.world.kernel.told)
    @rule()
    def the_kernel_forgets(self):
        self.world.hear()

    @rule(seconds=st.sampled_from([0.06, 1.1]))
    def time_passes(self, seconds):
        self.world.loop.later(seconds)

    def teardown(self):
        """Everything that is under way happens; then nobody sees anything but what the service has."""
        try:
            self.world.calm()
            assert self.world.seen() == self.world.there()
        finally:
            self.world.close()
            self.folder.cleanup()


TestOrders = Orders.TestCase
IN_STORM = settings.get_current_profile_name() == "storm"
# Each run of all tests tries the same orders; a storm tries many random ones.
TestOrders.settings = settings(
    max_examples=2000 if IN_STORM else 60,
    stateful_step_count=30,
    derandomize=not IN_STORM,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
