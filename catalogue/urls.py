"""The addresses of the whole site: the cataloguing desk here, everything public in `search`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("desk/", admin.site.urls),
    path("", include("search.urls")),
]

handler400 = "search.problems.bad_request"
handler403 = "search.problems.forbidden"
handler404 = "search.problems.not_found"
handler500 = "search.problems.server_error"
