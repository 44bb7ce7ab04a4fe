/** A table of the shape that the adapters write (`shared/adapters/aws/dynamodb.ts`). */
import { tableShape } from "#shared/adapters/aws/dynamodb";
import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  Billing,
  type CfnGlobalTable,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

export interface ItemTableProps {
  readonly tableName: string;
  readonly encryptionKey: IKey;
  readonly recoveryDays: number;
  readonly view: boolean;
  readonly stream: boolean;
}

const { partitionKey, sortKey, view, ttl, stream } = tableShape;
const text = (name: string) => ({ name, type: AttributeType.STRING });

export function itemTable(scope: Construct, id: string, props: ItemTableProps): TableV2 {
  const table = new TableV2(scope, id, {
    tableName: props.tableName,
    partitionKey: text(partitionKey),
    sortKey: text(sortKey),
    timeToLiveAttribute: ttl,
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: props.recoveryDays,
    },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    ...(props.stream && { dynamoStream: StreamViewType[stream] }),
    ...(props.view && {
      globalSecondaryIndexes: [
        {
          indexName: view.name,
          partitionKey: text(view.partitionKey),
          sortKey: text(view.sortKey),
          projectionType: ProjectionType.ALL,
        },
      ],
    }),
  });
  // TableV2 takes a key of ours only where the Region is known; CloudFormation takes it anywhere.
  const resource = table.node.defaultChild as CfnGlobalTable;
  resource.addPropertyOverride("Replicas.0.SSESpecification", { KMSMasterKeyId: props.encryptionKey.keyArn });
  return table;
}
