"""The settings of the Django project. All come from the environment (see README, Settings); each has a good default."""

from datetime import timedelta
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
# From these addresses X-Forwarded-For is believed, as gunicorn believes X-Forwarded-Proto.
FORWARDED_ALLOW_IPS = environment.proxies("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
WEB_WORKERS = environment.number("WEB_WORKERS", 2, lowest=1, highest=64)
WEB_THREADS = environment.number("WEB_THREADS", 4, lowest=1, highest=64)

LIBRARY_NAME = environment.text("LIBRARY_NAME", "Greyshelf")
LIBRARY_DESCRIPTION = environment.text("LIBRARY_DESCRIPTION", "")
SHELF_NUMBER_PATTERN = environment.shelf_pattern("SHELF_NUMBER_PATTERN")
DOCUMENT_MEGABYTES = environment.number("DOCUMENT_MEGABYTES", 50, lowest=1, highest=2000)
LOOKUP_DOI = environment.service("LOOKUP_DOI", "doi", "https://doi.org/{doi}")
LOOKUP_ISBN = environment.service(
    "LOOKUP_ISBN",
    "isbn",
    "https://sru.k10plus.de/opac-de-627?version=1.1&operation=searchRetrieve&query=pica.isb%3D{isbn}"
    "&maximumRecords=1&recordSchema=marcxml",
)
LINK_CHECK = environment.switch("LINK_CHECK", default=False)
LINK_CHECK_NETWORKS = environment.networks("LINK_CHECK_NETWORKS")
LINK_CHECK_A_NIGHT = environment.number("LINK_CHECK_A_NIGHT", 2000, lowest=1, highest=100_000)
TIME_ZONE = environment.time_zone("TIME_ZONE", "UTC")
# The languages that the whole interface speaks, whatever a browser asks for: Django's own sentences alone would make
# half a page Arabic, and turn all of it round. Once there is a second one, LocaleMiddleware chooses.
LANGUAGES = [("en", "English")]
LANGUAGE_CODE = environment.choice("LANGUAGE", "en", tuple(code for code, _name in LANGUAGES))
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
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "search.apps.Search",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "catalogue.middleware.content_security_policy",
    "catalogue.middleware.asked_again",
    "catalogue.middleware.database_errors",
    "search.problems.index_errors",
    "django.contrib.sessions.middleware.SessionMiddleware",
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
RECORD_SEARCH_PRUNE = "search.horizon.prune"
# What the public will see of a Draft: as a card for the desk, and as a page.
RECORD_CARD = "search.preview.card"
RECORD_OLD_CARD = "search.preview.old_card"
RECORD_PREVIEW = "search.preview.page"
# Pages that others add to the cataloguing desk: address, dotted name of the view, title, the right to see it.
DESK_PAGES = [
    ("batch", "search.desk_selection.show", gettext_lazy("Change many records"), "catalogue.change_record"),
    ("figures", "catalogue.admin.figures.show", gettext_lazy("Figures"), "catalogue.view_record"),
    ("searches", "search.counts_page.show", gettext_lazy("What people search for"), "catalogue.view_record"),
]
# What the page of figures counts, in its order: dotted names of providers (see catalogue/figures/base.py).
FIGURES = [
    "catalogue.figures.collection.figures",
    "catalogue.figures.links.figures",
    "catalogue.figures.desk.documents",
    "catalogue.figures.desk.headings",
    "catalogue.figures.desk.imports",
    "search.figures.figures",
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "catalogue.database",
        **database.connection_settings(environment.text("DATABASE_URL", ""), VAR_DIR),
        # A connection that the server has dropped is noticed and replaced before it is used.
        "CONN_HEALTH_CHECKS": True,
    }
}
# One connection for every thread that serves pages, one for the thread that keeps the index, one to spare. The worker
# has fewer threads, but each of its three jobs may have a second connection, for its signs of life.
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": max(WEB_THREADS, 6) + 2, "timeout": 10}

# The queue of jobs (catalogue/jobs).
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["catalogue.jobs.tasks", "catalogue.linkcheck.tasks"]

AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}
AUTH_PASSWORD_VALIDATORS.append({"NAME": "catalogue.people.sessions.SignsOut"})
LOGIN_URL = "admin:login"
SESSION_ENGINE = "catalogue.people.session_store"

# Failed attempts to sign in are counted by django-axes (catalogue/people/throttle.py).
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_HANDLER = "catalogue.people.throttle.Attempts"
AXES_CLIENT_IP_CALLABLE = "catalogue.people.addresses.network"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
# A lock ends in its time, however often somebody knocks meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# The form says itself that it is locked, so that axes needs no middleware.
SILENCED_SYSTEM_CHECKS = ["axes.W002"]
OTP_TOTP_ISSUER = LIBRARY_NAME
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
    SILENCED_SYSTEM_CHECKS.append("security.W021")
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
    "loggers": {
        "django.request": {"level": "ERROR"},
        "psycopg.pool": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
        "urllib3": {"level": "ERROR"},
    },
}
