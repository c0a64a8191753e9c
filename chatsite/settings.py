"""Django's settings: safe for production when SECRET_KEY is set, ready to try when it is not."""

import warnings
from pathlib import Path

from chat.protocol.events import BROADCAST
from chatsite import environment, secret

BASE_DIR = Path(__file__).resolve().parent.parent

# ---------------------------------------------------------------- development or production

# Whoever sets a key means business; without one this is somebody's first look.
DEBUG = environment.flag("DEBUG", default=not secret.is_given())
SECRET_KEY = secret.secret_key(debug=DEBUG)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")  # empty with DEBUG: localhost only
CSRF_TRUSTED_ORIGINS = environment.origins("CSRF_TRUSTED_ORIGINS")

# HTTPS=0 is for a site without TLS on a network that is trusted: cookies go in the clear.
HTTPS = environment.flag("HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", default=0)
if environment.flag("TRUST_PROXY", default=False):
    # Only behind a proxy that sets this header itself: anybody else could forge it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS is a promise for a whole domain: its owner makes it, by HSTS_SECONDS
    "security.W005",  # … and for its subdomains too
    "security.W008",  # the proxy that ends TLS redirects; here it would loop behind a silent one
    "security.W021",  # … as is being on the browsers' preload list
]

# ---------------------------------------------------------------- the application

INSTALLED_APPS = [
    "daphne",  # first: its runserver speaks WebSocket and must win over Django's
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "chat",
    "chatops",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Serves the static files of production; in development runserver is faster to see a change.
    *([] if DEBUG else ["whitenoise.middleware.WhiteNoiseMiddleware"]),
    "chatsite.sessions.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]
ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["chat.tries.Bounded"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "chat:lobby"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Of Django's languages those that the chat is translated to: half a page helps nobody.
LANGUAGES = [(code, code) for code in environment.words("LANGUAGES") or ["en"]]
LANGUAGE_CODE = LANGUAGES[0][0]
TIME_ZONE = "UTC"
USE_TZ = True

# Everything comes from this site, and nothing is inline: markup that slips in cannot run.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # data: is for the admin's own icons
        "font-src": ["'self'"],
        "connect-src": ["'self'"],  # also the WebSocket, in browsers of 2022 and later
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# ---------------------------------------------------------------- files, database, layer

STATIC_URL = "static/"
# Straight from the apps, revalidated by the browser: no collectstatic that can be forgotten,
# and no old module beside a new one.
WHITENOISE_USE_FINDERS = True
# Under ASGI Django reads WhiteNoise's small files whole instead of in pieces, which is as well.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")

# The default thread of Django's async views is another one for each request, so connections
# are not kept (CONN_MAX_AGE stays 0), as Django's own documentation advises.
DATABASES = {
    "default": environment.database("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/db.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHATOPS: dict[str, object] = {
    "ROOM_GROUP": "chat.protocol.rooms.groups",
    "BROADCAST_EVENT": BROADCAST,
    "ROSTER": "chat.roster.people",
}
CHAT_RECEIPT = "chatops.consumers.receipt"  # what makes `chatops broadcast --ack` work here

_redis_url = environment.redis_url()
EMBEDDED_BROKER = _redis_url is None
if _redis_url is None:
    from chatsite import broker

    _redis_url = broker.url()  # computes only; the ASGI application starts it
    CHATOPS["PREPARE_LAYER"] = "chatsite.broker.prepare"

_backends = {
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
    "core": "channels_redis.core.RedisChannelLayer",
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": _backends[environment.choice("CHANNEL_LAYER", ["pubsub", "core"])],
        "CONFIG": {
            "hosts": [
                {
                    "address": _redis_url,
                    # redis-py 8 gives up after 5 s of silence, while the core layer listens for
                    # 5 s at a time: every idle process would die (channels_redis issue 422).
                    "socket_timeout": None,
                    # The layers were written for RESP2; redis-py 8 would speak RESP3.
                    "protocol": 2,
                    # redis-py 8 stops at 100, which a burst of joins on core is past.
                    "max_connections": 10_000,
                }
            ]
        },
    }
}

# ---------------------------------------------------------------- the chat

CHAT_KEEP_DAYS = environment.number("CHAT_KEEP_DAYS", default=0)  # 0: for ever
CHAT_BURST = environment.number("CHAT_BURST", default=20)
CHAT_PER_SECOND = environment.number("CHAT_PER_SECOND", default=5)
CHAT_SOCKETS = environment.number("CHAT_SOCKETS", default=500)  # of one address; 0: no bound
CHAT_PROXIES = environment.number("CHAT_PROXIES", default=0)  # whose X-Forwarded-For is believed

# ---------------------------------------------------------------- log

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "null": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # A stranger's wrong Host header is no fault of the site, and worth no traceback.
        "django.security.DisallowedHost": {"handlers": ["null"], "propagate": False},
        "channels_redis.core": {"level": "INFO"},  # INFO is where it says that messages were lost
    },
}
