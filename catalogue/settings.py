"""The settings of the Django project. All come from the environment (see README, Settings); each has a good default."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy

from catalogue import database, secret
from catalogue.environment import Environment, host_of

BASE_DIR = Path(__file__).resolve().parent.parent
environment = Environment()

# Everything that a machine makes: database, index, uploads, documents, secret key.
VAR_DIR = environment.folder("VAR_DIR", BASE_DIR / "var")
INDEX_DIR = VAR_DIR / "index"
UPLOAD_DIR = VAR_DIR / "uploads"
DOCUMENT_DIR = VAR_DIR / "documents"

DEBUG = environment.switch("DEBUG", default=False)
SECRET_KEY = environment.text("SECRET_KEY", "") or secret.kept_key(VAR_DIR / "secret_key")

# The address under which the public reaches the catalogue. With https, everything that can be is made secure.
SITE_URL = environment.site_address("SITE_URL")
SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = environment.hosts(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", *([host_of(SITE_URL)] if SITE_URL else [])]
)
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
HOST = environment.text("HOST", "127.0.0.1")
PORT = environment.number("PORT", 8000, lowest=1, highest=65535)
WEB_WORKERS = environment.number("WEB_WORKERS", 2, lowest=1, highest=64)
WEB_THREADS = environment.number("WEB_THREADS", 4, lowest=1, highest=64)

LIBRARY_NAME = environment.text("LIBRARY_NAME", "Greyshelf")
LIBRARY_DESCRIPTION = environment.text("LIBRARY_DESCRIPTION", "")
SHELF_NUMBER_PATTERN = environment.shelf_pattern("SHELF_NUMBER_PATTERN")
DOCUMENT_MEGABYTES = environment.number("DOCUMENT_MEGABYTES", 50, lowest=1, highest=2000)
TIME_ZONE = environment.time_zone("TIME_ZONE", "UTC")
LANGUAGE_CODE = environment.choice("LANGUAGE", "en", ("en",))
USE_TZ = True
USE_I18N = True

INSTALLED_APPS = [
    # Before the admin, whose templates it replaces.
    "catalogue.apps.Catalogue",
    "catalogue.apps.AdminSite",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "search.apps.Search",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "catalogue.middleware.content_security_policy",
    "catalogue.middleware.database_errors",
    "search.problems.index_errors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "catalogue.urls"
WSGI_APPLICATION = "catalogue.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOCALE_PATHS = [BASE_DIR / "catalogue" / "locale"]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalogue.context.library",
            ]
        },
    }
]

# How the catalogue's own pages reach the search, which the catalogue must not import: a dotted name.
RECORD_SEARCH = "search.desk.record_numbers"
RECORD_SEARCH_ALL = "search.desk.all_record_numbers"
RECORD_SEARCH_FOUND = "search.desk_selection.found"
RECORD_SEARCH_FINISH = "search.index.finish"
# What the public will see of a Draft: as a card for the desk, and as a page.
RECORD_CARD = "search.preview.card"
RECORD_PREVIEW = "search.preview.page"
# Pages that others add to the cataloguing desk: address, dotted name of the view, title, the right to see it.
DESK_PAGES = [
    ("batch", "search.desk_selection.show", gettext_lazy("Change many records"), "catalogue.change_record"),
    ("searches", "search.counts_page.show", gettext_lazy("What people search for"), "catalogue.view_record"),
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "catalogue.database",
        **database.connection_settings(environment.text("DATABASE_URL", ""), VAR_DIR),
        # A connection that the server has dropped is noticed and replaced before it is used.
        "CONN_HEALTH_CHECKS": True,
    }
}
# One connection for every thread that serves pages, one for the thread that keeps the index, one to spare.
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": WEB_THREADS + 2, "timeout": 10}

# The queue of jobs (catalogue/jobs).
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["catalogue.jobs.tasks"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
CSRF_FAILURE_VIEW = "search.problems.csrf_failure"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

if SECURE:
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # Browsers' built-in lists are joined by an application to their keepers, not by a default of ours.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 3600
# A record with many authors has four fields for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}, "psycopg.pool": {"level": "ERROR"}},
}
