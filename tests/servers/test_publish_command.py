"""``voicegw dialplan publish`` and its companions, as a person runs them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicegw.commands.dialplan import command
from voicegw.errors import SetupError

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
WHOLE = (ROOT / "dialplans" / "acme-orders.yaml").read_text()
CONVERSATIONS = WHOLE[WHOLE.index("\ntests:\n") :].split("\n  - name: ")
ACME = "\n  - name: ".join((WHOLE[: WHOLE.index("\ntests:\n")] + CONVERSATIONS[0], CONVERSATIONS[1], CONVERSATIONS[-1]))
"""With two of its conversations, since all that are there are run at each publishing."""
GREETING = "Hi, this is Acme."


class Admin:
    """Somebody with a folder of dialplans and a terminal."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "acme.yaml"
        self.write(ACME)

    def write(self, text: str) -> None:
        self.file.write_text(text)

    def runs(self, *arguments: str, exits: int = 0) -> Result:
        result = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert result.exit_code == exits, result.output
        return result

    def reads(self, *arguments: str, exits: int = 0) -> dict:
        return json.loads(self.runs(*arguments, "--json", exits=exits).stdout)


@pytest.fixture
def admin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Admin:
    (tmp_path / "plans").mkdir()
    monkeypatch.setenv("VOICEGW_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VOICEGW_DIALPLANS", str(tmp_path / "plans"))
    monkeypatch.setenv("VOICEGW_INTEGRATIONS", str(ROOT / "integrations"))
    monkeypatch.setenv("COLUMNS", "160")
    return Admin(tmp_path / "plans")


def test_what_has_errors_is_refused_with_all_of_them(admin: Admin) -> None:
    admin.write(
        ACME.replace("orders_db.order_status", "orders_db.order_statsu").replace("language: en", "language: xx")
    )
    told = admin.reads("publish", str(admin.file), exits=2)
    assert told["published"] is False
    assert any("'xx'" in problem["message"] for problem in told["problems"])
    text = admin.runs("publish", str(admin.file), exits=2)
    assert f"{admin.file} was not published, for its errors" in text.stderr
    assert "acme.yaml (unpublished)" not in admin.runs("list").stdout, "a file that cannot be read has no name"


def test_without_a_database_files_are_what_is_in_force(admin: Admin) -> None:
    assert "acme.yaml (unpublished)" in admin.runs("list").stdout
    (only,) = admin.reads("list")
    assert (only["name"], only["version"], only["file"]) == ("acme-orders", 0, str(admin.file))
    with pytest.raises(SetupError, match="holds no calls yet"):
        admin.runs("rollback", "acme-orders")


def test_an_admin_publishes_tries_compares_and_goes_back(admin: Admin) -> None:
    assert ACME.count(GREETING) == 1
    text = admin.runs("publish", str(admin.file), "--note", "first", "--by", "ann").stdout
    assert "5 conversations came out right" in text
    assert "acme-orders: v1 is in force" in text
    assert admin.runs("diff", "acme-orders").stderr == "nothing differs\n"

    admin.write(ACME.replace(GREETING, "Hello, this is Acme."))
    lines = admin.reads("diff", "acme-orders", exits=1)["diff"]
    assert [line for line in lines[2:] if line.startswith("+")] == ["+greeting: Hello, this is Acme. How can I help?"]
    told = admin.reads("publish", str(admin.file), "--percent", "10")
    assert (told["published"], told["version"], told["trial"], told["percent"]) == (True, 1, 2, 10)
    assert "v2 is on trial with 50% of callers" in admin.runs("rollout", "acme-orders", "--percent", "50").stdout
    assert "no calls of acme-orders" in admin.runs("compare", "acme-orders").stderr
    assert admin.reads("rollout", "acme-orders", "--percent", "100")["version"] == 2
    assert admin.reads("rollback", "acme-orders", "--by", "bob")["version"] == 1

    listed = admin.reads("list", "acme-orders")
    assert listed["in_force"] == {"name": "acme-orders", "version": 1, "trial": None, "percent": 0}
    assert [one["version"] for one in listed["versions"]] == [2, 1]
    assert listed["history"][0]["action"] == "rollback"
    assert listed["history"][0]["by"] == "bob"
    assert "ann" in admin.runs("list", "acme-orders").stdout
    assert "v1" in admin.runs("list").stdout

    admin.write(ACME.replace(GREETING, "Hi.").replace("name: acme-orders", "name: other"))
    problems = admin.reads("publish", str(admin.file), exits=2)["problems"]
    assert "number 5000 is acme-orders's, which is published" in [problem["message"] for problem in problems]


def test_a_conversation_that_does_not_come_out_right_is_in_the_way(admin: Admin) -> None:
    wrong = ACME.replace("agent: Please call again", "agent: Never call again")
    assert wrong != ACME
    admin.write(wrong)
    told = admin.reads("publish", str(admin.file), exits=1)
    assert told["published"] is False
    assert "must say 'Never call again'" in told["problems"][-1]["message"]
    assert told["problems"][-1]["line"] > 160
