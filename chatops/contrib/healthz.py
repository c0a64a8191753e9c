"""A view for load balancers and Kubernetes, that tells whether the channel layer is healthy.

>>> from chatops.contrib.healthz import healthz
>>> urlpatterns = [path("healthz", healthz)]  # doctest: +SKIP
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from chatops.contrib.pulse import pulse

_SAFE = ("GET", "HEAD")


@login_not_required
async def healthz(request: HttpRequest, layer: str = "default") -> HttpResponse:
    """Answer 200 where the layer is healthy, else 503, with the findings by their ids.

    Another layer is named in the URLconf: `path("healthz", healthz, {"layer": "other"})`.
    """
    if request.method not in _SAFE:
        return HttpResponseNotAllowed(_SAFE)
    health = await pulse(layer).health()
    body = {"status": health.status, "layer": health.layer, "findings": health.findings}
    headers = {"Cache-Control": "no-store"}
    return JsonResponse(body, status=200 if health.healthy else 503, headers=headers)
