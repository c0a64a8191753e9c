"""Where everything of the site is."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from chat.forms import SignIn
from chat.signup import SignUpView

urlpatterns = [
    path("", include("chat.urls")),
    path(
        "accounts/login/",
        LoginView.as_view(redirect_authenticated_user=True, authentication_form=SignIn),
        name="login",
    ),
    path("accounts/signup/", SignUpView.as_view(), name="signup"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    # Browsers ask for it on pages that name no icon, such as the admin's.
    path("favicon.ico", RedirectView.as_view(url=static("chat/favicon.svg"))),
]
