"""HTTP statuses as answers to a handshake."""

import pytest

from wsdebug.knowledge.http_status import HTTP_STATUSES, http_status


@pytest.mark.parametrize("status", sorted(HTTP_STATUSES))
def test_a_listed_status_says_what_it_means_and_what_to_do(status):
    known = http_status(status)
    assert known is HTTP_STATUSES[status]
    assert known.status == status
    assert known.meaning.endswith(".")
    assert known.advice.endswith((".", "?", "."))


@pytest.mark.parametrize(
    ("status", "name"),
    [(103, "Informational"), (206, "Successful"), (399, "Redirection"), (418, "Client Error"),
     (599, "Server Error")],
)  # fmt: skip
def test_another_has_its_class(status, name):
    known = http_status(status)
    assert known is not None
    assert (known.status, known.name) == (status, name)


@pytest.mark.parametrize("status", [0, 99, 600, 999])
def test_outside_all_classes(status):
    assert http_status(status) is None
