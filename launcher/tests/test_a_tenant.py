"""All of one tenant, taken out of a platform, brought in under another name, and deleted.

The name of this file has it run before the others that share the installation: what they leave behind of datasets and
jobs has names that are the installation's, which a second tenant in it can not have too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from installation import Installation

pytestmark = pytest.mark.e2e


def test_a_tenant_moves_with_its_history_and_is_deleted_with_a_proof(
    installation: Installation, tmp_path: Path
) -> None:
    here = installation.decide(installation.example()).body
    file = str(tmp_path / "default.tar")
    exported = installation.platform("tenant", "export", "default", file)
    assert exported.returncode == 0, exported.stderr
    assert "--as" in installation.platform("tenant", "import", file).stderr
    moved = installation.platform("tenant", "import", file, "--as", "moved")
    assert moved.returncode == 0, moved.stderr
    looks_after_all = {"Authorization": f"Bearer {installation.home.platform_key_file.read_text().strip()}"}
    made = installation.call(
        "POST", "/v1/keys", {"name": "probe", "tenant": "moved", "role": "decider"}, **looks_after_all
    )
    key = {"Authorization": f"Bearer {made.body['secret']}"}
    assert installation.call("GET", f"/v1/decisions/{here['id']}", **key).body["output"] == here["output"]
    replay = installation.call("POST", f"/v1/decisions/{here['id']}/replays", {}, **key)
    assert (replay.status, replay.body["same"]) == (200, True), replay.body
    there = installation.call("POST", "/v1/tasks/pursuit/decisions", {"state": installation.example()}, **key).body
    assert [there[what] for what in ("snapshot", "student", "output")] == [
        here[what] for what in ("snapshot", "student", "output")
    ]
    deleted = installation.platform("tenant", "delete", "moved")
    assert deleted.returncode == 0, deleted.stderr
    proof = installation.call("GET", "/v1/tenants/moved/deletion", **looks_after_all).body
    assert proof["state"] == "completed"
    assert all(sum(part["before"]["rows"].values()) > 0 for part in proof["services"])
    assert all(not part["after"]["files"] and not any(part["after"]["rows"].values()) for part in proof["services"])
    assert installation.call("GET", "/v1/tasks", **key).status == 401
    assert installation.decide(installation.example()).body["output"] == here["output"]
