"""The language of an answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers


class RequestLanguageMiddleware:
    """Answer in the caller's language, and understand `zh_CN`, as mini-programs write it.

    Does what Django's LocaleMiddleware does where no path names a language, without asking the
    path of every request for one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        languages = request.META.get("HTTP_ACCEPT_LANGUAGE")
        if languages:
            request.META["HTTP_ACCEPT_LANGUAGE"] = languages.replace("_", "-")
        language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", translation.get_language())
        return response
