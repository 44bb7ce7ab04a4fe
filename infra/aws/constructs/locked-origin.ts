/**
 * An API that nobody but the edge reaches: a name of its own behind mutual TLS that knows the edge's certificate alone, and
 * no other door (`disableExecuteApiEndpoint`, set with the API).
 */
import { CfnApiMapping, CfnDomainName } from "aws-cdk-lib/aws-apigatewayv2";
import { CfnRecordSet } from "aws-cdk-lib/aws-route53";
import type { Construct } from "constructs";
import type { OriginLock } from "../context.ts";
import type { ApiPlace } from "./edge-origins.ts";
import type { FunctionApi } from "./function-api.ts";

export interface LockedOriginProps {
  readonly entry: string;
  readonly api: FunctionApi;
  readonly domain: string;
  readonly hostedZoneId: string | undefined;
  readonly lock: OriginLock;
}

export function lockedOrigin(scope: Construct, id: string, props: LockedOriginProps): ApiPlace {
  const { entry, api, domain, hostedZoneId, lock } = props;
  const hostname = `${entry}.origin.${domain}`;
  const name = new CfnDomainName(scope, `${id}Name`, {
    domainName: hostname,
    domainNameConfigurations: [
      { certificateArn: lock.certificateArn, endpointType: "REGIONAL", securityPolicy: "TLS_1_2" },
    ],
    mutualTlsAuthentication: { truststoreUri: lock.trustStore },
  });
  const mapping = new CfnApiMapping(scope, `${id}Mapping`, {
    apiId: api.apiId,
    domainName: hostname,
    stage: api.stage ?? "$default",
  });
  mapping.addResourceDependency(name);
  if (hostedZoneId !== undefined)
    new CfnRecordSet(scope, `${id}Record`, {
      hostedZoneId,
      name: hostname,
      type: "A",
      aliasTarget: { dnsName: name.attrRegionalDomainName, hostedZoneId: name.attrRegionalHostedZoneId },
    });
  return { host: hostname, stage: undefined, clientCertificateArn: lock.clientCertificateArn };
}
