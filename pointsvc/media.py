"""Pictures that operators uploaded, served by the service itself."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

FOR_GOOD = "public, max-age=31536000, immutable"
"""A file's name is drawn anew for each picture, so what is kept never grows old."""


@require_safe
def show(_request: HttpRequest, file: str) -> FileResponse:
    """Stream a picture. The route takes no other names than those the service gives."""
    try:
        content = default_storage.open(file)
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(
        content,
        content_type="image/webp",
        headers={"Cache-Control": FOR_GOOD, "X-Content-Type-Options": "nosniff"},
    )
