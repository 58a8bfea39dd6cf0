"""What the activities room refuses."""

from django.utils.translation import gettext_lazy as _

from kit.errors import NotFound


class NoSuchActivity(NotFound):
    """No activity has that id."""

    title = _("There is no activity with this id.")
