"""A page that somebody rates on in Chromium."""

from __future__ import annotations

from pathlib import Path

from tests.offline import Opened


class Rating(Opened):
    """A page that somebody rates on."""

    def begin(self, rater: str) -> None:
        self.page.keyboard.type(rater)
        self.page.keyboard.press("Enter")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def texts(self) -> tuple[str, str]:
        return self.page.locator("#left").text_content(), self.page.locator("#right").text_content()

    def told(self) -> str:
        return str(self.page.locator("#told").inner_text())

    def save(self, folder: Path, button: str = "#save") -> Path:
        with self.page.expect_download() as waited:
            self.page.click(button)
        path = folder / str(waited.value.suggested_filename)
        waited.value.save_as(path)
        return path

    def close(self) -> None:
        """Nothing was logged, kept, or asked for but the file, and no text of the data was run."""
        assert self.page.evaluate("window.PWNED") is None
        assert self.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert self.logged == []
        assert [url for url in self.asked if not url.startswith(("file:", "blob:"))] == []
        assert len([url for url in self.asked if url.startswith("file:")]) == 1
        self.page.close(run_before_unload=False)
        self.context.close()
