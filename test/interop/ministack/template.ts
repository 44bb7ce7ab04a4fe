/** A stack in which each property is one that the emulator once dropped, or that AWS keeps otherwise. */
const role = { "Fn::GetAtt": ["Role", "Arn"] };

const nodeFunction = (name: string, code: string, timeout: number): object => ({
  Type: "AWS::Lambda::Function",
  Properties: {
    FunctionName: name,
    Runtime: "nodejs24.x",
    Handler: "index.handler",
    Role: role,
    Timeout: timeout,
    Code: { ZipFile: code },
  },
});

const context = `exports.handler = async (event, context) => ({
  node: process.version,
  name: context.functionName,
  arn: context.invokedFunctionArn,
  remaining: context.getRemainingTimeInMillis(),
  leaked: Object.keys(process.env).filter((name) => /^(VITEST|npm_|TRSTCTL_)/.test(name)),
});`;
const reports = `exports.handler = async (event) => {
  console.error("stream attempt");
  return { batchItemFailures: [{ itemIdentifier: event.Records[0].dynamodb.SequenceNumber }] };
};`;
const throws = `exports.handler = async () => { throw new Error("always"); };`;

const queue = (name: string, properties: object = {}): object => ({
  Type: "AWS::SQS::Queue",
  Properties: { QueueName: name, VisibilityTimeout: 2, ...properties },
});

export const template = {
  Resources: {
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
      },
    },
    Context: nodeFunction("mends-context", context, 7),
    Reports: nodeFunction("mends-reports", reports, 3),
    Throws: nodeFunction("mends-throws", throws, 2),
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        TableName: "mends-table",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        StreamSpecification: { StreamViewType: "NEW_IMAGE" },
      },
    },
    FailedBatches: queue("mends-failed-batches"),
    StreamSource: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        FunctionName: { Ref: "Reports" },
        EventSourceArn: { "Fn::GetAtt": ["Table", "StreamArn"] },
        StartingPosition: "TRIM_HORIZON",
        MaximumRetryAttempts: 1,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["FailedBatches", "Arn"] } } },
      },
    },
    Dead: queue("mends-dead"),
    Queue: queue("mends-queue", {
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] }, maxReceiveCount: 2 },
    }),
    QueueSource: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: { FunctionName: { Ref: "Throws" }, EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] } },
    },
    Locked: {
      Type: "AWS::S3::Bucket",
      Properties: {
        BucketName: "mends-locked",
        VersioningConfiguration: { Status: "Enabled" },
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: "Enabled",
          Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
        },
      },
    },
    Stub: { Type: "AWS::WAFv2::WebACLAssociation", Properties: {} },
  },
};
