"""ministack with what it does otherwise than AWS, as far as this product meets it, put right while it runs.

Each function below says what AWS does. It fails at once when what it mends is no longer there: a newer
ministack may do better, and then the mend goes.
"""

import json
import os
import signal
import socket
import threading
from asyncio import selector_events

import conditions
import edge
from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc, s3
from ministack.services.cloudformation import provisioners


def require(module, *names):
    """What is mended must be there by that name."""
    for name in names:
        if not hasattr(module, name):
            raise SystemExit(f"{module} has no {name}: look at what ministack does now, and mend launch.py")


def answer_without_delay():
    """Nagle's algorithm against delayed acknowledgements costs 40 ms a request."""
    require(selector_events, "_SelectorSocketTransport")
    accept = selector_events._SelectorSocketTransport.__init__

    def initialise(self, loop, sock, *rest, **named):
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accept(self, loop, sock, *rest, **named)

    selector_events._SelectorSocketTransport.__init__ = initialise


def do_not_wait_for_log_lines():
    """It waits 50 ms after each call for lines that a function has not written; those come with the next call."""
    require(lambda_runtime, "Worker")
    require(lambda_runtime.Worker, "_drain_stderr_bounded")
    drain = lambda_runtime.Worker._drain_stderr_bounded
    lambda_runtime.Worker._drain_stderr_bounded = lambda self, first_line_wait=0.002: drain(self, first_line_wait)


def retry_stream_batches():
    """A batch of which a function reports a failure comes again, and after MaximumRetryAttempts goes to the
    on-failure destination; ministack takes the whole batch for done, and tries one that throws for ever."""
    require(lambda_svc, "_execute_function", "_iter_all_esms", "_send_ddb_stream_failure_record")
    execute = lambda_svc._execute_function
    attempts = {}

    def mapping_of(function, stream):
        name = (function.get("config") or function)["FunctionName"]
        for _account, _region, mapping in lambda_svc._iter_all_esms():
            if mapping["FunctionName"].split(":")[-1] == name or f":function:{name}" in mapping.get("FunctionArn", ""):
                if mapping.get("EventSourceArn") == stream:
                    return mapping
        raise RuntimeError(f"no event source mapping of {name} for {stream}")

    def failed(result):
        body = result.get("body")
        if isinstance(body, str):
            try:
                body = json.loads(body)
            except ValueError:
                return False
        return isinstance(body, dict) and bool(body.get("batchItemFailures"))

    def execute_or_retry(function, event, *rest, **named):
        result = execute(function, event, *rest, **named)
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or records[0].get("eventSource") != "aws:dynamodb":
            return result
        if not result.get("error") and not failed(result):
            return result
        mapping = mapping_of(function, records[0]["eventSourceARN"])
        key = (mapping["UUID"], records[0]["dynamodb"]["SequenceNumber"])
        attempts[key] = attempts.get(key, 0) + 1
        most = int(mapping.get("MaximumRetryAttempts", -1))
        if 0 <= most < attempts[key]:
            lambda_svc._send_ddb_stream_failure_record(
                mapping, function, records, records[0]["eventSourceARN"], result, "RetryAttemptsExhausted"
            )
            del attempts[key]
            return {**result, "error": False}
        return {**result, "error": True}

    lambda_svc._execute_function = execute_or_retry


def lock_objects():
    """A bucket with ObjectLockEnabled keeps what is put into it for its default retention."""
    require(s3, "_bucket_object_lock")
    require(provisioners, "_s3_apply_configurations")
    apply = provisioners._s3_apply_configurations

    def apply_with_lock(name, props, old_props=None):
        apply(name, props, old_props)
        if not props.get("ObjectLockEnabled") and "ObjectLockConfiguration" not in props:
            return
        rule = (props.get("ObjectLockConfiguration") or {}).get("Rule") or {}
        retention = rule.get("DefaultRetention")
        if retention is not None:
            retention = {name: int(value) if name in ("Days", "Years") else value for name, value in retention.items()}
        s3._bucket_object_lock[name] = {"enabled": True, "default_retention": retention}

    provisioners._s3_apply_configurations = apply_with_lock


def accept_unknown_types():
    """Types that deploy and do nothing. docs/aws.md names each, with the test that looks at the template instead."""
    require(provisioners, "_RESOURCE_HANDLERS")
    with open(os.path.join(os.path.dirname(__file__), "stubs.json"), encoding="utf-8") as file:
        stubs = json.load(file)

    def create(logical_id, props, stack_name):
        name = f"{stack_name}-{logical_id}"
        return name, {"Arn": f"arn:aws:stub:::{name}", "Id": name}

    for resource_type in stubs:
        if resource_type in provisioners._RESOURCE_HANDLERS:
            raise SystemExit(f"ministack knows {resource_type}: take it out of stubs.json")
        provisioners._RESOURCE_HANDLERS[resource_type] = {"create": create, "delete": lambda physical_id, props: None}


def accept_alarms_over_expressions():
    """An alarm over metric math deploys and does nothing: ministack refuses it, and the stack with it."""
    require(provisioners, "_RESOURCE_HANDLERS")
    handlers = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    known = dict(handlers)

    def plain(props):
        return {**props, "Metrics": None, "MetricName": "expression", "Namespace": "expression"} if props.get("Metrics") else props

    def create(logical_id, props, stack_name):
        return known["create"](logical_id, plain(props), stack_name)

    def update(*arguments):
        return known["update"](*[plain(one) if isinstance(one, dict) else one for one in arguments])

    handlers.update(create=create, update=update)


def leave_tls_to_other_servers_alone():
    """What a function asks by https of a host is asked of it by TLS. In a function's process ministack takes every port of
    loopback for its own, without TLS, and asks for a host named 127.0.0.1:<port>, which is ENOTFOUND."""
    require(lambda_runtime, "_NODEJS_WORKER_SCRIPT")
    taken = 'if (host === "127.0.0.1" || host === "localhost" || host === msHost\n'
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    if script.count(taken) != 1:
        raise SystemExit("ministack treats https to loopback otherwise: look at what it does now, and mend launch.py")
    other = "if (options.port && ![443, msPort].includes(Number(options.port))) return origHttpsReq.apply(https, original);"
    lambda_runtime._NODEJS_WORKER_SCRIPT = script.replace(taken, f"{other}\n    {taken}")


def end_with_the_starter():
    """The starter holds the other end of our stdin: when it is gone, however it went, so are we."""

    def wait():
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    end_with_the_starter()
    answer_without_delay()
    do_not_wait_for_log_lines()
    retry_stream_batches()
    lock_objects()
    accept_unknown_types()
    accept_alarms_over_expressions()
    leave_tls_to_other_servers_alone()
    conditions.install(require)
    edge.install(require)
    app.main()
