/**
 * Where clients show a certificate (EST, RFC 7030 3.3.2). CloudFront asks for one and judges none (`passthrough`): which CAs
 * there are is the tenants' affair, so the function does it, with what the edge hands on. It may believe that because its API
 * serves the edge alone.
 */
import { Duration } from "aws-cdk-lib";
import type { ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  CfnDistribution,
  Distribution,
  type Function as ViewerFunction,
  HttpVersion,
  type IOrigin,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";
import type { Deployment } from "../context.ts";
import { acknowledgeDistribution, noAclInMinimal } from "./distribution-findings.ts";
import { onRequest } from "./edge-behaviors.ts";
import { functionName } from "../names.ts";

export interface MtlsDistributionProps {
  readonly deployment: Deployment;
  /** That tells the function who asks, and drops what the viewer says of that. */
  readonly asked: ViewerFunction;
  /** The EST function's API. */
  readonly api: IOrigin;
  readonly hostname: string;
  readonly certificate: ICertificate;
  readonly webAclId?: string;
}

export function mtlsDistribution(scope: Construct, props: MtlsDistributionProps): Distribution {
  const { deployment, asked, api, hostname, certificate, webAclId } = props;
  const handedOn = new OriginRequestPolicy(scope, "MtlsAsked", {
    originRequestPolicyName: functionName(deployment, "mtls"),
    headerBehavior: OriginRequestHeaderBehavior.allowList(
      "Accept",
      "Content-Type",
      "traceparent",
      "CloudFront-Viewer-Cert-Pem",
      "X-Trstctl-Viewer-Address",
    ),
    queryStringBehavior: OriginRequestQueryStringBehavior.all(),
  });
  const distribution = new Distribution(scope, "Mtls", {
    comment: `${deployment.name}: clients with a certificate`,
    httpVersion: HttpVersion.HTTP2,
    domainNames: [hostname],
    certificate,
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    defaultBehavior: {
      origin: api,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      // CloudFront hands `Authorization` on only as part of a key; nothing is kept, the function says no-store.
      cachePolicy: new CachePolicy(scope, "MtlsKey", {
        cachePolicyName: functionName(deployment, "mtls"),
        minTtl: Duration.seconds(0),
        defaultTtl: Duration.seconds(0),
        maxTtl: Duration.seconds(1),
        headerBehavior: CacheHeaderBehavior.allowList("Authorization"),
        queryStringBehavior: CacheQueryStringBehavior.all(),
        cookieBehavior: CacheCookieBehavior.none(),
      }),
      originRequestPolicy: handedOn,
      // CloudFront adds the certificate behind it, if one was shown: what is there before is the viewer's own invention.
      functionAssociations: [onRequest(asked)],
      compress: false,
    },
    ...(webAclId !== undefined && { webAclId }),
  });
  acknowledgeDistribution(distribution, {
    noAcl: webAclId === undefined ? noAclInMinimal : undefined,
    named: true,
  });
  const { defaultChild } = distribution.node;
  if (!(defaultChild instanceof CfnDistribution)) throw new TypeError("a distribution without its resource");
  // No property of the construct has it yet.
  defaultChild.addPropertyOverride("DistributionConfig.ViewerMtlsConfig", { Mode: "passthrough" });
  return distribution;
}
