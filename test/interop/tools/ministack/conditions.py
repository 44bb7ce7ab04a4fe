"""What IAM conditions of this product ask of a request, which ministack's evaluator does not tell them: the leading
keys of a DynamoDB request, what KMS is asked to do, and policy variables."""

import dataclasses
import json
import re
from contextvars import ContextVar

from ministack.core import iam_actions, iam_evaluator

_of_request = ContextVar("condition keys of the request", default={})
_partition_key = "pk"


def _leading_keys(body):
    """Partition key values that a request names; None when it may touch any (Scan, PartiQL)."""
    items = body.get("TransactItems") or []
    requests = [request for item in items for request in item.values()]
    for table, request in (body.get("RequestItems") or {}).items():
        if isinstance(request, dict):
            requests += [{"Key": key} for key in request.get("Keys", [])]
        else:
            requests += [inner for write in request for inner in write.values()]
    values = []
    for request in [body, *requests]:
        key = request.get("Key") or request.get("Item") or {}
        if _partition_key in key:
            values.append(next(iter(key[_partition_key].values())))
    condition = body.get("KeyConditionExpression")
    if condition is not None:
        names = body.get("ExpressionAttributeNames") or {}
        for name, value in re.findall(r"([#\w]+)\s*=\s*(:\w+)", condition):
            if names.get(name, name).endswith("pk"):
                values.append(next(iter(body["ExpressionAttributeValues"][value].values())))
    return values or None


def _of_kms(body):
    context = body.get("EncryptionContext") or {}
    keys = {
        "kms:SigningAlgorithm": body.get("SigningAlgorithm"),
        "kms:MessageType": body.get("MessageType", "RAW") if "SigningAlgorithm" in body else None,
        "kms:MacAlgorithm": body.get("MacAlgorithm"),
        "kms:EncryptionContextKeys": list(context) or None,
        **{f"kms:EncryptionContext:{name}": value for name, value in context.items()},
    }
    return {name: value for name, value in keys.items() if value is not None}


def _substitute(value, ctx):
    """`${aws:PrincipalTag/tenant}` and the like. A variable without a value matches nothing, as in AWS."""
    if isinstance(value, dict):
        return {name: _substitute(inner, ctx) for name, inner in value.items()}
    if isinstance(value, list):
        return [_substitute(inner, ctx) for inner in value]
    if not isinstance(value, str) or "${" not in value:
        return value

    def of_variable(match):
        resolved = iam_evaluator._resolve_condition_key(match[1], ctx)
        return "\0unresolved" if resolved is None else str(resolved)

    return re.sub(r"\$\{([^}]+)\}", of_variable, value)


def _role_of(arn):
    """`aws:PrincipalArn` of a session is its role's ARN, which names no session."""
    session = re.fullmatch(r"arn:(aws[\w-]*):sts::(\d+):assumed-role/([^/]+)/.*", arn or "")
    return arn if session is None else f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"


def install(require):
    require(iam_actions, "extract_iam_action")
    require(iam_evaluator, "_first_match", "_resolve_condition_key", "enforce")
    action_of, first_match, enforce, resolve = (
        iam_actions.extract_iam_action,
        iam_evaluator._first_match,
        iam_evaluator.enforce,
        iam_evaluator._resolve_condition_key,
    )

    def resolve_key(key, ctx):
        return _role_of(ctx.principal_arn) if key.lower() == "aws:principalarn" else resolve(key, ctx)

    def extract(service, method, path, headers, body, *rest):
        keys = {}
        if service in ("dynamodb", "kms"):
            try:
                parsed = json.loads(body or b"{}")
            except ValueError:
                parsed = {}
            keys = {"dynamodb:LeadingKeys": _leading_keys(parsed)} if service == "dynamodb" else _of_kms(parsed)
        _of_request.set(keys)
        action = action_of(service, method, path, headers, body, *rest)
        # A batch needs the permission for one.
        return action.removesuffix("Batch") if service == "sqs" and action else action

    def enforce_with_keys(access_key_id, action, service, region, resource_arn="*", service_context=None):
        context = {**_of_request.get(), **(service_context or {})}
        return enforce(access_key_id, action, service, region, resource_arn=resource_arn, service_context=context)

    def first_match_of(ctx, statements, effect):
        substituted = [
            dataclasses.replace(
                statement,
                resources=_substitute(statement.resources, ctx),
                not_resources=_substitute(statement.not_resources, ctx),
                conditions=_substitute(statement.conditions, ctx),
            )
            for statement in statements
        ]
        return first_match(ctx, substituted, effect)

    iam_actions.extract_iam_action = extract
    iam_evaluator.enforce = enforce_with_keys
    iam_evaluator._first_match = first_match_of
    iam_evaluator._resolve_condition_key = resolve_key
