"""Does a program that will not start say why, and nothing of its earlier lives?"""

import sys
import time
from pathlib import Path

from libs.operate.kept import EXIT_WRONG_SETTINGS, Kept
from libs.operate.programs import Program
from libs.operate.system import Home

SCRIPT = "import sys; print('{\"event\": \"settings\"}'); print('PORT is wrong: mend it', file=sys.stderr); sys.exit(2)"


def test_a_program_with_a_wrong_setting_is_quoted_with_its_sentence_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.logs.mkdir()
    home.log("intake").write_text("{}\nwords of an earlier life\n" * 20)
    kept = Kept(Program("intake", (sys.executable, "-c", SCRIPT), "http://127.0.0.1:9/"), home, {})
    kept.start()
    while kept.pid is not None:
        time.sleep(0.01)
    assert kept._process is not None
    assert kept._process.returncode == EXIT_WRONG_SETTINGS
    assert kept.last_words() == "PORT is wrong: mend it"
