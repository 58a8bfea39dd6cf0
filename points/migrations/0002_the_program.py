"""The program's row: there is always one."""

from typing import Any

from django.db import migrations


def make_program(apps: Any, _editor: Any) -> None:
    apps.get_model("points", "Program").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("points", "0001_initial")]
    operations = [migrations.RunPython(make_program, migrations.RunPython.noop)]
