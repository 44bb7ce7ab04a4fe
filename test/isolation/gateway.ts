/**
 * A DynamoDB with IAM in front, and the STS that makes the sessions: an HTTP proxy that knows by the access key whose
 * request it is, asks the evaluator as AWS does, answers AccessDeniedException, or passes the request on.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { questionsOf, type Where } from "./dynamodb-wire.ts";
import { decide, type Principal, type Question } from "./iam/evaluate.ts";
import type { Policy } from "./iam/policy.ts";
import { type AssumeRoleRequest, assumeRoleAnswer, readAssumeRole, stsError } from "./sts-wire.ts";

export interface Role {
  readonly arn: string;
  readonly policies: readonly Policy[];
  readonly trust: Policy;
}

export interface GatewayOptions {
  /** The DynamoDB behind. */
  readonly upstream: string;
  readonly account: string;
  readonly partitionKey: Where["partitionKey"];
  readonly roles: readonly Role[];
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface Gateway {
  readonly endpoint: string;
  /** Credentials as STS makes them, for a principal that is not made by AssumeRole (a function's own role, an operator). */
  session(principal: Principal): Keys;
  /** What was asked since the last call of this, denied or not. */
  asked(): readonly Question[];
  stop(): Promise<void>;
}

interface Session {
  readonly principal: Principal;
  readonly token: string;
  readonly transitive: Readonly<Record<string, string>>;
}

/** STS API Reference, Tag: what a session tag may hold; neither `*`, `?`, `#` nor `$`. */
const tagValue = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const sessions = new Map<string, Session>();
  let asked: Question[] = [];

  function open(principal: Principal, transitive: Readonly<Record<string, string>> = {}): Keys {
    const keys = {
      accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(20).toString("hex"),
      sessionToken: randomBytes(24).toString("hex"),
    };
    sessions.set(keys.accessKeyId, { principal, token: keys.sessionToken, transitive });
    return keys;
  }

  const judge = (principal: Principal, question: Question, resource?: Policy): boolean =>
    decide(principal, question, resource).allowed;

  function assume(caller: Session, request: AssumeRoleRequest): Keys {
    const role = options.roles.find(({ arn }) => arn === request.roleArn);
    for (const [key, value] of Object.entries(request.tags))
      if (!tagValue.test(value) || !tagValue.test(key)) throw new Refused("ValidationError", `tag ${key} is not valid`);
    for (const key of Object.keys(caller.transitive))
      if (key in request.tags) throw new Refused("InvalidParameterValue", `tag ${key} is transitive and stays`);
    const tags = { ...request.tags, ...caller.transitive };
    const context = {
      ...Object.fromEntries(Object.entries(request.tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
      "aws:TagKeys": Object.keys(request.tags),
      "sts:TransitiveTagKeys": request.transitiveTagKeys,
      "sts:RoleSessionName": request.sessionName,
    };
    const actions = ["sts:AssumeRole", ...(Object.keys(request.tags).length > 0 ? ["sts:TagSession"] : [])];
    for (const action of actions)
      if (role === undefined || !judge(caller.principal, { action, resource: request.roleArn, context }, role.trust))
        throw new Refused("AccessDenied", `not authorized to perform: ${action} on resource: ${request.roleArn}`);
    const transitive = Object.fromEntries(request.transitiveTagKeys.map((key) => [key, tags[key] ?? ""]));
    const principal = { arn: request.roleArn, account: options.account, tags, policies: role?.policies ?? [] };
    return open(principal, transitive);
  }

  function sts(caller: Session, form: string, response: ServerResponse): void {
    try {
      const answer = assumeRoleAnswer({
        ...assume(caller, readAssumeRole(form)),
        expiration: new Date(Date.now() + 3600_000),
      });
      response.writeHead(200, { "content-type": "text/xml" }).end(answer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const status = error.code === "AccessDenied" ? 403 : 400;
      response.writeHead(status, { "content-type": "text/xml" }).end(stsError(error.code, error.message));
    }
  }

  async function dynamo(caller: Session, target: string, region: string, body: string, response: ServerResponse) {
    const operation = target.split(".")[1] ?? "";
    const where = { region, account: options.account, partitionKey: options.partitionKey };
    const questions = questionsOf(operation, JSON.parse(body) as Record<string, unknown>, where);
    asked.push(...questions);
    const denied = questions.find((question) => !judge(caller.principal, question));
    if (denied !== undefined || questions.length === 0) {
      const Message = `User: ${caller.principal.arn} is not authorized to perform: ${denied?.action} on resource: ${denied?.resource}`;
      return json(response, { __type: "com.amazon.coral.service#AccessDeniedException", Message });
    }
    const upstream = await fetch(options.upstream, {
      method: "POST",
      headers: {
        "x-amz-target": target,
        "content-type": "application/x-amz-json-1.0",
        authorization: localAuthorization,
        "x-amz-date": "20400101T000000Z",
      },
      body,
    });
    response.writeHead(upstream.status, { "content-type": "application/x-amz-json-1.0" });
    response.end(Buffer.from(await upstream.arrayBuffer()));
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const [, key = "", region = ""] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
    const caller = sessions.get(key);
    if (caller === undefined || caller.token !== request.headers["x-amz-security-token"])
      return json(response, { __type: "com.amazon.coral.service#UnrecognizedClientException", message: "unknown" });
    const target = request.headers["x-amz-target"];
    if (typeof target === "string") await dynamo(caller, target, region, body, response);
    else sts(caller, body, response);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    session: (principal) => open(principal),
    asked: () => {
      const last = asked;
      asked = [];
      return last;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const localAuthorization =
  "AWS4-HMAC-SHA256 Credential=local/20400101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

const json = (response: ServerResponse, body: unknown): void => {
  response.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
};
