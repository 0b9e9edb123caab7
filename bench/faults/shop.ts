import { TOPICS, type TopicRow, topicOf } from "../../contract/topics.ts";
import type { Feed } from "./publisher.ts";

/** The shop of the faults harness: every kind of durable message, and cameras only where a run wants frames. */
export const GATEWAY = "faults-0001";
export const ADVISOR = { login: "advisor", name: "Advisor", role: "advisor" } as const;
/** Each clocks on and off at the reader of his own bay, where his own job stands. */
export const TECHNICIANS = [
  { login: "wang", name: "Wang", role: "technician", badge: "04A1B2C301", bay: "bay1", reader: "reader1" },
  { login: "li", name: "Li", role: "technician", badge: "04A1B2C302", bay: "bay2", reader: "reader2" },
] as const;
/** A reader at which only badges that nobody knows are held. */
const STRANGERS_READER = "gate";
const MACHINES = ["lift1", "lift2", "wrench1", "wrench2", "wrench3", "wrench4"] as const;
const DONGLE = "dongle1";
const BRIDGE = "main";

/** Different rhythms, so that messages meet in ever new ways; about 180 a second together. */
const TAP_EVERY_MS = 90;
const STRANGER_EVERY_MS = 130;
const MACHINE_EVERY_MS = 45;
const SCAN_EVERY_MS = 150;

export interface Login {
  readonly role: "reader" | "equipment" | "bridge" | "camera";
  readonly id: string;
}

export function cameraNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `camera${index + 1}`);
}

/** Every device that gets a password. */
export function deviceLogins(cameras: number): readonly Login[] {
  return [
    ...TECHNICIANS.map(({ reader }): Login => ({ role: "reader", id: reader })),
    { role: "reader", id: STRANGERS_READER },
    ...MACHINES.map((id): Login => ({ role: "equipment", id })),
    { role: "bridge", id: BRIDGE },
    ...cameraNames(cameras).map((id): Login => ({ role: "camera", id })),
  ];
}

export interface HeadquartersAddress {
  readonly url: string;
  readonly authorityFile: string;
  readonly claimCodeFile: string;
}

/** `shop.yaml` of this shop. */
export function shopYaml(cameras: number, headquarters: HeadquartersAddress): string {
  const names = cameraNames(cameras);
  const zone = "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]";
  const lines = [
    "shop:",
    "  name: Faults",
    `  gateway: ${GATEWAY}`,
    "  timeZone: Asia/Shanghai",
    "bays:",
    ...TECHNICIANS.flatMap(({ bay, reader }, index) => [
      `  ${bay}:`,
      `    readers: [${reader}]`,
      `    lift: lift${index + 1}`,
      `    cameras: {${names.filter((_, camera) => camera % TECHNICIANS.length === index).map((name) => ` ${name}: { zone: ${zone} }`)} }`,
    ]),
    `cameras: {${names.map((name) => ` ${name}: {}`)} }`,
    `dongles: { ${DONGLE}: { dialect: wican, nativeId: "a1b2c3d4e501" } }`,
    `readers: { ${[...TECHNICIANS.map(({ reader }) => reader), STRANGERS_READER].map((name) => `${name}: {}`).join(", ")} }`,
    `equipment: { ${MACHINES.map((name) => `${name}: { kind: ${name.startsWith("lift") ? "lift" : "tool"} }`).join(", ")} }`,
    "broker:",
    "  listeners: [{ address: 127.0.0.1, port: 0, tls: false }]",
    "http: { address: 127.0.0.1, port: 0 }",
    "headquarters:",
    `  url: ${headquarters.url}`,
    `  authorityFile: ${JSON.stringify(headquarters.authorityFile)}`,
    `  claimCodeFile: ${JSON.stringify(headquarters.claimCodeFile)}`,
    "  longestPauseSeconds: 1",
  ];
  return `${lines.join("\n")}\n`;
}

/** What the shop's devices say. Taps alternate between on and off one at a time, so that each of them changes something and leaves a record. */
export function feedsOf(passwordOf: (username: string) => string): readonly Feed[] {
  const feed = (
    row: TopicRow,
    device: string,
    username: string,
    rest: Pick<Feed, "window" | "everyMs" | "body">,
  ): Feed => ({
    // `reader/{reader}/tap`: the journal names a source by the first two levels.
    source: topicOf(row, device).split("/").slice(-3, -1).join("/"),
    topic: topicOf(row, device),
    username,
    password: passwordOf(username),
    ...rest,
  });
  return [
    ...TECHNICIANS.map(({ reader, badge }) =>
      feed(TOPICS.readerTap, reader, `reader/${reader}`, {
        window: 1,
        everyMs: TAP_EVERY_MS,
        body: (count) => ({ badge, action: count % 2 === 0 ? "on" : "off" }),
      }),
    ),
    feed(TOPICS.readerTap, STRANGERS_READER, `reader/${STRANGERS_READER}`, {
      window: 4,
      everyMs: STRANGER_EVERY_MS,
      body: (count) => ({ badge: `STRANGER-${count}`, action: "on" }),
    }),
    ...MACHINES.map((machine) =>
      feed(TOPICS.equipmentEvent, machine, `equipment/${machine}`, {
        window: 8,
        everyMs: MACHINE_EVERY_MS,
        body: (count) => ({ kind: "torque-result", detail: { newtonMetres: 110.5, count } }),
      }),
    ),
    feed(TOPICS.dongleScan, DONGLE, `bridge/${BRIDGE}`, {
      window: 4,
      everyMs: SCAN_EVERY_MS,
      body: () => ({
        takenAt: Date.now(),
        protocol: "iso15765-4-can-11-500",
        vin: null,
        vinDoubts: [],
        ecus: [{ address: "7E8", dtcs: [{ code: "P0299", status: "confirmed" }], unanswered: [] }],
        readiness: null,
      }),
    }),
  ];
}
