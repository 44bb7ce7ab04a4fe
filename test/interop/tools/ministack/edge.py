"""What stands between clients and services: names that resolve at AWS alone, and TLS."""

import os
import re

from ministack import app
from ministack.services import cloudfront

_api = re.compile(r"^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$")


def install(require):
    reach_apis(require)
    fail_over(require)
    count_as_tls(require)


def count_as_tls(require):
    """Bucket policies deny what came without TLS; the emulator's one port has none."""
    require(app, "pin_request_origin")
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, secure: pin(address, True)


def reach_apis(require):
    """A distribution whose origin is an API reaches it, though the name in its origin does not resolve here."""
    require(cloudfront, "_forward_to_origin")
    forward = cloudfront._forward_to_origin

    def forward_here(origin, method, uri, query_string, headers, *rest, **named):
        api = _api.match(origin["domain_name"])
        if api is None:
            return forward(origin, method, uri, query_string, headers, *rest, **named)
        here = {
            **origin,
            "domain_name": "127.0.0.1",
            "protocol_policy": "http-only",
            "http_port": int(os.environ["GATEWAY_PORT"]),
        }
        headers = {**headers, "host": f"{api[1]}.execute-api.localhost"}
        return forward(here, method, uri, query_string, headers, *rest, **named)

    cloudfront._forward_to_origin = forward_here


def fail_over(require):
    """A group of two origins asks the second one for what the first has not."""
    require(cloudfront, "parse_distribution_dataplane_config", "_dist_config_el", "_fetch_from_origin", "_local_tag_name")
    parse, fetch = cloudfront.parse_distribution_dataplane_config, cloudfront._fetch_from_origin

    def texts(element, tag):
        return [inner.text for inner in element.iter() if cloudfront._local_tag_name(inner) == tag]

    def parse_with_groups(distribution):
        parsed = parse(distribution)
        origins = parsed["origins"]
        for element in cloudfront._dist_config_el(distribution).iter():
            if cloudfront._local_tag_name(element) == "OriginGroup":
                first, second = (origins[member] for member in texts(element, "OriginId"))
                codes = {int(code) for code in texts(element, "StatusCode")}
                origins[texts(element, "Id")[0]] = {**first, "or_else": (codes, second)}
        return parsed

    async def fetch_or_else(origin, method, *rest, **named):
        answer = await fetch(origin, method, *rest, **named)
        codes, second = origin.get("or_else", ((), None))
        if answer[0] in codes and method in ("GET", "HEAD", "OPTIONS"):
            return await fetch(second, method, *rest, **named)
        return answer

    cloudfront.parse_distribution_dataplane_config = parse_with_groups
    cloudfront._fetch_from_origin = fetch_or_else
