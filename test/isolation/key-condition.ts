/** The partition that a Query names. */
type Json = Readonly<Record<string, unknown>>;
type Attribute = Readonly<Record<string, unknown>>;

/** @returns undefined unless the request names exactly one value: what is not understood names none, and is denied */
export function leadingKeyOf(query: Json, partitionKey: string): Attribute | undefined {
  const legacy = (query["KeyConditions"] as Readonly<Record<string, Json>> | undefined)?.[partitionKey];
  if (legacy !== undefined) {
    const values = legacy["AttributeValueList"] as Attribute[] | undefined;
    return legacy["ComparisonOperator"] === "EQ" && values?.length === 1 ? values[0] : undefined;
  }
  const names = (query["ExpressionAttributeNames"] ?? {}) as Readonly<Record<string, string>>;
  const values = (query["ExpressionAttributeValues"] ?? {}) as Readonly<Record<string, Attribute>>;
  const expression = query["KeyConditionExpression"];
  const tokens = (typeof expression === "string" ? expression : "").match(/[#:]?[\w.-]+|<=|>=|<>|[=<>(),]/g) ?? [];
  const found: string[] = [];
  tokens.forEach((token, n) => {
    if (token !== "=") return;
    const [left = "", right = ""] = [tokens[n - 1], tokens[n + 1]];
    if ((names[left] ?? left) === partitionKey) found.push(right);
    else if ((names[right] ?? right) === partitionKey) found.push(left);
  });
  return found.length === 1 ? values[found[0] ?? ""] : undefined;
}
