"""What Kamailio is told, as text."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicegw.config import EdgeSettings, Settings, SipSettings
from voicegw.errors import SettingsError
from voicegw.gateway.edge.rendering import CONFIG_NAME, LIST_NAME, TLS_NAME, CellPlace, EdgePlace, files, networks

PLACE = EdgePlace(5060, 40001, Path("/run/voicegw"))
CELLS = [CellPlace(6001, 4, 1), CellPlace(6002, 4, 2)]


def settings(host="192.0.2.10", **edge):
    return Settings(sip=SipSettings(host=host), edge=EdgeSettings(**edge))


def test_cells_are_out_of_use_until_they_answer_and_each_start_is_counted_by_itself():
    listed = files(settings(), PLACE, CELLS)[LIST_NAME].splitlines()
    assert listed == [
        "1 sip:127.0.0.1:6001 9 0 duid=c1;maxload=4",
        "1 sip:127.0.0.1:6002 9 0 duid=c2;maxload=4",
    ]


def test_the_edge_listens_outside_for_callers_and_on_loopback_for_cells():
    config = files(settings(), PLACE, CELLS)[CONFIG_NAME]
    assert 'listen=udp:192.0.2.10:5060 name "outside"' in config
    assert "listen=tcp:192.0.2.10:5060" in config
    assert 'listen=udp:127.0.0.1:40001 name "inside"' in config
    assert "enable_tls" not in config


def test_behind_nat_the_public_address_is_what_calls_carry():
    nat = replace(PLACE, reachable_host="203.0.113.10")
    config = files(settings(host="10.0.0.5"), nat, CELLS)[CONFIG_NAME]
    assert "listen=udp:10.0.0.5:5060 advertise 203.0.113.10:5060" in config
    assert 'alias="203.0.113.10:5060"' in config


def test_strangers_get_no_answer_where_trunks_are_named_and_are_counted_where_none_are():
    with_trunks = files(settings(trunks=("203.0.113.0/24", "198.51.100.7")), PLACE, CELLS)[CONFIG_NAME]
    assert "if (!(src_ip == 203.0.113.0/24 || src_ip == 198.51.100.7)) exit;" in with_trunks
    assert "pike_check_req" not in with_trunks
    assert "pike_check_req" in files(settings(), PLACE, CELLS)[CONFIG_NAME]


def test_all_wrong_trunks_are_named_at_once():
    with pytest.raises(SettingsError) as error:
        networks(["203.0.113.0/24", "trunk.example", "300.1.1.1"])
    assert "'trunk.example'" in str(error.value)
    assert "'300.1.1.1'" in str(error.value)


def test_tls_needs_its_certificate_and_cells_never_speak_it(tmp_path):
    with pytest.raises(SettingsError, match=r"edge\.tls_certificate"):
        files(settings(tls_port=5061), PLACE, CELLS)
    certificate, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificate.touch()
    key.touch()
    written = files(settings(tls_port=5061, tls_certificate=certificate, tls_key=key), PLACE, CELLS)
    assert "listen=tls:192.0.2.10:5061" in written[CONFIG_NAME]
    assert f"certificate = {certificate}" in written[TLS_NAME]
    assert "TLSv1.2+" in written[TLS_NAME]
