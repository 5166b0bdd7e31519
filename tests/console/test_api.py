"""The API keeps to its own description, whatever it is sent, and nobody is let in without a token."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

pytestmark = pytest.mark.servers


EXAMPLES = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


def test_nothing_that_is_sent_breaks_it(served):
    headers = {"Authorization": f"Bearer {served.token}"}
    described = schemathesis.openapi.from_url(f"{served.url}/api/openapi.json", headers=headers)
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 18
    with httpx.Client() as client:
        for operation in operations:
            keeps_to(operation, client, served.url, headers)


def keeps_to(operation, client: httpx.Client, url: str, headers: dict[str, str]) -> None:
    """Examples of one operation, sent."""

    @EXAMPLES
    @given(case=operation.as_strategy())
    def send(case):
        # By httpx: its own transport trips over the urllib3 that caldav's client brings.
        asked = case.as_transport_kwargs(base_url=url, headers=headers)
        asked.pop("cookies", None)
        case.validate_response(client.request(**asked), checks=CHECKS)

    send()


def test_every_path_that_is_described_refuses_strangers(served):
    headers = {"Authorization": f"Bearer {served.token}"}
    described = httpx.get(f"{served.url}/api/openapi.json", headers=headers).json()
    assert described["paths"]
    for path, operations in described["paths"].items():
        for method in operations:
            place = path.format(call_id="x", label="x", key="x", name="x", version=1)
            answer = httpx.request(method, served.url + place)
            assert answer.status_code == 401, (method, path)
