import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import Type from "typebox";
import Value from "typebox/value";
import { DurablePublisher } from "../bench/faults/publisher.ts";
import { pause } from "../bench/faults/site.ts";
import { TOPICS, topicOf } from "../contract/topics.ts";
import { runCommand } from "../simulator/demo/program.ts";
import { readSystemCalls, type SystemCall } from "./system-calls.ts";

const ROOT = resolve(import.meta.dirname, "..");
const MESSAGES = 25;
const START_MS = 120_000;

const Devices = Type.Object(
  { devices: Type.Array(Type.Object({ username: Type.String(), password: Type.String() })) },
  { additionalProperties: true },
);
const Running = Type.Object(
  { pid: Type.Integer(), brokers: Type.Array(Type.Object({ port: Type.Integer() }, { additionalProperties: true })) },
  { additionalProperties: true },
);

/** One durable message on its way, as the kernel saw it: lines of the log, undefined where it did not happen. */
export interface TracedMessage {
  readonly messageId: string;
  /** The publication was read from its socket … */
  readonly received: number | undefined;
  /** … a page that holds it was written to the journal's log … */
  readonly written: number | undefined;
  /** … that log's flush to the disk returned without an error … */
  readonly flushed: number | undefined;
  /** … and its PUBACK was written to the same socket. */
  readonly acknowledged: number | undefined;
}

/** Whether strace is installed and may trace here. */
export function canTrace(): boolean {
  return spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
}

/**
 * Runs a gateway under strace while a device reports events, one after the other.
 * @param words more for `baygate start`
 */
export async function traceMessages(folder: string, words: readonly string[]): Promise<readonly TracedMessage[]> {
  const places = ["--data", join(folder, "data"), "--config", join(folder, "shop.yaml")];
  const logFile = join(folder, "strace.log");
  await writeFile(
    join(folder, "shop.yaml"),
    [
      "shop: { name: Traced, gateway: traced-1, timeZone: Asia/Shanghai }",
      "bays: {}",
      "cameras: {}",
      "equipment: { press: { kind: tool } }",
      "broker: { listeners: [{ address: 127.0.0.1, port: 0, tls: false }] }",
      "http: { address: 127.0.0.1, port: 0 }",
      "",
    ].join("\n"),
  );
  const added = await runCommand(["bin/baygate.ts", "device", "add", "equipment", "press", "--json", ...places], {});
  const [login] = Value.Parse(Devices, added).devices;
  if (login === undefined) throw new Error("the device got no password");
  // A page of the database is 4,096 bytes: strings must be shown whole.
  const options = ["-f", "-y", "--seccomp-bpf", "-s", "5000", "-o", logFile];
  const calls = ["-e", "trace=read,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync"];
  const gateway = [process.execPath, "bin/baygate.ts", "start", "--demo", ...places, ...words];
  const strace = spawn("strace", [...options, ...calls, ...gateway], { cwd: ROOT, stdio: "ignore" });
  const ended = once(strace, "exit");
  try {
    const { pid, brokers } = await waitUntilReady(join(folder, "data", "running.json"), strace);
    await reportEvents(login, brokers[0]?.port ?? 0);
    process.kill(pid, "SIGTERM");
    await ended;
  } finally {
    if (strace.exitCode === null) strace.kill("SIGKILL");
  }
  const log = readSystemCalls(await readFile(logFile, "utf8"));
  return Array.from({ length: MESSAGES }, (_, index) => follow(nameOf(index + 1), log));
}

async function reportEvents(login: { readonly username: string; readonly password: string }, port: number) {
  let made = 0;
  const publisher = new DurablePublisher(
    {
      ...login,
      source: login.username,
      topic: topicOf(TOPICS.equipmentEvent, "press"),
      window: 1,
      everyMs: 5,
      body: () => ({ kind: "torque-result" }),
    },
    () => {
      made += 1;
      return nameOf(made);
    },
  );
  publisher.connectTo(port);
  publisher.speak();
  const deadline = performance.now() + START_MS;
  while (publisher.acknowledged.size < MESSAGES && performance.now() < deadline) await pause(5);
  publisher.hush();
  publisher.disconnect();
}

function nameOf(number: number): string {
  return `traced-${String(number).padStart(4, "0")}`;
}

function follow(messageId: string, calls: readonly SystemCall[]): TracedMessage {
  // In a PUBLISH the packet id stands between topic and payload.
  const publication = new RegExp(`^(\\d+)<socket:.*/event(.+?)\\{\\\\"messageId\\\\":\\\\"${messageId}\\\\"`);
  const receivedAt = calls.findIndex(({ name, text }) => name === "read" && publication.test(text));
  const received = calls[receivedAt];
  if (received === undefined)
    return { messageId, received: undefined, written: undefined, flushed: undefined, acknowledged: undefined };
  const [, socket, packetId] = publication.exec(received.text) ?? [];
  const later = calls.slice(receivedAt + 1);
  const written = later.find(
    ({ name, text }) => name === "pwrite64" && text.includes("journal.db-wal>") && text.includes(messageId),
  );
  const flushed =
    written &&
    later.find(
      ({ name, text, result, enteredAt }) =>
        (name === "fsync" || name === "fdatasync") &&
        text.includes("journal.db-wal>") &&
        result === 0 &&
        enteredAt > written.returnedAt,
    );
  const acknowledged = later.find(
    ({ name, text }) =>
      name.startsWith("write") && text.startsWith(`${socket}<socket:`) && acknowledges(text, packetId),
  );
  return {
    messageId,
    received: received.returnedAt,
    written: written?.returnedAt,
    flushed: flushed?.returnedAt,
    acknowledged: acknowledged?.enteredAt,
  };
}

/** PUBACK: 0x40, two bytes of length 2, the packet id; in one buffer or several. */
function acknowledges(text: string, packetId: string | undefined): boolean {
  const bytes = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, content]) => content).join("");
  return bytes === `@\\2${packetId}` || bytes === `@\\002${packetId}`;
}

async function waitUntilReady(file: string, strace: ChildProcess) {
  const deadline = performance.now() + START_MS;
  while (strace.exitCode === null && performance.now() < deadline) {
    try {
      return Value.Parse(Running, JSON.parse(await readFile(file, "utf8")));
    } catch (error) {
      // Not there yet; it is written whole or not at all.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
    await pause(50);
  }
  throw new Error("the traced gateway did not start");
}
