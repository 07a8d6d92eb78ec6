"""Can a generated client hand in, find, report and read a refusal? `client.py FOLDER URL KEY`, in a venv of its own."""

import importlib
import pkgutil
import sys
import time
from typing import Any
from uuid import uuid4

ROUTING_SECONDS_MAX = 60.0


def main(folder: str, url: str, secret: str) -> None:
    sys.path.insert(0, folder)
    package = importlib.import_module("guichet_client")
    models = importlib.import_module("guichet_client.models")
    client = package.AuthenticatedClient(base_url=url, token=secret)

    def call(operation: str, **given: Any) -> Any:
        path = importlib.import_module("guichet_client.api").__path__
        names = [each.name for each in pkgutil.walk_packages(path, "guichet_client.api.") if operation in each.name]
        return importlib.import_module(names[0]).sync_detailed(client=client, **given)

    number = f"generated-{uuid4()}"
    place = models.PlaceGiven(municipality_code="VB01")
    body = models.RequestSubmitted(place=place, territory="val-de-brume", service="pothole", source_id=number)
    receipt = call("submit_request", body=body)
    assert receipt.status_code == 202, receipt
    end = time.monotonic() + ROUTING_SECONDS_MAX
    while (found := call("request_by_number", source_id=number).parsed).status == "accepted":
        assert time.monotonic() < end, found
        time.sleep(0.5)
    assert found.request_id == receipt.parsed.request_id
    report = models.Report(state=models.ReportState.STARTED, department=found.held_by)
    done = call("report_progress", request_id=found.request_id, body=report)
    assert (done.status_code, done.parsed.status) == (202, "started"), done
    incomplete = models.Report(state=models.ReportState.RESOLVED, department=found.held_by)
    refused = call("report_progress", request_id=found.request_id, body=incomplete)
    assert "outcome_code" in refused.parsed.detail, refused
    said = f"handed in, found by {number}, {done.parsed.status}; refused: {refused.parsed.detail}"
    print(f"{receipt.parsed.reference}: {said}")


if __name__ == "__main__":
    main(*sys.argv[1:])
