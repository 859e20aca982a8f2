"""What must not be shared, by place and by shape."""

from __future__ import annotations

import pytest

from wsdebug.display.masking import Masker

MASKED = "(masked)"


@pytest.fixture
def mask():
    return Masker(("(", ")"))


def test_hosts_get_stable_names_and_keep_their_ports(mask):
    assert mask.host("api.example:8080") == "(host 1):8080"
    assert mask.host("10.0.0.1") == "(host 2)"
    assert mask.host("API.example") == "(host 1)"
    assert mask.host("[2001:db8::1]:443") == "(host 3):443"
    assert mask.host("2001:db8::1") == "(host 3)"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/live", "/live"),
        ("/live?token=abc&room=5", "/live?token=(masked)&room=(masked)"),
        ("/live?", "/live?"),
        ("/live?secret", "/live?(masked)"),
        ("/live?a=", "/live?a="),
        ("/u/eyJhbGciOiJIUzI1NiJ9.e30.abc/x", "/u/(masked)/x"),
        ("/socket.io/v2/graphql-transport-ws", "/socket.io/v2/graphql-transport-ws"),
    ],
)
def test_path(mask, path, shown):
    assert mask.path(path) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Host", "api.example:80", "(host 1):80"),
        ("Cookie", "a=b", "(masked, 3 bytes)"),
        ("Set-Cookie", "a=b; Path=/", "(masked, 11 bytes)"),
        ("AUTHORIZATION", "Bearer x", "(masked, 8 bytes)"),
        ("Proxy-Authorization", "Basic x", "(masked, 7 bytes)"),
        ("X-Api-Key", "k", "(masked, 1 byte)"),
        ("Origin", "https://app.example:8443", "https://(host 1):8443"),
        ("Origin", "http://intranet", "http://(host 1)"),
        ("Via", "1.1 edge-7.corp.example (squid/6.1)", "1.1 (host 1) (squid/6.1)"),
        ("Via", "1.1 varnish", "1.1 varnish"),
        ("X-Forwarded-For", "203.0.113.9, 10.0.0.2", "(host 1), (host 2)"),
        ("Server", "Boost.Beast/266", "Boost.Beast/266"),
        ("User-Agent", "Mozilla/5.0 Chrome/120.0.0.0", "Mozilla/5.0 Chrome/120.0.0.0"),
        ("Sec-WebSocket-Version", "13", "13"),
        ("Sec-WebSocket-Protocol", "chat, v12.stomp", "chat, v12.stomp"),
        ("Sec-WebSocket-Protocol", "access_token, s3cr3t", "access_token, (masked)"),
        ("Sec-WebSocket-Protocol", "chat, access_token.s3cr3t", "chat, (masked)"),
        ("Sec-WebSocket-Protocol", "SECRETSUBtoken", "(masked)"),
        ("Sec-WebSocket-Protocol", "MBWS.huawei.com", "MBWS.huawei.com"),
        ("Server", "gate/2.1 (edge-7.corp.example)", "gate/2.1 ((host 1))"),
        ("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.QUJD", "(masked)"),
    ],
)
def test_header(mask, name, value, shown):
    assert mask.header(name, value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from 10.0.0.1 to [2001:db8::7]", "from (host 1) to [(host 2)]"),
        ("at 14:02:11 in nginx/1.25.3", "at 14:02:11 in nginx/1.25.3"),
        ("std::string", "std::string"),
        ("GET /a?token=abc&b=c HTTP/1.1", "GET /a?token=(masked)&b=(masked) HTTP/1.1"),
        ("Cookie: a=b; c=d", "Cookie: (masked)"),
        ("saw authorization : Bearer abc", "saw authorization : (masked)"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.abc", "(masked)"),
        ("0123456789abcdef0123456789abcdef", "(masked)"),
        ("wanted s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "wanted s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("permessage-deflate; client_max_window_bits=15", None),
        ("nginx proxy_read_timeout and proxy_send_timeout", None),
        ("The server closed TCP (FIN) after 60.0 s of silence", None),
    ],
)
def test_sentences_by_shape(mask, text, shown):
    assert mask.text(text) == (text if shown is None else shown)


def test_sentences_by_what_is_known_of_the_connection(mask):
    mask.about(
        ["api.example:80", "server"],
        "/live?room=blue42",
        [
            ("Cookie", "sid=hunter"),
            ("X-Key", "Tr0ub4dor"),
            ("Sec-WebSocket-Key", "AAECAwQFBgcICQoLDA0ODw=="),
        ],
    )
    assert mask.text("room blue42") == "room (masked)"
    assert mask.text("sid was hunter, key tr0ub4dor") == "sid was (masked), key (masked)"
    assert mask.text("Host: server, but the server of api.example answered") == (
        "Host: (host 2), but the server of (host 1) answered"
    )
    assert mask.text("key AAECAwQFBgcICQoLDA0ODw==") == "key AAECAwQFBgcICQoLDA0ODw=="


def test_what_is_left_of_a_secret_that_was_cut_off(mask):
    mask.about([], None, [("X-Key", "correct-horse-battery")])
    assert mask.text('saw "X-Key : correct-hor…"') == 'saw "X-Key : (masked)…"'
    assert mask.text("a long story…") == "a long story…"


def test_the_beginning_of_a_payload_is_a_payload(mask):
    mask.about([], None, [], ['{"user": "jane", "age": 5}'])
    assert mask.text('It sent {"user": "ja… and more') == "It sent (masked)… and more"


def test_the_subprotocol_that_the_server_chose_is_masked_as_the_one_offered(mask):
    mask.about([], None, [("Sec-WebSocket-Protocol", "chat, token, blue42")])
    assert mask.header("Sec-WebSocket-Protocol", "blue42") == "(masked)"
    assert mask.header("Sec-WebSocket-Protocol", "chat") == "chat"


def test_pairs_of_a_close_reason_lose_their_values_and_the_rest_stays(mask):
    mask.about([], None, [], [], ["bye jane token=SECRETR room=general"])
    said = 'Close 4001 "bye jane token=SECRETR room=general"'
    assert mask.text(said) == 'Close 4001 "bye jane token=(masked) room=(masked)"'
    assert mask.text('"session_id=SEC…"') == '"session_id=(masked)"'
    assert mask.text("ping_interval=25") == "ping_interval=25"


def test_a_connection_does_not_inherit_the_secrets_of_another(mask):
    mask.about([], None, [("X-Key", "plain-word")], ["0123456789"])
    mask.about([], None, [])
    assert mask.text("a plain-word 0123456789") == "a plain-word 0123456789"


def test_hostile_text_costs_linear_time(mask):
    mask.about([], "/?" + "&".join(f"k={n}secret" for n in range(500)), [], ["ab" * 200])
    for piece in ("1.", "a:", "a.", "?a=", "ab", "cookie", "://", "x…"):
        assert isinstance(mask.text(piece * 2_000), str)
