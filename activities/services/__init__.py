"""What the activities room does."""

from activities.services.attendance_lists import (
    Listed,
    ListedResult,
    attend_by_list,
    rehearse_list,
)
from activities.services.attendances import (
    Taken,
    attend,
    attend_by_scan,
    void_attendance,
)
from activities.services.bookings import (
    Booked,
    book,
    cancel_booking,
    leave_events,
    move_offers,
)
from activities.services.check_in_reversal import (
    revoke_check_in,
)
from activities.services.check_ins import (
    check_in,
    check_in_all,
    check_in_together,
)
from activities.services.closing import (
    Closed,
    close_events,
)
from activities.services.comments import (
    accept_answer,
    delete_comment,
    remove_comment,
    withdraw_answer,
    write_comment,
)
from activities.services.erasure import (
    forget_member,
)
from activities.services.events import (
    EventDetails,
    cancel_event,
    change_event,
    create_event,
    publish_event,
)
from activities.services.freezes import (
    buy_freeze,
    choose_freezes,
    close_days,
    grant_item,
)
from activities.services.intake import (
    ActivityIn,
    ItemResult,
    Refused,
    intake,
)
from activities.services.likes import (
    like_post,
    unlike_post,
)
from activities.services.makeups import (
    make_up,
)
from activities.services.posts import (
    delete_post,
    edit_post,
    remove_post,
    write_post,
)
from activities.services.record import (
    AlreadyRecorded,
    own_id,
    record,
    take_back,
)
from activities.services.reversal import (
    Reversed,
    reverse_activity,
)
from activities.services.reviews import (
    Overdue,
    claim_posts,
    decide_overdue,
    decide_post,
    feature_post,
    undo_review,
)
from activities.services.series import (
    Made,
    SeriesDetails,
    make_ahead,
    save_series,
)
from activities.services.together import (
    intake_together,
)

__all__ = [
    "ActivityIn",
    "AlreadyRecorded",
    "Booked",
    "Closed",
    "EventDetails",
    "ItemResult",
    "Listed",
    "ListedResult",
    "Made",
    "Overdue",
    "Refused",
    "Reversed",
    "SeriesDetails",
    "Taken",
    "accept_answer",
    "attend",
    "attend_by_list",
    "attend_by_scan",
    "book",
    "buy_freeze",
    "cancel_booking",
    "cancel_event",
    "change_event",
    "check_in",
    "check_in_all",
    "check_in_together",
    "choose_freezes",
    "claim_posts",
    "close_days",
    "close_events",
    "create_event",
    "decide_overdue",
    "decide_post",
    "delete_comment",
    "delete_post",
    "edit_post",
    "feature_post",
    "forget_member",
    "grant_item",
    "intake",
    "intake_together",
    "leave_events",
    "like_post",
    "make_ahead",
    "make_up",
    "move_offers",
    "own_id",
    "publish_event",
    "record",
    "rehearse_list",
    "remove_comment",
    "remove_post",
    "reverse_activity",
    "revoke_check_in",
    "save_series",
    "take_back",
    "undo_review",
    "unlike_post",
    "void_attendance",
    "withdraw_answer",
    "write_comment",
    "write_post",
]
