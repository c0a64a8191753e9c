"""Where the pages are."""

from django.urls import path

from chat import views

app_name = "chat"

urlpatterns = [
    path("", views.lobby, name="lobby"),
    path("rooms.json", views.rooms_json, name="rooms"),
    path("name/", views.name, name="name"),
    path("chat/", views.choose, name="choose"),
    path("chat/<path:room>/", views.room, name="room"),
]
