/** AssumeRole as it stands on the wire (AWS Query protocol, STS API of 2011-06-15). */
export interface AssumeRoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
}

/** @param form the body, `application/x-www-form-urlencoded` */
export function readAssumeRole(form: string): AssumeRoleRequest {
  const fields = new URLSearchParams(form);
  if (fields.get("Action") !== "AssumeRole") throw new Error(`not AssumeRole: ${fields.get("Action")}`);
  const tags: Record<string, string> = {};
  for (let n = 1; fields.has(`Tags.member.${n}.Key`); n++)
    tags[fields.get(`Tags.member.${n}.Key`) ?? ""] = fields.get(`Tags.member.${n}.Value`) ?? "";
  const transitiveTagKeys: string[] = [];
  for (let n = 1; fields.has(`TransitiveTagKeys.member.${n}`); n++)
    transitiveTagKeys.push(fields.get(`TransitiveTagKeys.member.${n}`) ?? "");
  return {
    roleArn: fields.get("RoleArn") ?? "",
    sessionName: fields.get("RoleSessionName") ?? "",
    durationSeconds: Number(fields.get("DurationSeconds")),
    tags,
    transitiveTagKeys,
  };
}

export interface StsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export const assumeRoleAnswer = (given: StsCredentials): string =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
  `<AccessKeyId>${given.accessKeyId}</AccessKeyId><SecretAccessKey>${given.secretAccessKey}</SecretAccessKey>` +
  `<SessionToken>${given.sessionToken}</SessionToken><Expiration>${given.expiration.toISOString()}</Expiration>` +
  `</Credentials></AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>`;

export const stsError = (code: string, message: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
  `<Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
