"""The WSGI application, for any WSGI server: `gunicorn catalogue.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalogue.settings")

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - all that pages need is loaded now, and not by whoever asks for the first

# What the program itself consists of is not looked through for garbage with every page, and pages make so much that is
# gone at once that looking after each 700 new things costs a tenth of their time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 10)
