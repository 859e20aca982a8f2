"""Timeouts of proxies that people run themselves."""

from __future__ import annotations

from wsdebug.knowledge.timeouts.timeout import Timeout

PROXIES = (
    Timeout(
        product="nginx",
        setting="proxy_read_timeout",
        seconds=60,
        kind="idle",
        resets="either",  # seen: one ping of either end is enough
        shape="fin-both",
        verified="executed",  # 1.22.1
        change="proxy_read_timeout 3600s;",
        note="Its error.log says so only at level info: upstream timed out (110: Connection timed "
        "out) while proxying upgraded connection.",
    ),
    Timeout(
        product="Kubernetes ingress-nginx",
        setting="proxy-read-timeout",
        seconds=60,
        kind="idle",
        resets="either",
        shape="fin-both",
        verified="documented",
        change='nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"',
        note="Each reload of its configuration ends what old workers still serve.",
    ),
    Timeout(
        product="HAProxy in http mode",
        setting="timeout tunnel",
        seconds=None,
        kind="idle",
        resets="either",
        shape="fin-client-rst-backend",
        verified="executed",  # 2.6.12
        change="timeout tunnel 1h",
    ),
    Timeout(
        product="HAProxy in tcp mode",
        setting="timeout tunnel",
        seconds=None,
        kind="idle",
        resets="either",
        shape="fin-both",
        verified="executed",  # 2.6.12
        change="timeout tunnel 1h",
    ),
    Timeout(
        product="HAProxy as Debian configures it",
        setting="timeout client, timeout server",
        seconds=50,
        kind="idle",
        resets="either",
        shape="fin-client-rst-backend",
        verified="documented",  # the configuration that the package 2.6.12 installs
        change="timeout tunnel 1h",
    ),
    Timeout(
        product="Envoy",
        setting="stream_idle_timeout",
        seconds=300,
        kind="idle",
        resets="either",
        shape="unknown",
        verified="documented",
        change="stream_idle_timeout: 3600s",
    ),
    Timeout(
        product="Envoy or Istio",
        setting="idle_timeout of TCP connections",
        seconds=3600,
        kind="idle",
        resets="either",
        shape="unknown",
        verified="documented",
        change="idle_timeout: 7200s",
    ),
    Timeout(
        product="Traefik",
        setting="respondingTimeouts.readTimeout",
        seconds=60,
        kind="idle",
        resets="client",  # it times the reading of what the client sends
        shape="unknown",
        verified="unverified",
        change="--entryPoints.NAME.transport.respondingTimeouts.readTimeout=0",
        note="Since v2.11.2 and v3.",
    ),
    Timeout(
        product="Apache httpd",
        setting="ProxyTimeout and Timeout",
        seconds=60,
        kind="idle",
        resets="either",
        shape="unknown",
        verified="unverified",
        change="ProxyTimeout 3600 and Timeout 3600",
        note="Both are needed.",
    ),
    Timeout(
        product="YARP",
        setting="HttpRequest.ActivityTimeout",
        seconds=100,
        kind="idle",
        resets="either",
        shape="unknown",
        verified="documented",
        change='"HttpRequest": { "ActivityTimeout": "01:00:00" }',
    ),
)
