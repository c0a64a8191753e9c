"""Take the names of the accounts that are there already."""

from django.conf import settings
from django.db import migrations

from chat.protocol import likeness


def take(apps, schema_editor):
    app, model = settings.AUTH_USER_MODEL.split(".")
    User, Name = apps.get_model(app, model), apps.get_model("chat", "Name")
    names = User.objects.order_by("pk").values_list("pk", getattr(User, "USERNAME_FIELD", "username"))
    Name.objects.bulk_create(
        [
            Name(likeness=likeness.of(str(name)), name=str(name)[:150], person=f"account {key}")
            for key, name in names
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("chat", "0003_people_and_acts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(take, migrations.RunPython.noop)]
