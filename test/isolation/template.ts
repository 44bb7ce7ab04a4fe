/** Roles and policies as a synthesized CloudFormation template states them, with its references resolved. */
import { readPolicy, type Policy } from "./iam/policy.ts";

export interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface Place {
  readonly account: string;
  readonly region: string;
}

export interface DeployedRole {
  readonly arn: string;
  readonly name: string;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
  /** Tags of the role itself: a session without a tag of that name would have them. */
  readonly tags: readonly string[];
}

export interface Deployed {
  readonly roles: readonly DeployedRole[];
  /** Bucket policies by the bucket's name. */
  readonly buckets: ReadonlyMap<string, Policy>;
  /** Names of the tables. */
  readonly tables: readonly string[];
}

/** @param templates of all stacks that name each other */
export function readTemplates(templates: readonly Template[], place: Place): Deployed {
  const all = templates.flatMap((template) =>
    Object.entries(template.Resources ?? {}).map(([id, resource]) => ({ id, resource, template })),
  );
  const value = (template: Template, raw: unknown): unknown => resolve(raw, template, templates, place);
  const of = (type: string) => all.filter(({ resource }) => resource.Type === type);

  const attached = of("AWS::IAM::Policy").map(({ resource, template }) => ({
    roles: value(template, resource.Properties?.["Roles"]) as string[],
    policy: readPolicy(value(template, resource.Properties?.["PolicyDocument"])),
  }));
  const roles = of("AWS::IAM::Role").map(({ id, resource, template }) => {
    const {
      Policies = [],
      AssumeRolePolicyDocument,
      Tags = [],
    } = value(template, resource.Properties) as {
      Policies?: { PolicyDocument: unknown }[];
      AssumeRolePolicyDocument: unknown;
      Tags?: { Key: string }[];
    };
    const name = physicalName(id, resource, (raw) => value(template, raw));
    return {
      arn: `arn:aws:iam::${place.account}:role/${name}`,
      name,
      trust: readPolicy(AssumeRolePolicyDocument),
      policies: [
        ...Policies.map(({ PolicyDocument }) => readPolicy(PolicyDocument)),
        ...attached.filter((one) => one.roles.includes(name)).map(({ policy }) => policy),
      ],
      tags: Tags.map(({ Key }) => Key),
    };
  });
  const buckets = of("AWS::S3::BucketPolicy").map(({ resource, template }) => {
    const { Bucket, PolicyDocument } = value(template, resource.Properties) as {
      Bucket: string;
      PolicyDocument: unknown;
    };
    return [Bucket, readPolicy(PolicyDocument)] as const;
  });
  const tables = ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"]
    .flatMap(of)
    .map(({ id, resource, template }) => physicalName(id, resource, (raw) => value(template, raw)));
  return { roles, buckets: new Map(buckets), tables };
}

/** The property that names a resource; one that CloudFormation would name is called by its logical id. */
const nameProperties: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::GlobalTable": "TableName",
  "AWS::DynamoDB::Table": "TableName",
  "AWS::IAM::Role": "RoleName",
  "AWS::S3::Bucket": "BucketName",
  "AWS::SQS::Queue": "QueueName",
  "AWS::Lambda::Function": "FunctionName",
};

function physicalName(id: string, { Type, Properties }: Resource, value: (raw: unknown) => unknown): string {
  const named = Properties?.[nameProperties[Type] ?? ""];
  return named === undefined ? id.toLowerCase() : String(value(named));
}

function arnOf(type: string, name: string, { account, region }: Place): string {
  if (type.startsWith("AWS::DynamoDB::")) return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
  if (type === "AWS::S3::Bucket") return `arn:aws:s3:::${name}`;
  if (type === "AWS::IAM::Role") return `arn:aws:iam::${account}:role/${name}`;
  if (type === "AWS::Lambda::Function") return `arn:aws:lambda:${region}:${account}:function:${name}`;
  const [, service = "", kind = ""] = type.toLowerCase().split("::");
  return `arn:aws:${service}:${region}:${account}:${kind}/${name}`;
}

/** @throws Error for an intrinsic function that is not known here. */
function resolve(raw: unknown, template: Template, templates: readonly Template[], place: Place): unknown {
  const again = (one: unknown): unknown => resolve(one, template, templates, place);
  if (Array.isArray(raw)) return raw.map(again).filter((one) => one !== undefined);
  if (typeof raw !== "object" || raw === null) return raw;
  const [[name, argument] = [""]] = Object.entries(raw);
  if (Object.keys(raw).length !== 1 || !(name === "Ref" || name.startsWith("Fn::")))
    return Object.fromEntries(Object.entries(raw).map(([key, one]) => [key, again(one)]));

  const pseudo: Readonly<Record<string, unknown>> = {
    "AWS::Partition": "aws",
    "AWS::Region": place.region,
    "AWS::AccountId": place.account,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": undefined,
  };
  const named = (id: string) => {
    const resource = template.Resources?.[id];
    return resource && { type: resource.Type, name: physicalName(id, resource, again) };
  };
  switch (name) {
    case "Ref": {
      const id = String(argument);
      return id in pseudo ? pseudo[id] : (named(id)?.name ?? id);
    }
    case "Fn::GetAtt": {
      const [id = "", attribute = ""] = argument as string[];
      const target = named(id);
      if (target === undefined) throw new Error(`template: no resource ${id}`);
      const arn = arnOf(target.type, target.name, place);
      return attribute === "StreamArn" ? `${arn}/stream/2026` : attribute === "Arn" ? arn : `${arn}#${attribute}`;
    }
    case "Fn::Join": {
      const [separator, parts] = again(argument) as [string, string[]];
      return parts.join(separator);
    }
    case "Fn::Select": {
      const [n, parts] = again(argument) as [string, string[]];
      return parts[Number(n)];
    }
    case "Fn::Split": {
      const [separator, text] = again(argument) as [string, string];
      return text.split(separator);
    }
    case "Fn::ImportValue": {
      const wanted = again(argument);
      for (const other of templates)
        for (const { Value, Export } of Object.values(other.Outputs ?? {}))
          if (Export !== undefined && resolve(Export.Name, other, templates, place) === wanted)
            return resolve(Value, other, templates, place);
      throw new Error(`template: nothing exports ${String(wanted)}`);
    }
    default:
      throw new Error(`template: ${name} is not known here`);
  }
}
