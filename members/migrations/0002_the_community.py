"""The community's row: there is always one."""

from typing import Any

from django.db import migrations


def make_community(apps: Any, _editor: Any) -> None:
    apps.get_model("members", "Community").objects.get_or_create(
        id=1, defaults={"name": "Community"}
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [migrations.RunPython(make_community, migrations.RunPython.noop)]
