"""Under sudo a file that was asked for belongs to who called it."""

import pytest

from wsdebug.cli.origin import _behind_sudo


@pytest.mark.parametrize(
    ("environment", "owner"),
    [
        ({"SUDO_UID": "1000", "SUDO_GID": "1001"}, (1000, 1001)),
        ({"SUDO_UID": "1000"}, None),
        ({"SUDO_UID": "root", "SUDO_GID": "0"}, None),
        ({}, None),
    ],
)
def test_who_called_sudo(environment, owner):
    assert _behind_sudo(environment) == owner
