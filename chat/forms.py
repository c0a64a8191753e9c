"""The forms of accounts."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from chat import claims, events, identity, names, tries

if TYPE_CHECKING:
    Creation = UserCreationForm[Any]
else:
    Creation = UserCreationForm

TAKEN = "This name is taken, or looks like one that is; please choose another one."


class SignIn(AuthenticationForm):
    """Django's own, which says so where there were too many tries."""

    error_messages = {  # noqa: RUF012 - as in Django
        **AuthenticationForm.error_messages,
        "invalid_login": "That name and password do not belong together.",
    }

    def clean(self) -> dict[str, Any]:
        """Check the name and the password."""
        if self.request is not None:
            tries.check_sign_in(self.request, self.cleaned_data.get("username"))
        return super().clean()


class SignUp(Creation):
    """Django's own, for a name that nobody could take for somebody else's."""

    class Meta(UserCreationForm.Meta):
        """For whatever the user model is."""

        model = get_user_model()
        fields = (model.USERNAME_FIELD,)
        labels: ClassVar = {model.USERNAME_FIELD: "Name"}

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_username(self) -> str:
        """Return the one spelling of the name."""
        try:
            name = names.clean(self.cleaned_data["username"])
        except names.InvalidName as error:
            raise forms.ValidationError(str(error)) from None
        person = identity.person_of(self.request.user, self.request.session)
        if not claims.free(name, events.author_of(person) if person else None):
            raise forms.ValidationError(TAKEN)
        return name

    def clean(self) -> dict[str, Any]:
        """Check what is about the whole form."""
        tries.check_sign_up(self.request)
        return super().clean() or {}

    def save(self, commit: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - Django's signature
        """Make the account; raises `ValidationError` where somebody was faster."""
        try:
            with transaction.atomic():
                user = super().save(commit)
        except IntegrityError:
            raise forms.ValidationError(TAKEN) from None
        tries.signed_up(self.request)
        return user
