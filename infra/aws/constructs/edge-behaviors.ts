/** How a distribution treats what it is asked, and the functions that run there before anything else. */
import { readFileSync } from "node:fs";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Function as ViewerFunction,
  type FunctionAssociation,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  type IOrigin,
  OriginRequestPolicy,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";
import type { Deployment } from "../context.ts";
import { functionName } from "../names.ts";

/** @param file of infra/aws/edge, without its ending */
export const viewerFunction = (
  scope: Construct,
  deployment: Deployment,
  file: string,
  comment: string,
): ViewerFunction =>
  new ViewerFunction(scope, file, {
    functionName: functionName(deployment, file),
    comment,
    runtime: FunctionRuntime.JS_2_0,
    code: FunctionCode.fromInline(readFileSync(new URL(`../edge/${file}.js`, import.meta.url), "utf8")),
  });

export const onRequest = (viewer: ViewerFunction): FunctionAssociation => ({
  function: viewer,
  eventType: FunctionEventType.VIEWER_REQUEST,
});

/** Handed on as it came but for the name, by which the API routes; kept nowhere. */
export const askedOf = (origin: IOrigin, asked: ViewerFunction): BehaviorOptions => ({
  origin,
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  compress: false,
  functionAssociations: [onRequest(asked)],
});
