/**
 * What the world sees: API, protocols and console over HTTPS; status of certificates over plain HTTP; with a domain and
 * certificates for it, a host where clients show a certificate. Its names are told to the functions by a parameter.
 */
import { Aws, CfnCondition, CfnOutput, CfnParameter, Fn, Stack, type StackProps } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import type { Distribution, Function as ViewerFunction, IOrigin } from "aws-cdk-lib/aws-cloudfront";
import { CfnRecordSet } from "aws-cdk-lib/aws-route53";
import type { Bucket, IBucket } from "aws-cdk-lib/aws-s3";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import { httpFunctions } from "#functions/registry";
import { consoleDistribution } from "../constructs/console-distribution.ts";
import { viewerFunction } from "../constructs/edge-behaviors.ts";
import { apiOrigin } from "../constructs/edge-origins.ts";
import { lockedOrigin } from "../constructs/locked-origin.ts";
import { mtlsDistribution } from "../constructs/mtls-distribution.ts";
import { pathPatterns } from "../constructs/path-patterns.ts";
import { privateBucket } from "../constructs/private-bucket.ts";
import { revocationDistribution } from "../constructs/revocation-distribution.ts";
import { type Deployment, originLockOf } from "../context.ts";
import { settingsParameter } from "../names.ts";
import type { CoreStack } from "./core.ts";
import type { DataStack } from "./data.ts";
import { webAclOutput } from "./waf.ts";

export interface EdgeProps extends StackProps {
  readonly deployment: Deployment;
  readonly data: DataStack;
  readonly core: CoreStack;
}

/** Of the zone of every CloudFront distribution. */
const cloudFrontZone = "Z2FDTNDATAQYW2";

export class EdgeStack extends Stack {
  readonly console: Distribution;
  readonly revocation: Distribution;
  readonly mtls: Distribution | undefined;
  /** The console's files, which `npm run deploy` puts there. */
  readonly consoleBucket: Bucket & IBucket;

  readonly #props: EdgeProps;
  readonly #places = new Map<string, IOrigin>();

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id, props);
    this.#props = props;
    const { deployment, data, core } = props;
    const { domain } = deployment;
    const acl = deployment.profile === "minimal" ? {} : { webAclId: this.#webAclId() };
    const asked = viewerFunction(this, deployment, "asked-viewer", "Tells the function who asks");
    this.consoleBucket = privateBucket(this, "ConsoleFiles", { accessLogs: data.accessLogs, replacedDays: 30 });
    this.console = consoleDistribution(this, {
      deployment,
      asked,
      files: this.consoleBucket,
      apis: this.#byPath("api"),
      ...acl,
      ...this.#named(domain),
    });
    this.revocation = revocationDistribution(this, {
      deployment,
      asked,
      objects: core.publicBucket,
      api: this.#origin("revocation"),
      plain: Object.fromEntries([...this.#byPath("revocation")].filter(([path]) => path !== "/*")),
      ...this.#named(domain && `status.${domain}`),
    });
    this.mtls = this.#mtls(asked, acl);
    this.#tell();
  }

  /** Paths of what is served on a listener of one machine, each with the API of its function. */
  #byPath(listener: "api" | "revocation"): ReadonlyMap<string, IOrigin> {
    const served = httpFunctions.filter(({ listeners }) => listeners.includes(listener));
    return new Map(
      served.flatMap(({ name, paths }) => pathPatterns(paths).map((path) => [path, this.#origin(name)] as const)),
    );
  }

  #origin(entry: string): IOrigin {
    const known = this.#places.get(entry);
    if (known !== undefined) return known;
    const { deployment, core } = this.#props;
    const api = core.apis.get(entry);
    if (api === undefined) throw new TypeError(`the core stack has no API for \`${entry}\``);
    const { domain, hostedZoneId } = deployment;
    const lock = originLockOf(deployment);
    const place =
      lock === undefined || domain === undefined
        ? { ...api, clientCertificateArn: undefined }
        : lockedOrigin(this, `${entry}-origin`, { entry, api, domain, hostedZoneId, lock });
    const origin = apiOrigin(place);
    this.#places.set(entry, origin);
    return origin;
  }

  #named(hostname: string | undefined) {
    const { certificateArn } = this.#props.deployment;
    if (hostname === undefined || certificateArn === undefined) return {};
    const certificate = Certificate.fromCertificateArn(this, `${hostname}-certificate`, certificateArn);
    return { name: { hostname, certificate } };
  }

  #mtls(asked: ViewerFunction, acl: { readonly webAclId?: string }): Distribution | undefined {
    const { deployment } = this.#props;
    const { name } = this.#named(deployment.domain && `mtls.${deployment.domain}`);
    if (originLockOf(deployment) === undefined || name === undefined) return undefined;
    return mtlsDistribution(this, { deployment, asked, api: this.#origin("est"), ...name, ...acl });
  }

  /** The ACL is in us-east-1: `npm run deploy` hands on what that stack put out. Empty: none. */
  #webAclId(): string {
    const arn = new CfnParameter(this, webAclOutput, {
      default: "",
      description: "Output of the stack <name>-waf in us-east-1",
      allowedPattern: "(arn:[^:]+:wafv2:us-east-1:.+)?",
    });
    const given = new CfnCondition(this, "HasWebAcl", { expression: Fn.conditionNot(Fn.conditionEquals(arn, "")) });
    return Fn.conditionIf(given.logicalId, arn.valueAsString, Aws.NO_VALUE).toString();
  }

  #tell(): void {
    const { deployment } = this.#props;
    const { domain } = deployment;
    const hosts = {
      console: domain ?? this.console.distributionDomainName,
      status: domain === undefined ? this.revocation.distributionDomainName : `status.${domain}`,
      mtls: this.mtls && `mtls.${domain}`,
    };
    this.#records();
    const settings = {
      publicUrl: `https://${hosts.console}`,
      revocationBaseUrl: `http://${hosts.status}`,
      ...(hosts.mtls !== undefined && { mtlsUrl: `https://${hosts.mtls}`, originLocked: true }),
    };
    new StringParameter(this, "Settings", {
      parameterName: settingsParameter(deployment),
      description: "Public URLs of the deployment, read by its functions at a cold start",
      stringValue: this.toJsonString(settings),
    });
    new CfnOutput(this, "PublicUrl", { value: settings.publicUrl });
    new CfnOutput(this, "RevocationBaseUrl", { value: settings.revocationBaseUrl });
    new CfnOutput(this, "ConsoleBucket", { value: this.consoleBucket.bucketName });
  }

  #records(): void {
    const { domain, hostedZoneId } = this.#props.deployment;
    if (domain === undefined || hostedZoneId === undefined) return;
    const names: readonly (readonly [string, string, Distribution | undefined])[] = [
      ["Console", domain, this.console],
      ["Status", `status.${domain}`, this.revocation],
      ["Mtls", `mtls.${domain}`, this.mtls],
    ];
    for (const [id, name, distribution] of names)
      for (const type of distribution === undefined ? [] : ["A", "AAAA"])
        new CfnRecordSet(this, `${id}${type}`, {
          hostedZoneId,
          name,
          type,
          aliasTarget: { dnsName: distribution?.distributionDomainName ?? "", hostedZoneId: cloudFrontZone },
        });
  }
}
