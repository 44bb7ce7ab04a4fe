/** The alias that an API calls: a new version first gets a tenth of the requests, and goes back when its errors alarm. */
import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { type LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { Alias, type Function as LambdaFunctionConstruct, type IVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { liveAlias } from "../names.ts";

export interface CanaryProps {
  readonly function: LambdaFunctionConstruct;
  readonly application: LambdaApplication;
  /** CodeDeploy's. */
  readonly role: IRole;
}

export function canaryAlias(scope: Construct, id: string, { function: target, application, role }: CanaryProps): Alias {
  const alias = new Alias(scope, id, { aliasName: liveAlias, version: target.currentVersion as IVersion });
  const errors = new Alarm(scope, `${id}Errors`, {
    alarmDescription: `${target.node.path}: calls that ended in an error; a deployment under way goes back`,
    metric: alias.metricErrors({ period: Duration.minutes(1) }),
    threshold: 3,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  new LambdaDeploymentGroup(scope, `${id}Deployment`, {
    application,
    alias,
    role,
    alarms: [errors],
    deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
    autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
  });
  return alias;
}
