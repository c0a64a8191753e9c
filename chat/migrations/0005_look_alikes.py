"""Have names look like what they look like by Unicode's own list."""

from django.db import migrations

from chat.protocol import likeness


def reread(apps, schema_editor):
    Name = apps.get_model("chat", "Name")
    Name.objects.exclude(room="").delete()  # guests have theirs again as soon as they come in
    for row in Name.objects.order_by("pk"):
        like = likeness.of(row.name)
        # Of accounts that look alike now, the older one keeps it: guests can have neither.
        if not Name.objects.filter(room="", likeness=like).exists():
            Name.objects.filter(pk=row.pk).update(likeness=like)


class Migration(migrations.Migration):

    dependencies = [("chat", "0004_names_of_accounts")]

    operations = [migrations.RunPython(reread, migrations.RunPython.noop)]
