/**
 * The API in front of a function: one for each, so that what floods one leaves the others alone (I8). Too many requests are
 * told 429 here, before they reach the function. Who asks is established in the function: by token, by certificate, or by
 * the protocol's own proof.
 */
import { Stack } from "aws-cdk-lib";
import {
  AccessLogFormat,
  type CfnAccount,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import { CfnStage, HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Alias, IFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { acknowledge } from "../acknowledge.ts";
import type { Throttle } from "../concurrency.ts";

/** What the edge and the emulator need of it. */
export interface FunctionApi {
  readonly kind: "rest-api" | "http-api";
  readonly apiId: string;
  /** `<id>.execute-api.<region>.<suffix>`. */
  readonly host: string;
  /** First segment of every path: a REST API has a stage there, an HTTP API nothing. */
  readonly stage: string | undefined;
  /** Prefixes of the paths that this function answers. */
  readonly paths: readonly string[];
}

export interface FunctionApiProps {
  readonly name: string;
  readonly target: Alias;
  readonly throttle: Throttle;
  readonly log: LogGroup;
  readonly paths: readonly string[];
  /** Only by a name of its own, behind mutual TLS: the edge stack gives it one. */
  readonly locked: boolean;
  /** That has the role by which the logs of a REST API are written. */
  readonly account: CfnAccount;
}

const restStage = "live";

/** Who asks is proven to the function: no authorizer of API Gateway knows our tokens, let alone ACME's signatures. */
const authorized =
  "The function authenticates: bearer tokens and sessions of ours, or the protocol's own proof of a key.";

function acknowledgeRest(api: RestApi): void {
  acknowledge(api, "AwsSolutions-APIG4", authorized);
  acknowledge(api, "AwsSolutions-COG4", "Tokens are ours, with roles in our own log; there are no Cognito users.");
  acknowledge(
    api,
    "AwsSolutions-APIG2",
    "The function checks each request against its operation's schema, and tells what is wrong.",
  );
  acknowledge(
    api,
    "AwsSolutions-APIG3",
    "The web ACL is CloudFront's, in front of all APIs; the minimal profile has none, for its cost.",
  );
}

const hostOf = (scope: Construct, apiId: string) =>
  `${apiId}.execute-api.${Stack.of(scope).region}.${Stack.of(scope).urlSuffix}`;

/** What is logged of a request: nothing that it carries, and no query, in which SCEP puts whole messages. */
const logged = {
  requestId: "$context.requestId",
  time: "$context.requestTimeEpoch",
  address: "$context.identity.sourceIp",
  method: "$context.httpMethod",
  path: "$context.path",
  status: "$context.status",
  bytes: "$context.responseLength",
  ms: "$context.responseLatency",
};

export function restApi(scope: Construct, id: string, props: FunctionApiProps): FunctionApi {
  const { name, target, throttle, log, paths, locked } = props;
  const api = new RestApi(scope, id, {
    restApiName: name,
    disableExecuteApiEndpoint: locked,
    endpointTypes: [EndpointType.REGIONAL],
    binaryMediaTypes: ["*/*"],
    cloudWatchRole: false,
    deployOptions: {
      stageName: restStage,
      tracingEnabled: true,
      loggingLevel: MethodLoggingLevel.ERROR,
      dataTraceEnabled: false,
      throttlingBurstLimit: throttle.burst,
      throttlingRateLimit: throttle.rate,
      accessLogDestination: new LogGroupLogDestination(log),
      accessLogFormat: AccessLogFormat.custom(JSON.stringify(logged)),
    },
    defaultIntegration: new LambdaIntegration(target as IFunction, { proxy: true, allowTestInvoke: false }),
  });
  api.deploymentStage.node.addDependency(props.account);
  api.root.addMethod("ANY");
  api.root.addProxy({ anyMethod: true });
  acknowledgeRest(api);
  return { kind: "rest-api", apiId: api.restApiId, host: hostOf(scope, api.restApiId), stage: restStage, paths };
}

export function httpApi(scope: Construct, id: string, props: FunctionApiProps): FunctionApi {
  const { name, target, throttle, log, paths, locked } = props;
  const api = new HttpApi(scope, id, {
    apiName: name,
    createDefaultStage: false,
    disableExecuteApiEndpoint: locked,
    defaultIntegration: new HttpLambdaIntegration("Function", target as IFunction),
  });
  new CfnStage(scope, `${id}Stage`, {
    apiId: api.apiId,
    stageName: "$default",
    autoDeploy: true,
    defaultRouteSettings: { throttlingBurstLimit: throttle.burst, throttlingRateLimit: throttle.rate },
    accessLogSettings: { destinationArn: log.logGroupArn, format: JSON.stringify(logged) },
  });
  acknowledge(api, "AwsSolutions-APIG4", authorized);
  return { kind: "http-api", apiId: api.apiId, host: hostOf(scope, api.apiId), stage: undefined, paths };
}
