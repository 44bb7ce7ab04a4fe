import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import type { DynamoServer } from "#test/contract/dynamo";
import { freePort } from "#test/contract/free-port";
import { directoryOf, fromDebian, type Tool } from "./tool.ts";

const main = "software.amazon.dynamodb.services.local.main.ServerRunner";
const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/** Amazon's own DynamoDB for one machine, from Maven Central; Java and Maven are there or come from Debian. */
export const dynamodbLocal: Tool = {
  name: "dynamodb-local",
  version: "3.3.1",
  async install(directory) {
    if ((await run("mvn", ["--version"])).code !== 0) await fromDebian("maven", "default-jdk-headless");
    const pom = join(directory, "pom.xml");
    writeFileSync(pom, project(dynamodbLocal.version));
    const words = ["--quiet", "--batch-mode", "-f", pom, plugin, "-DincludeScope=runtime"];
    await succeed("mvn", [...words, `-DoutputDirectory=${join(directory, "lib")}`]);
  },
  async probe(directory) {
    if (!existsSync(jar(directory))) return undefined;
    const { code } = await run("java", ["-version"]);
    return code === 0 ? dynamodbLocal.version : undefined;
  },
};

const jar = (directory: string): string => join(directory, "lib", `DynamoDBLocal-${dynamodbLocal.version}.jar`);

const project = (version: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>dynamodb-local</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>software.amazon.dynamodb</groupId>
      <artifactId>DynamoDBLocal</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;

/** In memory, on a free port. */
export async function startDynamodbLocal(): Promise<DynamoServer> {
  const lib = join(directoryOf(dynamodbLocal), "lib");
  const port = await freePort();
  const words = ["-Xmx512m", `-Djava.library.path=${lib}`, "-DDDB_LOCAL_TELEMETRY=0", "-cp", join(lib, "*"), main];
  const child = spawn("java", [...words, "-inMemory", "-port", String(port), "-disableTelemetry"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const gone = once(child, "exit");
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
