"""What stands between clients and services: names that resolve at AWS alone, and TLS."""

import os
import re

from ministack import app
from ministack.services import cloudfront

_api = re.compile(r"^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$")


def install(require):
    reach_apis(require)
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
