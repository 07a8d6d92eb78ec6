"""Is there a browser to look at the pages with? Without one its tests are not collected, and the run says so."""

import pytest

from tests.browsers import MISSING, find_browser, is_required

collect_ignore = [] if find_browser() else ["test_counter_in_a_browser.py", "test_desk_in_a_browser.py"]

if collect_ignore and is_required():
    raise pytest.UsageError(f"GUICHET_BROWSER_REQUIRED is set, but {MISSING}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if collect_ignore:
        terminalreporter.write_line(f"Note: {MISSING}.", yellow=True)
