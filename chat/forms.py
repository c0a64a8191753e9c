"""The forms of accounts."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm
from django.db import Error, IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat import tries
from chat.live import identity
from chat.protocol import events, names
from chat.records import accounts, claims

if TYPE_CHECKING:
    Creation = UserCreationForm[Any]
else:
    Creation = UserCreationForm

TAKEN = _("This name is taken, or looks like one that is; please choose another one.")
AWAY = _("The chat is briefly unavailable; please try again in a moment.")


class SignIn(AuthenticationForm):
    """Django's own, which says so where there were too many tries."""

    error_messages = {  # noqa: RUF012 - as in Django
        **AuthenticationForm.error_messages,
        "invalid_login": _("That name and password do not belong together."),
    }

    def clean(self) -> dict[str, Any]:
        """Check the name and the password."""
        if self.request is not None:
            tries.check_sign_in(self.request, self.cleaned_data.get("username"))
        try:
            return super().clean()
        except forms.ValidationError:
            if self.request is not None:
                tries.check_tried(self.request)
            raise


class SignUp(Creation):
    """Django's own, for a name that nobody could take for somebody else's."""

    class Meta(UserCreationForm.Meta):
        """For whatever the user model is."""

        model = get_user_model()
        fields = (model.USERNAME_FIELD,)
        labels: ClassVar = {model.USERNAME_FIELD: _("Name")}
        # Django's own speaks of rules that are not ours.
        help_texts: ClassVar = {model.USERNAME_FIELD: ""}

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["password2"].help_text = ""

    def clean_username(self) -> str:
        """Return the one spelling of the name."""
        try:
            name = names.clean(self.cleaned_data["username"])
        except names.InvalidName as error:
            raise forms.ValidationError(str(error)) from None
        if not self._is_free(name):
            raise forms.ValidationError(TAKEN)
        return name

    def clean(self) -> dict[str, Any]:
        """Check what is about the whole form."""
        tries.check_sign_up(self.request)
        return super().clean() or {}

    def save(self, commit: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - Django's signature
        """Make the account; raises `ValidationError` where that cannot be."""
        try:
            with tries.sign_up(self.request):
                user = super().save(commit=False)  # hashes the password: nobody waits for that
                if commit:
                    self._write(user)
        except IntegrityError:
            raise forms.ValidationError(TAKEN) from None
        except Error:
            raise forms.ValidationError(AWAY) from None
        return user

    def _write(self, user: Any) -> None:  # noqa: ANN401 - whatever the user model is
        with transaction.atomic():
            free = self._is_free(user.get_username())
            user.save()
            if not free or not accounts.has_its_name(user):
                raise forms.ValidationError(TAKEN)  # somebody was faster

    def _is_free(self, name: str) -> bool:
        person = identity.person_of(self.request.user, self.request.session)
        return claims.free(name, events.author_of(person) if person else None)
