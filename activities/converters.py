"""How an activity's id stands in a path."""

from django.urls.converters import StringConverter


class ActivityIdConverter(StringConverter):
    """`<activity_id:id>`: what the intake takes as an id, or one of our own with its `~`."""

    regex = r"(?:~|[A-Za-z0-9])[A-Za-z0-9._:~@+=-]{0,127}"
