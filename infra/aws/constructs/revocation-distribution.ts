/**
 * Status of certificates at the edge, over plain HTTP too (docs/design/0067): stored objects first, the function for what is
 * not stored and for POST. Its name is burnt into certificates: it stays when the stack goes.
 */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  CachedMethods,
  Distribution,
  type Function as ViewerFunction,
  HeadersFrameOption,
  HttpVersion,
  type IOrigin,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { functionName } from "../names.ts";
import type { Deployment } from "../context.ts";
import { acknowledgeDistribution } from "./distribution-findings.ts";
import { askedOf, onRequest, viewerFunction } from "./edge-behaviors.ts";
import { bucketOrigin, storedOrElse } from "./edge-origins.ts";

export interface RevocationDistributionProps {
  readonly deployment: Deployment;
  /** That tells a function who asks. */
  readonly asked: ViewerFunction;
  readonly objects: IBucket;
  /** The revocation function's API. */
  readonly api: IOrigin;
  /** Protocols that are served over plain HTTP too, by path pattern. */
  readonly plain: Readonly<Record<string, IOrigin>>;
  readonly name?: { readonly hostname: string; readonly certificate: ICertificate };
}

/** One pattern for each kind of object: an issuer's id has 20 characters. */
const storedPaths = [`/ocsp/${"?".repeat(20)}/*`, "/crl/*", "/ca/*"];

export function revocationDistribution(scope: Construct, props: RevocationDistributionProps): Distribution {
  const { deployment, objects, api, plain, name } = props;
  const viewer = viewerFunction(scope, deployment, "revocation-viewer", "Names the stored object that answers");
  const headers = new ResponseHeadersPolicy(scope, "RevocationHeaders", {
    responseHeadersPolicyName: functionName(deployment, "revocation"),
    securityHeadersBehavior: {
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
    },
  });
  const cached = new CachePolicy(scope, "RevocationCache", {
    cachePolicyName: functionName(deployment, "revocation"),
    comment: "As long as the object says, by its path alone",
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.seconds(0),
    maxTtl: Duration.days(1),
  });
  const access = new S3OriginAccessControl(scope, "RevocationAccess");
  const shared = { viewerProtocolPolicy: ViewerProtocolPolicy.ALLOW_ALL, responseHeadersPolicy: headers };
  const stored: BehaviorOptions = {
    ...shared,
    origin: storedOrElse(bucketOrigin(objects, access), api),
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
    cachedMethods: CachedMethods.CACHE_GET_HEAD,
    cachePolicy: cached,
    // What was signed is not touched.
    compress: false,
    functionAssociations: [onRequest(viewer)],
  };
  const asked = (origin: IOrigin): BehaviorOptions => ({ ...askedOf(origin, props.asked), ...shared });
  const distribution = new Distribution(scope, "Revocation", {
    comment: `${deployment.name}: status of certificates; its name is in certificates, never delete it`,
    httpVersion: HttpVersion.HTTP2_AND_3,
    priceClass: PriceClass.PRICE_CLASS_ALL,
    defaultBehavior: asked(api),
    additionalBehaviors: {
      ...Object.fromEntries(storedPaths.map((path) => [path, stored])),
      ...Object.fromEntries(Object.entries(plain).map(([path, origin]) => [path, asked(origin)])),
    },
    // An error is not kept for CloudFront's own ten seconds.
    errorResponses: [400, 403, 404, 500, 502, 503, 504].map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
    ...(name !== undefined && {
      domainNames: [name.hostname],
      certificate: name.certificate,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    }),
  });
  acknowledgeDistribution(distribution, {
    noAcl:
      "Read by anyone, mostly from the cache, and what is not there is throttled: a rule would cost more than a request.",
    named: name !== undefined,
  });
  distribution.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return distribution;
}
