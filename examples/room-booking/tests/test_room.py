import pytest

from booking import Room, Slot, Taken


@pytest.fixture
def room():
    room = Room("small")
    room.book("9:00-10:00")
    return room


def test_book_before_another_meeting(room):
    room.book("8:00-9:00")
    assert room.minutes_booked() == 120


def test_book_right_after_another_meeting(room):
    room.book("10:00-11:00")
    assert room.minutes_booked() == 120


@pytest.mark.parametrize("time", ["9:00-10:00", "8:30-9:30", "9:30-10:30", "9:15-9:45", "8:00-11:00"])
def test_meetings_that_overlap_are_refused(room, time):
    with pytest.raises(Taken, match="09:00 to 10:00"):
        room.book(time)


def test_outside_opening_hours(room):
    with pytest.raises(ValueError, match="open from 08:00 to 18:00"):
        room.book("7:30-8:30")


def test_cancel_makes_room(room):
    room.cancel("9:00-10:00")
    assert room.free() == [Slot.parse("8:00-18:00")]


def test_free_times(room):
    room.book("11:00-12:00")
    assert [str(gap) for gap in room.free()] == [
        "08:00 to 09:00",
        "10:00 to 11:00",
        "12:00 to 18:00",
    ]


def test_slot_must_be_within_a_day():
    with pytest.raises(ValueError, match="not a slot"):
        Slot(600, 540)
