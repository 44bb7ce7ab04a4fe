/** A resolver of our own for tests: UDP and TCP on one port of loopback, its records set by the test as it goes. */
import { createSocket } from "node:dgram";
import { createServer, type AddressInfo } from "node:net";
import {
  readQuestion,
  type Rcode,
  type RecordType,
  recordData,
  type ResourceRecord,
  writeAnswer,
  type Question,
} from "./message.ts";

export interface Asked {
  readonly name: string;
  readonly type: RecordType | undefined;
  readonly over: "udp" | "tcp";
  /** The port that the question came from. */
  readonly port: number;
}

export interface DnsServer {
  /** `127.0.0.1:<port>`, as the setting has it. */
  readonly address: string;
  readonly port: number;
  readonly asked: readonly Asked[];
  /** Replaces what is there; no values: the name has nothing of this type. */
  set(name: string, type: RecordType, ...values: readonly string[]): void;
  /** Adds to what is there. */
  add(name: string, type: RecordType, value: string): void;
  remove(name: string, type: RecordType, value: string): void;
  /** Of a name, and for one type when given; `silent` never answers. */
  fail(name: string, how: Rcode | "silent", type?: RecordType): void;
  /** Takes back what `fail` said of a name. */
  recover(name: string): void;
  /** The values of a type for the next questions, one set each, the last one staying: a name that changes its mind. */
  sequence(name: string, type: RecordType, ...sets: readonly (readonly string[])[]): void;
  stop(): Promise<void>;
}

interface Options {
  /** What every name without an address of its own resolves to; then no name is NXDOMAIN. */
  readonly everyName?: string;
}

const udpLimit = 512;
const tcpLimit = 65_535;

export async function startDnsServer({ everyName }: Options = {}): Promise<DnsServer> {
  const records = new Map<string, string[][]>();
  const failures = new Map<string, Rcode | "silent">();
  const asked: Asked[] = [];
  const keyOf = (name: string, type: RecordType): string => `${name.toLowerCase().replace(/\.$/, "")} ${type}`;

  const valuesOf = (name: string, type: RecordType): string[] | undefined => {
    const sets = records.get(keyOf(name, type));
    const found = sets !== undefined && sets.length > 1 ? sets.shift() : sets?.[0];
    return found ?? (type === "A" && everyName !== undefined ? [everyName] : undefined);
  };
  const exists = (name: string): boolean =>
    everyName !== undefined || [...records.keys()].some((key) => ` .${key}`.includes(`.${name} `));

  function answer(question: Question): { rcode: Rcode; found: ResourceRecord[] } | undefined {
    const { type } = question;
    let name = question.name;
    const failure = failures.get(name) ?? failures.get(`${name} ${type}`);
    if (failure === "silent") return undefined;
    if (failure !== undefined) return { rcode: failure, found: [] };
    if (type === undefined) return { rcode: "NOTIMP", found: [] };
    const found: ResourceRecord[] = [];
    for (let hops = 0; hops < 8; hops++) {
      const [target] = records.get(keyOf(name, "CNAME"))?.[0] ?? [];
      if (target === undefined || type === "CNAME") break;
      found.push({ name, type: "CNAME", data: recordData.CNAME(target) });
      name = target;
      const further = failures.get(name);
      if (further !== undefined && further !== "silent") return { rcode: further, found: [] };
    }
    for (const value of valuesOf(name, type) ?? []) found.push({ name, type, data: recordData[type](value) });
    return { rcode: exists(name) ? "NOERROR" : "NXDOMAIN", found };
  }

  function serve(message: Buffer, over: Asked["over"], port = 0): Buffer | undefined {
    const question = readQuestion(message);
    asked.push({ name: question.name, type: question.type, over, port });
    const answered = answer(question);
    if (answered === undefined) return undefined;
    return writeAnswer(question, answered.rcode, answered.found, over === "udp" ? udpLimit : tcpLimit);
  }

  const tcp = createServer((socket) => {
    let pending = Buffer.alloc(0);
    socket.on("error", () => socket.destroy());
    socket.on("data", (part: Buffer) => {
      pending = Buffer.concat([pending, part]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const reply = serve(pending.subarray(2, end), "tcp", socket.remotePort);
        pending = pending.subarray(end);
        if (reply === undefined) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length, 0);
        socket.write(Buffer.concat([length, reply]));
      }
    });
  });
  const udp = createSocket("udp4");
  udp.on("message", (message, from) => {
    const reply = serve(message, "udp", from.port);
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  const port = await bothOnOnePort(tcp, udp);

  return {
    address: `127.0.0.1:${port}`,
    port,
    asked,
    set: (name, type, ...values) => void records.set(keyOf(name, type), [[...values]]),
    add(name, type, value) {
      records.set(keyOf(name, type), [[...(records.get(keyOf(name, type))?.[0] ?? []), value]]);
    },
    remove(name, type, value) {
      const left = (records.get(keyOf(name, type))?.[0] ?? []).filter((one) => one !== value);
      records.set(keyOf(name, type), [left]);
    },
    fail: (name, how, type) => void failures.set(type === undefined ? name : `${name} ${type}`, how),
    recover: (name) => void failures.delete(name),
    sequence: (name, type, ...sets) =>
      void records.set(
        keyOf(name, type),
        sets.map((set) => [...set]),
      ),
    async stop() {
      await new Promise<void>((resolve) => udp.close(resolve));
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}

/** A port that TCP was given may be taken for UDP: then another one. */
async function bothOnOnePort(
  tcp: ReturnType<typeof createServer>,
  udp: ReturnType<typeof createSocket>,
): Promise<number> {
  for (let tries = 0; ; tries++) {
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    const { port } = tcp.address() as AddressInfo;
    const failed = await new Promise<Error | undefined>((resolve) => {
      udp.once("error", resolve);
      udp.bind(port, "127.0.0.1", () => {
        udp.removeListener("error", resolve);
        resolve(undefined);
      });
    });
    if (failed === undefined) return port;
    if (tries > 20) throw failed;
    await new Promise((resolve) => tcp.close(resolve));
  }
}
