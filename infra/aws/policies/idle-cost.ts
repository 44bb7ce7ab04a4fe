/**
 * What a deployment costs when nobody uses it. List prices of us-east-1, mid-2026, free tiers left out. Not in here: storage
 * (cents), and what the bridge runs, which is asked for by a context.
 */
import type { Policy } from "./policy.ts";
import { list, resourcesOf, type Templates } from "./templates.ts";

/** Calls by the schedule each minute, and of each wake function for each tenant's sweep. */
const minutesPerMonth = 43_800;
/** A mapping asks its queue by five long polls of 20 s (Lambda developer guide), $0.40 a million. */
const pollsPerMonth = ((5 * 60) / 20) * minutesPerMonth;
/** 1 GB arm64 for 300 ms, two log lines, a trace, three messages. */
const call = 0.3 * 0.000_013_333_4 + 0.000_000_2 + 0.000_001 + 0.000_005 + 3 * 0.000_000_4;

/** Dollars a month for one of a type; what is paid by use alone is 0. A type that is not here has to be thought about. */
const monthly: Readonly<Record<string, number>> = {
  "AWS::ApiGateway::Account": 0,
  "AWS::ApiGateway::Deployment": 0,
  "AWS::ApiGateway::Method": 0,
  "AWS::ApiGateway::Resource": 0,
  "AWS::ApiGateway::RestApi": 0,
  "AWS::ApiGateway::Stage": 0,
  "AWS::ApiGatewayV2::Api": 0,
  "AWS::ApiGatewayV2::Integration": 0,
  "AWS::ApiGatewayV2::Route": 0,
  "AWS::ApiGatewayV2::Stage": 0,
  "AWS::CloudFront::CachePolicy": 0,
  "AWS::CloudFront::Distribution": 0,
  "AWS::CloudFront::Function": 0,
  "AWS::CloudFront::OriginAccessControl": 0,
  "AWS::CloudFront::OriginRequestPolicy": 0,
  "AWS::CloudFront::ResponseHeadersPolicy": 0,
  "AWS::CloudWatch::Alarm": 0.1,
  "AWS::CloudWatch::CompositeAlarm": 0.5,
  "AWS::CloudWatch::Dashboard": 3,
  "AWS::CodeDeploy::Application": 0,
  "AWS::CodeDeploy::DeploymentGroup": 0,
  "AWS::DynamoDB::GlobalTable": 0,
  "AWS::Events::Rule": 0,
  "AWS::IAM::ManagedPolicy": 0,
  "AWS::IAM::Policy": 0,
  "AWS::IAM::Role": 0,
  "AWS::KMS::Alias": 0,
  "AWS::KMS::Key": 1,
  "AWS::Lambda::Alias": 0,
  "AWS::Lambda::EventInvokeConfig": 0,
  "AWS::Lambda::EventSourceMapping": 0,
  "AWS::Lambda::Function": 0,
  "AWS::Lambda::Permission": 0,
  "AWS::Lambda::Version": 0,
  "AWS::Logs::LogGroup": 0,
  "AWS::Logs::MetricFilter": 0,
  "AWS::Route53::RecordSet": 0,
  "AWS::S3::Bucket": 0,
  "AWS::S3::BucketPolicy": 0,
  "AWS::SNS::Subscription": 0,
  "AWS::SNS::Topic": 0,
  "AWS::SNS::TopicPolicy": 0,
  "AWS::SQS::Queue": 0,
  "AWS::SQS::QueuePolicy": 0,
  "AWS::SSM::Parameter": 0,
  // Calls of the schedule itself, and what it rings for with one tenant.
  "AWS::Scheduler::Schedule": minutesPerMonth * call,
  "AWS::StepFunctions::StateMachine": 0,
  "AWS::Synthetics::Canary": 10,
  "AWS::WAFv2::WebACL": 11,
};

/** Dollars a month. */
function idleCost(templates: Templates): number {
  const read = resourcesOf(templates, "AWS::Lambda::EventSourceMapping").filter(({ properties }) =>
    resourcesOf(templates, "AWS::SQS::Queue").some(({ arn }) => list(properties["EventSourceArn"]).includes(arn)),
  ).length;
  const things = resourcesOf(templates).reduce((sum, { resource }) => sum + (monthly[resource.Type] ?? 0), 0);
  return things + read * (pollsPerMonth * 0.000_000_4 + minutesPerMonth * call);
}

export const cheapWhenIdle: Policy = {
  name: "the minimal profile costs at most $10 a month when nobody uses it, beside keys and a bridge that are asked for",
  check(all, { profile, caKeys, importedCaKeys }) {
    if (profile !== "minimal") return [];
    const templates: Templates = new Map([...all].filter(([stack]) => !stack.endsWith("-bridge")));
    const unknown = new Set(
      resourcesOf(templates)
        .map(({ resource }) => resource.Type)
        .filter((type) => monthly[type] === undefined),
    );
    const cost = idleCost(templates) - caKeys.length - importedCaKeys.length;
    return [
      ...[...unknown].map((type) => `${type} has no price in idle-cost.ts`),
      ...(cost <= 10 ? [] : [`it costs $${cost.toFixed(2)}`]),
    ];
  },
};
