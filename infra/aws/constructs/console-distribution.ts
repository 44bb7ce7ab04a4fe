/** API, protocols and console under one name over HTTPS: each path to the API of its function, all else to the console's files. */
import { Duration } from "aws-cdk-lib";
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  type Function as ViewerFunction,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  type IOrigin,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { consoleHeaders, strictTransportSecurity } from "#shared/http/headers";
import type { Deployment } from "../context.ts";
import { functionName } from "../names.ts";
import { acknowledgeDistribution, noAclInMinimal } from "./distribution-findings.ts";
import { askedOf, onRequest, viewerFunction } from "./edge-behaviors.ts";

export interface ConsoleDistributionProps {
  readonly deployment: Deployment;
  /** That tells a function who asks. */
  readonly asked: ViewerFunction;
  /** The console's files. */
  readonly files: IBucket;
  /** By path pattern. */
  readonly apis: ReadonlyMap<string, IOrigin>;
  readonly webAclId?: string;
  readonly name?: { readonly hostname: string; readonly certificate: ICertificate };
}

export function consoleDistribution(scope: Construct, props: ConsoleDistributionProps): Distribution {
  const { deployment, asked, files, apis, webAclId, name } = props;
  const viewer = viewerFunction(scope, deployment, "console-viewer", "Every page is the same document");
  const distribution = new Distribution(scope, "Console", {
    comment: `${deployment.name}: API, protocols and console`,
    httpVersion: HttpVersion.HTTP2_AND_3,
    priceClass: PriceClass.PRICE_CLASS_ALL,
    defaultRootObject: "index.html",
    defaultBehavior: {
      origin: S3BucketOrigin.withOriginAccessControl(files),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.USE_ORIGIN_CACHE_CONTROL_HEADERS,
      responseHeadersPolicy: headersPolicy(scope, deployment),
      functionAssociations: [onRequest(viewer)],
    },
    additionalBehaviors: Object.fromEntries([...apis].map(([path, origin]) => [path, askedOf(origin, asked)])),
    errorResponses: [500, 502, 503, 504].map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
    ...(webAclId !== undefined && { webAclId }),
    ...(name !== undefined && {
      domainNames: [name.hostname],
      certificate: name.certificate,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    }),
  });
  acknowledgeDistribution(distribution, {
    noAcl: webAclId === undefined ? noAclInMinimal : undefined,
    named: name !== undefined,
  });
  return distribution;
}

/** What the host on one machine says with every file of the console. */
function headersPolicy(scope: Construct, deployment: Deployment): ResponseHeadersPolicy {
  const value = (header: string): string => consoleHeaders[header] ?? "";
  const [, seconds = ""] = /max-age=(\d+)/.exec(strictTransportSecurity["strict-transport-security"] ?? "") ?? [];
  const own = ["permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"];
  return new ResponseHeadersPolicy(scope, "ConsoleHeaders", {
    responseHeadersPolicyName: functionName(deployment, "console"),
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: value("content-security-policy"), override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: {
        accessControlMaxAge: Duration.seconds(Number(seconds)),
        includeSubdomains: true,
        override: true,
      },
    },
    customHeadersBehavior: {
      customHeaders: own.map((header) => ({ header, value: value(header), override: true })),
    },
  });
}
