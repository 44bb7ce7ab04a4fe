/** A table, and a role that reaches the items of the tenant that its session names. */
export const isolated = {
  Resources: {
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        TableName: "isolated",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      },
    },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: "isolated-tenant",
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: "arn:aws:iam::000000000000:root" },
              Action: ["sts:AssumeRole", "sts:TagSession"],
            },
          ],
        },
        Policies: [
          {
            PolicyName: "items",
            PolicyDocument: {
              Version: "2012-10-17",
              Statement: [
                {
                  Effect: "Allow",
                  Action: ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQLSelect"],
                  Resource: { "Fn::GetAtt": ["Table", "Arn"] },
                  Condition: {
                    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["T#${aws:PrincipalTag/tenant}#*"] },
                    Null: { "dynamodb:LeadingKeys": "false" },
                  },
                },
              ],
            },
          },
        ],
      },
    },
  },
};
