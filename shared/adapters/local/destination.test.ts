/** Which addresses egress reaches (I11), as attacks. */
import { describe, expect, it } from "vitest";
import { canonicalAddress, destinationProblem } from "./destination.ts";

const judge = (text: string, cidrs: readonly string[] = [], privateNetworks = true): string | undefined => {
  const address = canonicalAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return destinationProblem(address, { cidrs, privateNetworks });
};
const everything = ["0.0.0.0/0", "::/0"];

describe("public unicast is open", () => {
  it.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"])(
    "%s",
    (address) => expect(judge(address)).toBeUndefined(),
  );
});

const inside = `
  127.0.0.1 127.255.255.254 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1
  100.127.255.255 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 192.88.99.1 ::1
  fd00::1 fc00::1 2001:db8::1 64:ff9b::8.8.8.8 64:ff9b:1::8.8.8.8 2002:808:808::1 2001:0:4136:e378:8000:63bf:f7f7:f7f7
  100::1 4000::1 5f00::1 ::8.8.8.8 ::ffff:0:8.8.8.8 ::ffff:127.0.0.1 ::ffff:7f00:1
  ::ffff:10.0.0.1 ::ffff:c0a8:101
`
  .trim()
  .split(/\s+/);

describe("what is not public needs list and opt-in", () => {
  it.each(inside)("%s", (address) => {
    expect(judge(address)).toContain("TRSTCTL_EGRESS_CIDRS");
    expect(judge(address, everything, false)).toContain("not opted in");
    expect(judge(address, everything)).toBeUndefined();
  });

  it("a list opens what it lists, and nothing beside it", () => {
    expect(judge("10.1.2.3", ["10.1.0.0/16"])).toBeUndefined();
    expect(judge("::ffff:10.1.2.3", ["10.1.0.0/16"])).toBeUndefined();
    expect(judge("10.2.0.1", ["10.1.0.0/16"])).toContain("TRSTCTL_EGRESS_CIDRS");
    expect(judge("fd00:1::1", ["fd00:2::/32"])).toContain("TRSTCTL_EGRESS_CIDRS");
  });
});

const never = `
  169.254.169.254 169.254.170.2 169.254.1.1 100.100.100.200 168.63.129.16 192.0.0.192 0.0.0.0
  0.1.2.3 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: fe80::1
  febf::1 fec0::1 ff02::1 fd00:ec2::254 fd00:ec2::23 fd20:ce::254
`
  .trim()
  .split(/\s+/);
/** The same addresses within others. */
const disguised = [
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "::169.254.169.254",
  "::ffff:0:169.254.169.254",
  "64:ff9b::169.254.169.254",
  "64:ff9b:1::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
  "2001:0:0:0:0:0:5601:5601", // Teredo holds it inverted
  "::ffff:224.0.0.1",
  "64:ff9b::168.63.129.16",
];

describe("no list and no opt-in opens", () => {
  it.each([...never, ...disguised])("%s", (address) => {
    expect(judge(address, everything)).toContain("never reached");
  });
});

describe("an address in an address", () => {
  it("needs both listed where both are private", () => {
    expect(judge("64:ff9b::10.0.0.1", ["64:ff9b::/96"])).toContain("TRSTCTL_EGRESS_CIDRS");
    expect(judge("64:ff9b::10.0.0.1", ["64:ff9b::/96", "10.0.0.0/8"])).toBeUndefined();
  });

  it.each(["127.1", "0x7f.0.0.1", "0177.0.0.1", "1", "::1%lo", "[::1]", "", "1.2.3.4.5"])("%j is none", (text) =>
    expect(canonicalAddress(text)).toBeUndefined(),
  );
});
