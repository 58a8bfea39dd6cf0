"""The language of an answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class RequestLanguageMiddleware:
    """Understand `zh_CN`, as mini-programs write it, for Django's `zh-CN`.

    Stands before LocaleMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        languages = request.META.get("HTTP_ACCEPT_LANGUAGE")
        if languages:
            request.META["HTTP_ACCEPT_LANGUAGE"] = languages.replace("_", "-")
        return self.get_response(request)
