"""The pages: the lobby, a room, and the two forms that lead there."""

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chat.live import identity
from chat.protocol import frames, names, rooms
from chat.sockets.lobby import rooms as shown


@require_safe
@never_cache
def lobby(request: HttpRequest) -> HttpResponse:
    """Show the way into a room, and the rooms that people are in."""
    return _lobby(request)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Send whoever typed a room's name there."""
    typed = request.GET.get("room", "").strip()
    if not typed:
        return redirect("chat:lobby")
    try:
        return redirect("chat:room", room=rooms.parse(typed))
    except rooms.InvalidRoom as error:
        return _lobby(request, status=400, room_typed=typed[:100], room_error=str(error))


@require_http_methods(["POST"])
def name(request: HttpRequest) -> HttpResponse:
    """Let a guest choose another name."""
    me = identity.of_request(request)
    typed = request.POST.get("name", "")
    if not me.account:
        try:
            request.session[identity.SESSION_KEY] = names.clean(typed)
        except names.InvalidName as error:
            return _lobby(request, status=400, name_typed=typed[:100], name_error=str(error))
    return redirect("chat:lobby")


@require_safe
@never_cache
def room(request: HttpRequest, room: str) -> HttpResponse:
    """Show a room, under the one spelling of its name."""
    try:
        name = rooms.parse(room)
    except rooms.InvalidRoom as error:
        # Not Http404: with DEBUG on, Django would show its own page instead of ours.
        return render(request, "chat/no_room.html", {"reason": str(error)}, status=404)
    if name != room:
        return redirect("chat:room", room=name)
    context = {
        "room": name,
        "me": identity.of_request(request),
        "message_max": frames.MAX_TEXT,
    }
    return render(request, "chat/room.html", context)


@require_safe
@never_cache
def rooms_json(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """Tell programs the rooms that people are in; the lobby's own socket is quicker."""
    try:
        return JsonResponse({"rooms": shown()})
    except DatabaseError:
        return JsonResponse({"error": "The database did not answer."}, status=503)


def _lobby(request: HttpRequest, status: int = 200, **more: str) -> HttpResponse:
    context = {
        "me": identity.of_request(request),
        "rooms": shown(),
    }
    return render(request, "chat/lobby.html", context | more, status=status)
