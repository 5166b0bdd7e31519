"""The API keeps to its own description, whatever it is sent, and nobody is let in without a token."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

pytestmark = pytest.mark.servers


@pytest.fixture
def described(served):
    headers = {"Authorization": f"Bearer {served.token}"}
    return schemathesis.openapi.from_url(f"{served.url}/api/openapi.json", headers=headers)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_that_is_sent_breaks_it(case, served):
    case.call_and_validate(
        headers={"Authorization": f"Bearer {served.token}"},
        checks=[not_a_server_error, content_type_conformance, response_schema_conformance],
    )


def test_every_path_that_is_described_refuses_strangers(served):
    headers = {"Authorization": f"Bearer {served.token}"}
    described = httpx.get(f"{served.url}/api/openapi.json", headers=headers).json()
    assert described["paths"]
    for path, operations in described["paths"].items():
        for method in operations:
            answer = httpx.request(method, served.url + path.format(call_id="x", label="x", key="x"))
            assert answer.status_code == 401, (method, path)
