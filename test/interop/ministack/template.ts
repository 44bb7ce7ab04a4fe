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
const echo = `exports.handler = async (event) => ({ statusCode: 200, body: event.rawPath + " " + Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8") });`;
const reports = `exports.handler = async (event) => {
  console.error("stream attempt");
  return { batchItemFailures: [{ itemIdentifier: event.Records[0].dynamodb.SequenceNumber }] };
};`;
// As the egress adapter asks: of an address.
const asks = `exports.handler = (event) => new Promise((resolve, reject) => {
  require("node:https").request(event, (response) => resolve(response.statusCode)).on("error", reject).end();
});`;
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
    Asks: nodeFunction("mends-asks", asks, 3),
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
    Echo: nodeFunction("mends-echo", echo, 3),
    Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "echo", ProtocolType: "HTTP" } },
    Integration: {
      Type: "AWS::ApiGatewayV2::Integration",
      Properties: {
        ApiId: { Ref: "Api" },
        IntegrationType: "AWS_PROXY",
        IntegrationUri: { "Fn::GetAtt": ["Echo", "Arn"] },
        PayloadFormatVersion: "2.0",
      },
    },
    Route: {
      Type: "AWS::ApiGatewayV2::Route",
      Properties: {
        ApiId: { Ref: "Api" },
        RouteKey: "$default",
        Target: { "Fn::Join": ["/", ["integrations", { Ref: "Integration" }]] },
      },
    },
    Stage: {
      Type: "AWS::ApiGatewayV2::Stage",
      Properties: { ApiId: { Ref: "Api" }, StageName: "$default", AutoDeploy: true },
    },
    Distribution: {
      Type: "AWS::CloudFront::Distribution",
      Properties: {
        DistributionConfig: {
          Enabled: true,
          Origins: [
            {
              Id: "api",
              DomainName: { "Fn::Sub": "${Api}.execute-api.${AWS::Region}.amazonaws.com" },
              CustomOriginConfig: { OriginProtocolPolicy: "https-only" },
            },
          ],
          DefaultCacheBehavior: {
            TargetOriginId: "api",
            ViewerProtocolPolicy: "allow-all",
            AllowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
            CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
          },
        },
      },
    },
    Stub: { Type: "AWS::WAFv2::WebACLAssociation", Properties: {} },
  },
  Outputs: { Domain: { Value: { "Fn::GetAtt": ["Distribution", "DomainName"] } } },
};
