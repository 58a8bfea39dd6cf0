"""A person at a browser, who notices whatever is wrong with a page."""

import re
from collections.abc import Callable, Container
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import ConsoleMessage, Page, Request, Response

SCREENSHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LANGUAGES = {"zh-hans": "zh-CN", "en": "en-US"}
"""Of the pages, and what a browser calls them."""

ENGLISH = re.compile(r"(?<![-.\w])(?=([A-Za-z’']{2,}[,;:]? [A-Za-z’']{2,})(?![-.\w]))")
"""Two words in a row: more than a name or codes such as `weekly-posts`."""


def phrases(text: str) -> list[str]:
    """Return each two English words in a row, wherever the text is cut: a word is in two."""
    return ENGLISH.findall(text)


TOLD = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} keeps out ${event.blockedURI}`));
"""


class Visit:
    """One person's visit. `faults` collects what pages did wrong; `leave` fails if there is any."""

    def __init__(self, page: Page, *, host: str, language: str) -> None:
        self.page, self.host, self.language = page, host, language
        self.faults: list[str] = []
        page.add_init_script(TOLD)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._blame(f"error: {error}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def open(self, path: str) -> Page:
        """Open the page at the path, loaded to its end, and look at its language."""
        self.page.goto(f"{self.host}{path}", wait_until="load")
        self.look()
        return self.page

    def follow(self, act: Callable[[], object]) -> None:
        """Do what leads to another page, loaded to its end, and look at it."""
        with self.page.expect_navigation(wait_until="load"):
            act()
        self.look()

    def look(self) -> None:
        """Note the page's faults that can be seen: its language, and what juts out sideways."""
        if (spoken := self.page.locator("html").get_attribute("lang")) != self.language:
            self._blame(f"the page speaks {spoken}")
        width = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if width > 0:
            self._blame(f"the page is {width} pixels too wide")

    def log_in(self, *, name: str, password: str) -> None:
        """Log in as an operator, from the page that asks for it."""
        self.open("/admin/")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", password)
        self.follow(lambda: self.page.click("[type=submit]"))

    def read(self, *, names: Container[str]) -> None:
        """Note English sentences on a Chinese page; `names` are of people and things."""
        if self.language != "en":
            for line in self.lines():
                if any(found not in names for found in phrases(line)):
                    self._blame(f"English: {line}")

    def lines(self) -> list[str]:
        """Return what the page says, line by line."""
        text = self.page.locator("body").inner_text()
        return [line.strip() for line in text.splitlines() if line.strip()]

    def shoot(self, name: str) -> None:
        """Keep a picture of what is to be seen, as `name` and the language."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.{self.language}.png")

    def leave(self) -> None:
        """End the visit. Raises AssertionError with all faults."""
        self.page.context.close()
        if self.faults:
            raise AssertionError("\n".join(self.faults))

    def _blame(self, fault: str) -> None:
        self.faults.append(f"{urlsplit(self.page.url).path}: {fault}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._blame(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.host, "data:", "blob:")):
            self._blame(f"asks {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._blame(f"{response.status} for {response.url}")
