"""Do other people's tools get along with a running system? `make interop`; see README.md."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
HOME = Path(os.environ.get("GUICHET_HOME", ".guichet"))
TOOLS = ("schemathesis==4.32.5", "openapi-python-client==0.29.1")
KAFKAJS = "kafkajs@2.2.4"
# What the document names is all that may be answered. Left out: whether what fits the schema is taken at all, for a
# place outside every territory fits it and is refused (422, which is named), and whether it could be refused earlier.
NOT_CHECKED = "positive_data_acceptance,negative_data_rejection"
EXAMPLES_MAX = 25  # for each operation; half a minute in all
SCOPES = ("submit", "read", "progress", "triage", "operate")


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """What it wrote; its failure is ours."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main() -> None:
    system = json.loads((HOME / "system.json").read_text(encoding="utf-8"))
    url = f"http://127.0.0.1:{system['ports']['intake']}"
    name = f"interop-{os.getpid()}"
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    said = run(BIN / "guichet", "keys", "add", name, "--source", f"urn:interop:{os.getpid()}", *scopes)
    secret = next(word for word in said.split() if word.startswith("gk_"))
    try:
        with tempfile.TemporaryDirectory() as folder:
            try_all(Path(folder), url, secret, system["kafka"])
    finally:
        run(BIN / "guichet", "keys", "revoke", name)


def try_all(folder: Path, url: str, secret: str, bootstrap: str) -> None:
    run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, folder / "venv")
    tools = folder / "venv" / "bin"
    run(BIN / "uv", "pip", "install", "--quiet", "--python", tools / "python", *TOOLS)
    document = f"{url}/api/v1/openapi.json"
    output = folder / "guichet_client"
    run(tools / "openapi-python-client", "generate", "--url", document, "--meta", "none", "--output-path", output)
    print(run(tools / "python", HERE / "client.py", folder, url, secret).strip())
    key = ("--header", f"Authorization: Bearer {secret}")
    limits = ("--max-examples", str(EXAMPLES_MAX), "--exclude-checks", NOT_CHECKED)
    found = run(
        tools / "schemathesis", "run", document, *key, *limits, "--phases", "examples,coverage,fuzzing", cwd=folder
    )
    print(next(line.strip() for line in found.splitlines() if "generated, " in line))
    if shutil.which("npm"):
        shutil.copy(HERE / "read.mjs", folder)
        run("npm", "install", "--silent", "--no-audit", "--no-fund", KAFKAJS, cwd=folder)
        print(run("node", "read.mjs", cwd=folder, BOOTSTRAP=bootstrap).strip())


if __name__ == "__main__":
    main()
