"""The service's settings. Everything that differs between machines comes from the environment."""

import logging
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from pointsvc import description, env, logs
from pointsvc.embedded import address

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()

# `make run` sets DEMO: a demo community, a demo operator, a secret key kept in var/.
DEMO = env.boolean("DEMO", default=False)
DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "pointsvc",
    "activities",
    "rewards",
    "voting",
    "points",
    "members",
    "kit",
    "unfold",
    "unfold.contrib.filters",
    "pointsvc.apps.PagesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "rest_framework",
]
ROOT_URLCONF = "pointsvc.urls"
WSGI_APPLICATION = "pointsvc.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

# --- Database -----------------------------------------------------------------------------------
# Connections each process keeps; 0 is no pool. wsgi.py asks for as many as there are threads and
# some to spare: with fewer, threads wait for one another, and `pool: True` would mean four.
DATABASE_POOL = env.integer("DATABASE_POOL", 0)
STATEMENT_TIMEOUT_MS = env.integer("STATEMENT_TIMEOUT_MS", 0)
LOCK_TIMEOUT_MS = env.integer("LOCK_TIMEOUT_MS", 2000)


def _database() -> dict[str, Any]:
    settings: dict[str, Any] = env.database(
        env.text("DATABASE_URL") or address.database_url(VAR_DIR)
    )
    settings["OPTIONS"] |= {
        "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS} "
        "-c idle_in_transaction_session_timeout=10000 "
        # The hot statements take arrays: planning them anew for each costs more than running them.
        "-c plan_cache_mode=force_generic_plan",
        # Parameters travel apart from the text, so the few hot statements are planned once.
        "server_side_binding": True,
        "prepare_threshold": 3,
    }
    # A server that falls silent is given up, not waited for.
    for option, value in {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
    }.items():
        settings["OPTIONS"].setdefault(option, value)
    if DATABASE_POOL:
        settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 5}
        settings["CONN_HEALTH_CHECKS"] = True
    return settings


DATABASES = {"default": _database()}
MIGRATION_LINTER_OVERRIDE_MAKEMIGRATIONS = False
PGTRIGGER_MIGRATIONS = True

CACHE_URL = env.text("CACHE_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if CACHE_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "pointsvc_cache",
    }
}

# --- Celery -------------------------------------------------------------------------------------
BROKER_URL = env.text("BROKER_URL")
# A message is a nudge: rows and sweeps carry the work. So a broker that is away costs a request
# at most a moment, and one that forgets costs nothing.
CELERY_BROKER_URL = BROKER_URL or "filesystem://localhost//"
CELERY_BROKER_TRANSPORT = None if BROKER_URL else "pointsvc.broker:Transport"
QUEUE_FOLDERS = () if BROKER_URL else (VAR_DIR / "queue", VAR_DIR / "queue-control")
# How long a broker waits for a worker's word before it hands a task out again. Longer than any
# task may run, and the same in all three places that know it.
VISIBILITY_TIMEOUT = 3600
CELERY_VISIBILITY_TIMEOUT = VISIBILITY_TIMEOUT
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": VISIBILITY_TIMEOUT}
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": VISIBILITY_TIMEOUT} | (
    {"socket_connect_timeout": 1, "socket_timeout": 1.5, "max_retries": 0}
    if BROKER_URL
    else {
        "data_folder_in": str(VAR_DIR / "queue"),
        "data_folder_out": str(VAR_DIR / "queue"),
        "control_folder": str(VAR_DIR / "queue-control"),
        "polling_interval": 0.1,
    }
)
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.integer("WORKER_CONCURRENCY", 2, least=1)
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(BROKER_URL)
# Seconds that web and worker have to finish what they began when told to stop.
GRACE_SECONDS = env.integer("GRACE_SECONDS", 25, least=1)
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = GRACE_SECONDS
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
# One minute's tick; rows decide what is due, and after a lease another worker goes on with it.
JOBS: tuple[str, ...] = ("pointsvc.timetable.JOBS",)
JOB_LEASE_SECONDS = 45
CELERY_BEAT_SCHEDULE = {"every minute": {"task": "pointsvc.tasks.tick", "schedule": crontab()}}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- Program ------------------------------------------------------------------------------------
# Settings of rooms above the points that belong into the program file.
PROGRAM_SECTIONS: tuple[str, ...] = (
    "activities.program_file.SECTIONS",
    "rewards.program_file.SECTIONS",
    "voting.program_file.SECTIONS",
)
# What these rooms keep in rows of their own and belongs into the file all the same.
PROGRAM_LISTS: tuple[str, ...] = ("rewards.services.PROGRAM_LISTS",)

# --- Awards -------------------------------------------------------------------------------------
# Rooms of one floor do not know each other: what the vote asks of others is named here.
AWARD_HELPED = "activities.selectors.members_helped"
AWARD_GRANT = "rewards.services.grant_prize"
AWARD_REVOKE = "rewards.services.revoke_grant"

# --- Rewards ------------------------------------------------------------------------------------
# What codes and addresses are sealed with: long texts, with commas, the newest first. Older ones
# still open what they sealed. Without any it is the secret key.
VAULT_SECRETS = env.words("VAULT_SECRETS")

# --- Logs ---------------------------------------------------------------------------------------
LOGGING = logs.configure(
    level=env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    style=env.choice("LOG_STYLE", "json", ("json", "console")),
)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# One line a request, when it is answered.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG

# --- Words and time -----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Pages --------------------------------------------------------------------------------------
MIDDLEWARE = [
    "pointsvc.health.HealthMiddleware",
    "pointsvc.metrics.MetricsMiddleware",
    "pointsvc.pages.ContentSecurityMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pointsvc.requests.RequestMiddleware",
    "pointsvc.pages.SessionMiddleware",
    "kit.api.RequestLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "pointsvc.pages.AuthenticationMiddleware",
    "pointsvc.pages.MessageMiddleware",
    "pointsvc.pages.LocalTimeMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
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
UNFOLD = {
    "SITE_TITLE": "pointsvc",
    "SITE_HEADER": "pointsvc",
    "SITE_SUBHEADER": "pointsvc.console.community_name",
    "SITE_URL": None,
    "SITE_SYMBOL": "stars",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "pointsvc.console.icon"}],
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "pointsvc.overview.overview",
    "SIDEBAR": {"navigation": "pointsvc.console.sidebar"},
}
STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
# Pages name files by their content alone; only who looks for a fault asks for a source map.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media")))
MEDIA_URL = "media/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "members.authentication.SessionAuthentication",
        "members.authentication.ApiKeyAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["kit.api.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["kit.api.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kit.api.negotiation.JsonNegotiation",
    "DEFAULT_RENDERER_CLASSES": ["kit.api.negotiation.JsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "kit.api.problems.handle_exception",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = description.SETTINGS

# --- Other services -----------------------------------------------------------------------------
# Mini-programs whose members log in here, `appid:secret`, with commas.
WECHAT_APPS = env.pairs("WECHAT_APPS")
WECHAT_BASE_URL = env.address("WECHAT_BASE_URL", "https://api.weixin.qq.com")
# Private addresses that the service may call, `host:port`, with commas: a company's proxy.
OUTGOING_ALLOW = env.places("OUTGOING_ALLOW")

# --- Safety -------------------------------------------------------------------------------------
HTTPS = env.boolean("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if env.boolean("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_AGE = 8 * 60 * 60
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "kit.api.problems.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

if not SECRET_KEY and (DEMO or not env.text("DATABASE_URL")):
    SECRET_KEY = address.secret_key(VAR_DIR)
if not SECRET_KEY:
    message = "SECRET_KEY: not set; any long random text will do"
    raise ImproperlyConfigured(message)
