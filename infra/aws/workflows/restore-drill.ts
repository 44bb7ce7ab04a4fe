/**
 * The restore drill in Amazon States Language (JSONPath): a copy of the core table as it was at a moment, looked at tenant by
 * tenant, deleted, told of. Input `{}`, or `{"restoreTime": "2026-11-26T03:00:00Z"}`. Where it fails behind the
 * restore it deletes first, and fails then with what went wrong.
 */
export interface DrillParts {
  /** Names of tables. */
  readonly source: string;
  readonly copy: string;
  /** ARN of `restore-check`. */
  readonly check: string;
  /** ARN of the alarms' topic. */
  readonly topic: string;
}

const pollSeconds = 60;
/** Twelve hours. An execution may have 25,000 events in its history; a poll makes nine. */
const mostPolls = 720;

const retry = (errors: readonly string[], seconds: number, attempts: number, mostSeconds: number) => ({
  ErrorEquals: errors,
  IntervalSeconds: seconds,
  BackoffRate: 2,
  MaxAttempts: attempts,
  MaxDelaySeconds: mostSeconds,
  JitterStrategy: "FULL",
});
const busy = retry(
  ["DynamoDb.ThrottlingException", "DynamoDb.InternalServerErrorException", "DynamoDb.LimitExceededException"],
  5,
  6,
  120,
);
const unreachable = retry(["DynamoDb.SdkClientException"], 5, 6, 120);
const lambdaBusy = retry(
  [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Failure",
  ],
  10,
  5,
  300,
);
/** A table that is being made cannot be deleted. */
const beingMade = retry(["DynamoDb.ResourceInUseException"], 60, 12, 3600);

const all = (Next: string, ResultPath = "$.failure") => [{ ErrorEquals: ["States.ALL"], ResultPath, Next }];
const dynamo = (action: string) => `arn:aws:states:::aws-sdk:dynamodb:${action}`;

export function restoreDrill({ source, copy, check, topic }: DrillParts) {
  const restored = { SourceTableName: source, TargetTableName: copy };
  const restore = (moment: object) => ({
    Type: "Task",
    Resource: dynamo("restoreTableToPointInTime"),
    Parameters: { ...restored, ...moment },
    ResultPath: null,
    // Nothing else: whose table it is that is there already, nobody would know.
    Retry: [busy],
    Catch: all("Tell"),
    Next: "Begun",
  });
  const failure = (Error: string, cause: string, Next: string) => ({
    Type: "Pass",
    Parameters: { Error, "Cause.$": cause },
    ResultPath: "$.failure",
    Next,
  });
  return {
    Comment: "Restores a copy of the core table, verifies it, deletes it",
    StartAt: "ToWhen",
    States: {
      ToWhen: {
        Type: "Choice",
        Choices: [{ Variable: "$.restoreTime", IsPresent: true, Next: "RestoreToTime" }],
        Default: "RestoreLatest",
      },
      RestoreToTime: restore({ "RestoreDateTime.$": "$.restoreTime" }),
      RestoreLatest: restore({ UseLatestRestorableTime: true }),
      Begun: { Type: "Pass", Result: { n: 0 }, ResultPath: "$.polls", Next: "Wait" },
      Wait: { Type: "Wait", Seconds: pollSeconds, Next: "Describe" },
      Describe: {
        Type: "Task",
        Resource: dynamo("describeTable"),
        Parameters: { TableName: copy },
        ResultPath: "$.copy",
        Retry: [busy, unreachable],
        Catch: all("Delete"),
        Next: "IsThere",
      },
      IsThere: {
        Type: "Choice",
        Choices: [
          {
            And: [
              { Variable: "$.copy.Table.TableStatus", StringEquals: "ACTIVE" },
              // A path that leads nowhere ends an execution at once, and no Catch would delete the table.
              { Variable: "$.copy.Table.RestoreSummary.RestoreDateTime", IsPresent: true },
            ],
            Next: "There",
          },
          {
            And: [
              { Variable: "$.copy.Table.TableStatus", StringEquals: "CREATING" },
              { Variable: "$.polls.n", NumericLessThan: mostPolls },
            ],
            Next: "Again",
          },
        ],
        Default: "NeverThere",
      },
      Again: {
        Type: "Pass",
        Parameters: { "n.$": "States.MathAdd($.polls.n, 1)" },
        ResultPath: "$.polls",
        Next: "Wait",
      },
      NeverThere: failure(
        "RestoreDrill.NotRestored",
        `States.Format('after {} polls, ${pollSeconds} s apart, table ${copy} is {}', $.polls.n, $.copy.Table.TableStatus)`,
        "Delete",
      ),
      There: { Type: "Pass", Result: { after: null, report: null }, ResultPath: "$.page", Next: "Check" },
      Check: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Parameters: {
          FunctionName: check,
          Payload: {
            "restoredTo.$": "$.copy.Table.RestoreSummary.RestoreDateTime",
            "after.$": "$.page.after",
            "report.$": "$.page.report",
          },
        },
        ResultSelector: { "after.$": "$.Payload.after", "report.$": "$.Payload.report" },
        ResultPath: "$.page",
        Retry: [lambdaBusy],
        Catch: all("Delete"),
        Next: "IsAll",
      },
      IsAll: {
        Type: "Choice",
        Choices: [
          { Not: { Variable: "$.page.after", IsNull: true }, Next: "Check" },
          { Variable: "$.page.report.tenants", NumericEquals: 0, Next: "Empty" },
          { Variable: "$.page.report.unsound", NumericGreaterThan: 0, Next: "Unsound" },
        ],
        Default: "Delete",
      },
      Empty: failure(
        "RestoreDrill.Empty",
        "States.Format('nothing in the copy of {} is a tenant', $.copy.Table.RestoreSummary.RestoreDateTime)",
        "Delete",
      ),
      Unsound: failure(
        "RestoreDrill.Unsound",
        "States.Format('{} of {} tenants do not verify: {}', $.page.report.unsound, $.page.report.tenants, States.JsonToString($.page.report.damage))",
        "Delete",
      ),
      Delete: {
        Type: "Task",
        Resource: dynamo("deleteTable"),
        Parameters: { TableName: copy },
        ResultPath: null,
        Retry: [busy, unreachable, beingMade],
        Catch: [
          { ErrorEquals: ["DynamoDb.ResourceNotFoundException"], ResultPath: "$.gone", Next: "Tell" },
          ...all("Kept", "$.kept"),
        ],
        Next: "Tell",
      },
      Kept: failure(
        "RestoreDrill.NotDeleted",
        `States.Format('table ${copy} is still there, and costs: delete it by hand ({})', $.kept.Error)`,
        "Tell",
      ),
      Tell: {
        Type: "Task",
        Resource: "arn:aws:states:::sns:publish",
        Parameters: { TopicArn: topic, Subject: `Restore drill of ${source}`, "Message.$": "$" },
        ResultPath: null,
        Retry: [retry(["States.ALL"], 5, 4, 60)],
        Catch: all("Outcome", "$.untold"),
        Next: "Outcome",
      },
      Outcome: {
        Type: "Choice",
        Choices: [
          { Variable: "$.failure", IsPresent: true, Next: "Failed" },
          { Variable: "$.untold", IsPresent: true, Next: "Untold" },
        ],
        Default: "Sound",
      },
      Failed: { Type: "Fail", ErrorPath: "$.failure.Error", CausePath: "$.failure.Cause" },
      Untold: { Type: "Fail", ErrorPath: "$.untold.Error", CausePath: "$.untold.Cause" },
      Sound: { Type: "Succeed", OutputPath: "$.page.report" },
    },
  } as const;
}
