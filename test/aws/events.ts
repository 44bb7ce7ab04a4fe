/** Events as API Gateway sends them: REST APIs payload 1.0, HTTP APIs payload 2.0 (AWS's documentation of both). */
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from "aws-lambda";
import { base64, utf8Text } from "#shared/kernel/bytes";

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** As on the wire, without the question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly body?: Uint8Array;
  /** The body travels as text; without it as base64. */
  readonly asText?: true;
  readonly address?: string;
  /** Mutual TLS at the API's own domain. */
  readonly clientCertPem?: string;
}

const bodyOf = ({ body, asText }: Asked) =>
  body === undefined
    ? { isBase64Encoded: false }
    : { body: asText === true ? utf8Text(body) : base64(body), isBase64Encoded: asText !== true };

const clientCertOf = ({ clientCertPem }: Asked) => ({
  clientCertPem: clientCertPem ?? "",
  subjectDN: "CN=x",
  issuerDN: "CN=y",
  serialNumber: "1",
  validity: { notBefore: "-", notAfter: "-" },
});

export function httpEvent(asked: Asked): APIGatewayProxyEventV2 {
  const { method, path, query = "", headers = {}, address = "198.51.100.1", clientCertPem } = asked;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => name.toLowerCase() !== "cookie")
        .map(([name, values]) => [name.toLowerCase(), values.join(",")]),
    ),
    ...(headers["cookie"] !== undefined && { cookies: headers["cookie"].flatMap((value) => value.split("; ")) }),
    requestContext: {
      accountId: "123456789012",
      apiId: "abc123",
      domainName: "abc123.execute-api.eu-central-1.amazonaws.com",
      domainPrefix: "abc123",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: address, userAgent: "-" },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey: "$default",
      stage: "$default",
      time: "26/Nov/2026:12:00:00 +0000",
      timeEpoch: 1_795_694_400_000,
      ...(clientCertPem !== undefined && { authentication: { clientCert: clientCertOf(asked) } }),
    },
    ...bodyOf(asked),
  };
}

export function restEvent(asked: Asked): APIGatewayProxyEvent {
  const { method, path, query = "", headers = {}, address = "198.51.100.1", clientCertPem } = asked;
  const many: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) many[name] = [...(many[name] ?? []), value];
  const last = (all: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.at(-1) ?? ""]));
  const { body = null, isBase64Encoded } = bodyOf(asked) as {
    readonly body?: string;
    readonly isBase64Encoded: boolean;
  };
  return {
    resource: "/{proxy+}",
    path,
    httpMethod: method,
    headers: last(headers),
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, [...values]])),
    queryStringParameters: query === "" ? null : last(many),
    multiValueQueryStringParameters: query === "" ? null : many,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: "123456789012",
      apiId: "abc123",
      authorizer: undefined,
      protocol: "HTTP/1.1",
      httpMethod: method,
      path: `/live${path}`,
      stage: "live",
      requestId: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
      requestTimeEpoch: 1_795_694_400_000,
      resourceId: "123456",
      resourcePath: "/{proxy+}",
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: null,
        apiKeyId: null,
        caller: null,
        clientCert: clientCertPem === undefined ? null : clientCertOf(asked),
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: address,
        user: null,
        userAgent: "-",
        userArn: null,
      },
    },
    body,
    isBase64Encoded,
  };
}
