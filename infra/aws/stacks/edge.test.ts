/** The edge's templates: what is reachable, how, and what nobody may say. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { CachePolicy, OriginRequestPolicy } from "aws-cdk-lib/aws-cloudfront";
import { Code } from "aws-cdk-lib/aws-lambda";
import { describe, expect, it } from "vitest";
import { createConsole } from "#functions/console/app";
import { newApp, stacksOf } from "../app.ts";
import { deploymentOf } from "../context.ts";

const arn = (region: string, n: number): string =>
  `arn:aws:acm:${region}:111122223333:certificate/00000000-0000-0000-0000-00000000000${n}`;
const domain = { domain: "pki.example.com", certificateArn: arn("us-east-1", 1), hostedZoneId: "Z0123456789ABC" };
const locked = {
  ...domain,
  originCertificateArn: arn("eu-central-1", 2),
  originClientCertificateArn: arn("us-east-1", 3),
  originTrustStore: "s3://trust/cloudfront.pem",
};

const templates = (contexts: Readonly<Record<string, unknown>> = {}) => {
  const stacks = stacksOf(newApp(), deploymentOf(contexts), () => Code.fromInline("export const handler = () => 1;"));
  return {
    edge: Template.fromStack(stacks.edge),
    core: Template.fromStack(stacks.core),
    waf: stacks.waf && Template.fromStack(stacks.waf),
  };
};

interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods: readonly string[];
  readonly ViewerProtocolPolicy: string;
  readonly CachePolicyId?: unknown;
  readonly OriginRequestPolicyId?: unknown;
  readonly ResponseHeadersPolicyId?: unknown;
  readonly FunctionAssociations?: readonly { readonly FunctionARN: unknown }[];
}

interface Distribution {
  readonly Comment: string;
  readonly Aliases?: readonly string[];
  readonly WebACLId?: unknown;
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors?: readonly Behavior[];
  readonly OriginGroups?: { readonly Items: readonly { readonly Id: string }[] };
  readonly Origins: readonly {
    readonly Id: string;
    readonly DomainName: unknown;
    readonly OriginPath?: string;
    readonly CustomOriginConfig?: { readonly OriginProtocolPolicy: string; readonly OriginMtlsConfig?: object };
    readonly S3OriginConfig?: object;
    readonly OriginAccessControlId?: unknown;
  }[];
  readonly ViewerMtlsConfig?: unknown;
}

const distributionsOf = (template: Template): ReadonlyMap<string, Distribution & { readonly kept: boolean }> =>
  new Map(
    Object.values(template.findResources("AWS::CloudFront::Distribution")).map((found) => {
      const resource = found as { Properties: { DistributionConfig: Distribution }; DeletionPolicy?: string };
      const { DistributionConfig: config } = resource.Properties;
      return [config.Comment.split(" ")[1] ?? "", { ...config, kept: resource.DeletionPolicy === "Retain" }] as const;
    }),
  );

const behaviors = (distribution: Distribution | undefined): readonly Behavior[] =>
  distribution === undefined ? [] : [distribution.DefaultCacheBehavior, ...(distribution.CacheBehaviors ?? [])];

interface SecurityHeaders {
  readonly ContentSecurityPolicy: { readonly ContentSecurityPolicy: string };
  readonly ContentTypeOptions: { readonly Override: boolean };
  readonly FrameOptions: { readonly FrameOption: string };
  readonly ReferrerPolicy: { readonly ReferrerPolicy: string };
  readonly StrictTransportSecurity: { readonly AccessControlMaxAgeSec: number; readonly IncludeSubdomains: boolean };
}

/** What CloudFront makes of a response headers policy; each is to override what the origin says. */
function saidByPolicy(template: Template, policy: unknown): Readonly<Record<string, string>> {
  const { Ref: id = "" } = policy as { readonly Ref?: string };
  const found = template.toJSON()["Resources"][id] as {
    readonly Properties: {
      readonly ResponseHeadersPolicyConfig: {
        readonly SecurityHeadersConfig: SecurityHeaders;
        readonly CustomHeadersConfig: {
          readonly Items: readonly { readonly Header: string; readonly Value: string; readonly Override: boolean }[];
        };
      };
    };
  };
  const { SecurityHeadersConfig: own, CustomHeadersConfig: custom } = found.Properties.ResponseHeadersPolicyConfig;
  for (const one of [...Object.values(own), ...custom.Items]) expect(one).toMatchObject({ Override: true });
  const { AccessControlMaxAgeSec: seconds, IncludeSubdomains: below } = own.StrictTransportSecurity;
  return {
    "content-security-policy": own.ContentSecurityPolicy.ContentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "x-frame-options": own.FrameOptions.FrameOption,
    "referrer-policy": own.ReferrerPolicy.ReferrerPolicy,
    "strict-transport-security": `max-age=${seconds}${below ? "; includeSubDomains" : ""}`,
    ...Object.fromEntries(custom.Items.map(({ Header, Value }) => [Header, Value])),
  };
}

describe("the edge", () => {
  const { edge, waf } = templates();
  const distributions = distributionsOf(edge);
  const app = distributions.get("API,");
  const revocation = distributions.get("status");

  it("is a name for API, protocols and console, and one for status, with nothing else", () => {
    expect([...distributions.keys()].toSorted()).toEqual(["API,", "status"]);
    expect(waf).toBeUndefined();
  });

  it("asks for stored objects first, and hands POST on", () => {
    const groups = revocation?.OriginGroups?.Items.map(({ Id }) => Id) ?? [];
    const stored = behaviors(revocation).filter(({ TargetOriginId }) => groups.includes(TargetOriginId));
    expect(stored.map(({ PathPattern }) => PathPattern)).toEqual([`/ocsp/${"?".repeat(20)}/*`, "/crl/*", "/ca/*"]);
    for (const { AllowedMethods, FunctionAssociations } of stored) {
      // CloudFront refuses a group whose behaviour takes anything else.
      expect(AllowedMethods).toEqual(["GET", "HEAD"]);
      expect(FunctionAssociations).toHaveLength(1);
    }
    expect(revocation?.DefaultCacheBehavior.AllowedMethods).toContain("POST");
    expect(revocation?.kept).toBe(true);
  });

  it("speaks plain HTTP where status is asked, and nowhere else", () => {
    for (const { ViewerProtocolPolicy } of behaviors(revocation)) expect(ViewerProtocolPolicy).toBe("allow-all");
    for (const { ViewerProtocolPolicy } of behaviors(app))
      expect(ViewerProtocolPolicy).toMatch(/^(https-only|redirect-to-https)$/);
    for (const { Origins } of distributions.values())
      for (const { CustomOriginConfig, S3OriginConfig, OriginAccessControlId } of Origins)
        expect(CustomOriginConfig?.OriginProtocolPolicy ?? (S3OriginConfig && OriginAccessControlId)).toBeTruthy();
  });

  it("reaches each function by the paths of the registry, the REST API by its stage", () => {
    const patterns = behaviors(app).map(({ PathPattern }) => PathPattern);
    for (const path of ["/api/*", "/acme/*", "/directory", "/.well-known/est/*", "/scep", "/scep/*"])
      expect(patterns).toContain(path);
    expect(app?.Origins.map(({ OriginPath }) => OriginPath).filter(Boolean)).toEqual(["/live"]);
    for (const behavior of behaviors(app).slice(1)) {
      expect(behavior.AllowedMethods).toContain("POST");
      expect(behavior.FunctionAssociations, behavior.PathPattern).toHaveLength(1);
    }
  });

  it("says of the console what the host on one machine says, no header less and none more", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trstctl-edge-"));
    writeFileSync(join(folder, "index.html"), "<!doctype html>");
    const name = "pki.example.com";
    const host = createConsole({ hostnames: [name] }, folder);
    const page = await host.fetch(new Request(`https://${name}/`, { headers: { host: name, accept: "text/html" } }));
    expect(page.status).toBe(200);
    // Of the file, its cache and the one request: the bucket and CloudFront say these.
    const ofFile = new Set(["content-type", "cache-control", "vary", "traceparent"]);
    const local = Object.fromEntries([...page.headers].filter(([header]) => !ofFile.has(header)));
    expect(saidByPolicy(edge, app?.DefaultCacheBehavior.ResponseHeadersPolicyId)).toEqual(local);
  });

  it("keeps no answer of a function: sessions and all else are asked for each time, with cookies and Origin, without Host", () => {
    const patterns = behaviors(app).slice(1);
    expect(patterns.map(({ PathPattern }) => PathPattern)).toContain("/auth/*");
    for (const { PathPattern, CachePolicyId, OriginRequestPolicyId } of patterns)
      expect([PathPattern, CachePolicyId, OriginRequestPolicyId]).toEqual([
        PathPattern,
        CachePolicy.CACHING_DISABLED.cachePolicyId,
        OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.originRequestPolicyId,
      ]);
  });

  it("tells the functions its names, and hides no name in a template", () => {
    const [parameter] = Object.values(edge.findResources("AWS::SSM::Parameter")) as { Properties: object }[];
    expect(parameter?.Properties).toMatchObject({ Name: "/trstctl/settings", Type: "String" });
    expect(JSON.stringify(parameter)).toMatch(/publicUrl.*https:\/\/.*revocationBaseUrl.*http:\/\//);
    expect(JSON.stringify(parameter)).not.toContain("mtlsUrl");
  });

  it("has a web ACL in us-east-1 in front of what costs work, in all profiles but minimal", () => {
    const standard = templates({ profile: "standard" });
    const acls = Object.values(standard.waf?.findResources("AWS::WAFv2::WebACL") ?? {}) as {
      Properties: { Scope: string; Rules: { Statement: { RateBasedStatement?: { AggregateKeyType: string } } }[] };
    }[];
    expect(acls.map(({ Properties }) => Properties.Scope)).toEqual(["CLOUDFRONT"]);
    const limits = acls[0]?.Properties.Rules.flatMap(({ Statement }) => Statement.RateBasedStatement ?? []) ?? [];
    expect(limits.length).toBeGreaterThan(2);
    for (const { AggregateKeyType } of limits) expect(AggregateKeyType).toBe("IP");
    const named = distributionsOf(standard.edge);
    expect(named.get("API,")?.WebACLId).toBeDefined();
    expect(named.get("status")?.WebACLId).toBeUndefined();
  });
});

describe("with a domain", () => {
  it("has its names and their records", () => {
    const { edge } = templates(domain);
    const aliases = [...distributionsOf(edge).values()].flatMap(({ Aliases = [] }) => Aliases);
    expect(aliases.toSorted()).toEqual(["pki.example.com", "status.pki.example.com"]);
    edge.resourceCountIs("AWS::Route53::RecordSet", 4);
    expect(JSON.stringify(edge.findResources("AWS::SSM::Parameter"))).toContain("http://status.pki.example.com");
  });

  it("locks every API to CloudFront's certificate before it lets clients show one", () => {
    const { edge, core } = templates(locked);
    const mtls = distributionsOf(edge).get("clients");
    expect(mtls).toMatchObject({ Aliases: ["mtls.pki.example.com"], ViewerMtlsConfig: { Mode: "passthrough" } });
    const apis = [
      ...Object.values(core.findResources("AWS::ApiGateway::RestApi")),
      ...Object.values(core.findResources("AWS::ApiGatewayV2::Api")),
    ] as { Properties: { DisableExecuteApiEndpoint?: boolean } }[];
    expect(apis.length).toBeGreaterThan(4);
    for (const { Properties } of apis) expect(Properties.DisableExecuteApiEndpoint).toBe(true);
    for (const { Origins } of distributionsOf(edge).values())
      for (const { CustomOriginConfig } of Origins)
        if (CustomOriginConfig !== undefined) expect(CustomOriginConfig.OriginMtlsConfig).toBeDefined();
    const names = Object.values(edge.findResources("AWS::ApiGatewayV2::DomainName")) as { Properties: object }[];
    expect(names.length).toBe(apis.length);
    for (const { Properties } of names)
      expect(Properties).toMatchObject({ MutualTlsAuthentication: { TruststoreUri: "s3://trust/cloudfront.pem" } });
    expect(JSON.stringify(edge.findResources("AWS::SSM::Parameter"))).toMatch(/mtlsUrl.*originLocked\\":true/);
  });

  it("lets nobody who shows no certificate say which one it was", () => {
    const { edge } = templates(locked);
    const asked = distributionsOf(edge)
      .get("API,")
      ?.CacheBehaviors?.find(({ PathPattern }) => PathPattern?.startsWith("/.well-known/est"));
    expect(asked?.FunctionAssociations).toHaveLength(1);
    const mtls = distributionsOf(edge).get("clients")?.DefaultCacheBehavior;
    expect(mtls?.FunctionAssociations).toEqual(asked?.FunctionAssociations);
    const policies = Object.values(edge.findResources("AWS::CloudFront::OriginRequestPolicy")) as {
      Properties: { OriginRequestPolicyConfig: { HeadersConfig: { Headers: readonly string[] } } };
    }[];
    const handedOn = policies.flatMap(({ Properties }) => Properties.OriginRequestPolicyConfig.HeadersConfig.Headers);
    expect(handedOn.toSorted()).toEqual([
      "Accept",
      "CloudFront-Viewer-Cert-Pem",
      "Content-Type",
      "X-Trstctl-Viewer-Address",
      "traceparent",
    ]);
  });

  it("has no host for client certificates while an API has another door", () => {
    const { edge, core } = templates(domain);
    expect(distributionsOf(edge).get("clients")).toBeUndefined();
    for (const api of Object.values(core.findResources("AWS::ApiGatewayV2::Api")))
      expect(api).toMatchObject({ Properties: { DisableExecuteApiEndpoint: false } });
  });

  it("refuses half of what it needs, and names the rest", () => {
    expect(() => deploymentOf({ domain: "pki.example.com" })).toThrow(/certificateArn: with domain/);
    expect(() => deploymentOf({ ...domain, originTrustStore: "s3://trust/x.pem" })).toThrow(
      /originCertificateArn: originTrustStore alone lock nothing/,
    );
    expect(() => deploymentOf({ ...domain, certificateArn: arn("eu-central-1", 1) })).toThrow(/us-east-1/);
  });
});
