"""Where the pages are."""

from django.urls import path, re_path
from django.views.i18n import JavaScriptCatalog

from chat import views

app_name = "chat"

urlpatterns = [
    path("", views.lobby, name="lobby"),
    path("rooms.json", views.rooms_json, name="rooms"),
    path("name/", views.name, name="name"),
    path("catalogue.js", JavaScriptCatalog.as_view(packages=["chat"]), name="catalogue"),
    path("chat/", views.choose, name="choose"),
    # Anything at all, so that what is no room gets a page that says so.
    re_path(r"^chat/(?P<room>[\s\S]*)/\Z", views.room, name="room"),
]
