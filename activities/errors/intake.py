"""What the intake refuses."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, NotFound


class NoSuchActivity(NotFound):
    """No activity has that id."""

    title = _("There is no activity with this id.")


class NotReported(Conflict):
    """The activity happened here: what it belongs to is undone, and it goes along."""

    code = "activity_not_reported"
    title = _("No other system reported this activity, so none can take it back.")
