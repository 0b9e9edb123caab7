import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeviceStatus } from "../contract/payloads.ts";
import { createLog } from "../machine/log.ts";
import { ManualClock } from "../machine/manual-clock.ts";
import type { SimulatedCar } from "../simulator/dongle/car.ts";
import { GvretDongle } from "../simulator/dongle/gvret.ts";
import { type Served, type StreamDevice, servePty, serveTcp } from "../simulator/dongle/serve.ts";
import { SlcanDongle } from "../simulator/dongle/slcan.ts";
import { fromHex, toHex } from "../vehicle-protocols/index.ts";
import { ConversationFailure, type Dialect, type DongleSettings } from "./dialect.ts";
import { DeviceEgress, machineTransports } from "./egress/index.ts";
import { gvret } from "./gvret/index.ts";
import { slcan } from "./slcan/index.ts";

const CAR: SimulatedCar = {
  vin: "LSVAB2BR2HN000017",
  ecus: [
    {
      requestId: 0x7e0,
      name: "ECM-EngineControl",
      confirmed: ["P0299", "P0420"],
      pending: [],
      permanent: [],
      monitorBytes: [7, 0xe5, 0],
    },
  ],
};
const VIN = { target: { kind: "functional", idBits: 11 }, request: fromHex("0902"), p2Ms: 100 } as const;
const VIN_ANSWER = `490201${Buffer.from(CAR.vin).toString("hex").toUpperCase()}`;

const hasSocat = (() => {
  try {
    execFileSync("socat", ["-V"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

interface Trial {
  readonly ask: () => Promise<string>;
  readonly statuses: DeviceStatus[];
  readonly written: Buffer[];
  stop(): void;
}

const open: { stop(): void | Promise<void> }[] = [];
beforeEach(() => {
  // The shortest pauses between two tries.
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const one of open.splice(0).reverse()) await one.stop();
});

/** An adapter with its real egress on a real line. */
function tryOn(dialect: Dialect, address: string): Trial {
  const clock = new ManualClock();
  const statuses: DeviceStatus[] = [];
  const written: Buffer[] = [];
  const egress = new DeviceEgress({
    dialect: dialect.name,
    nativeId: "trial",
    now: () => clock.now(),
    publish: () => undefined,
    guarded: (action) => action(),
    transports: {
      ...machineTransports,
      open: (place, events) => {
        const line = machineTransports.open(place, events);
        return {
          write: (bytes) => {
            written.push(Buffer.from(bytes));
            line.write(bytes);
          },
          close: () => line.close(),
        };
      },
    },
  });
  const adapter = dialect.create({
    settings: {
      id: "trial" as DongleSettings["id"],
      dialect: dialect.name,
      nativeId: "trial",
      minimumBatteryVolts: 11.8,
      silentAfterMs: 120_000,
      options: { address },
    },
    clock,
    log: createLog("trial"),
    egress,
    reports: {
      status: (status) => statuses.push(status),
      signals: () => undefined,
      frames: () => undefined,
      framesWanted: () => false,
    },
  });
  adapter.start();
  const trial: Trial = {
    ask: async () => {
      const outcome = await adapter.car?.ask(VIN);
      const [answer] = outcome?.answers ?? [];
      return answer?.kind === "positive" ? toHex(answer.payload) : (outcome?.error?.code ?? answer?.kind ?? "nothing");
    },
    statuses,
    written,
    stop: () => {
      adapter.stop();
      egress.close();
    },
  };
  open.push(trial);
  return trial;
}

const isOnline = (trial: Trial) => vi.waitUntil(() => trial.statuses.at(-1)?.state === "online", { timeout: 20_000 });

async function served(device: StreamDevice): Promise<Served> {
  const line = await serveTcp(device);
  open.push({ stop: () => line.close() });
  return line;
}

const KINDS = [
  ["slcan", slcan, () => new SlcanDongle()],
  ["slcan without L (CANable)", slcan, () => new SlcanDongle("canable")],
  ["slcan without L and without answers (CANable 2)", slcan, () => new SlcanDongle("canable-2")],
  ["gvret", gvret, () => new GvretDongle()],
] as const;

describe.each(KINDS)("%s", (_, dialect, make) => {
  it("reads a car over TCP, and only listens before and after", async () => {
    const device = make();
    device.plugInto(CAR);
    const trial = tryOn(dialect, (await served(device)).address);
    await isOnline(trial);
    expect(device.takesPart).toBe(false);
    expect(await trial.ask()).toBe(VIN_ANSWER);
    expect(device.takesPart).toBe(true);
    await vi.waitUntil(() => !device.takesPart, { timeout: 20_000 });
    // The answer's segments were asked for from the unit that answers, and nothing else was sent.
    const frames = trial.written.map((bytes) => bytes.toString("hex")).filter((hex) => /^(74|54|f100)/.test(hex));
    expect(frames).toHaveLength(2);
  });

  it("says that no car answers", async () => {
    const trial = tryOn(dialect, (await served(make())).address);
    await isOnline(trial);
    expect(await trial.ask()).toBe("no-answer");
  });

  it("says that its line is down, and not that no car answers", async () => {
    const line = await served(make());
    await line.close();
    const trial = tryOn(dialect, line.address);
    await expect(trial.ask()).rejects.toMatchObject({ code: "link-lost" });
    expect(trial.written).toEqual([]);
  });

  it.each(["to-device", "from-device"] as const)(
    "loses its line at any byte %s, and reads the car on the next one",
    async (direction) => {
      const whole = await conversationBytes(dialect, make, direction);
      expect(whole).toBeGreaterThan(20);
      const positions = Array.from({ length: whole }, (_each, index) => index + 1);
      for (let from = 0; from < positions.length; from += 24) {
        await Promise.all(
          positions.slice(from, from + 24).map(async (afterBytes) => {
            const device = make();
            device.plugInto(CAR);
            const line = await served(device);
            line.breakLine({ direction, afterBytes });
            const trial = tryOn(dialect, line.address);
            await isOnline(trial);
            const first = await trial.ask().catch((error: unknown) => {
              if (error instanceof ConversationFailure) return error.code;
              throw error;
            });
            expect([VIN_ANSWER, "link-lost", "no-answer", "failed"]).toContain(first);
            await isOnline(trial);
            // A line that broke in the middle of this question is there for the next but one at the latest.
            const later = [first];
            for (let round = 0; round < 4 && later.at(-1) !== VIN_ANSWER; round++) {
              await isOnline(trial);
              later.push(await trial.ask().catch(() => "link-lost"));
            }
            expect(later.at(-1), `${afterBytes} bytes`).toBe(VIN_ANSWER);
          }),
        );
      }
    },
    240_000,
  );
});

/** How many bytes a whole conversation takes in one direction. */
async function conversationBytes(
  dialect: Dialect,
  make: () => SlcanDongle | GvretDongle,
  direction: "to-device" | "from-device",
): Promise<number> {
  const inner = make();
  inner.plugInto(CAR);
  let count = 0;
  const counted: StreamDevice = {
    pickUp: (print) =>
      inner.pickUp((bytes) => {
        if (direction === "from-device") count += bytes.length;
        print(bytes);
      }),
    receive: (bytes) => {
      if (direction === "to-device") count += bytes.length;
      inner.receive(bytes);
    },
    hangUp: () => inner.hangUp(),
  };
  const trial = tryOn(dialect, (await served(counted)).address);
  await isOnline(trial);
  expect(await trial.ask()).toBe(VIN_ANSWER);
  const whole = count;
  trial.stop();
  return whole;
}

describe.skipIf(!hasSocat)("on a pseudo-terminal (skipped without socat)", () => {
  it.each([
    ["slcan", slcan, () => new SlcanDongle()],
    ["gvret", gvret, () => new GvretDongle()],
  ] as const)(
    "%s reads a car, and again after the terminal was pulled",
    async (_, dialect, make) => {
      const folder = mkdtempSync(join(tmpdir(), "baygate-pty-"));
      open.push({ stop: () => rmSync(folder, { recursive: true, force: true }) });
      const device = make();
      device.plugInto(CAR);
      const line = await servePty(device, join(folder, "can"));
      open.push({ stop: () => line.close() });
      const trial = tryOn(dialect, line.address);
      await isOnline(trial);
      expect(await trial.ask()).toBe(VIN_ANSWER);
      line.breakLine({ direction: "from-device", afterBytes: 12 });
      await trial.ask().catch(() => undefined);
      await vi.waitUntil(() => trial.statuses.length > 1, { timeout: 20_000 });
      await isOnline(trial);
      expect(await trial.ask()).toBe(VIN_ANSWER);
    },
    60_000,
  );
});

describe("what leaves", () => {
  it("is nothing but the adapters' own commands and the approved question", () => {
    for (const [dialect, refused] of [
      [slcan, ["t7DF80201000000000000\r", "r7DF0\r", "W1\r", "Q1\r", "X1\r", "C\rt7E0204\r", "V"]],
      [gvret, ["f100df07000000080201000000000000", "f102", "f1040000000000", "e7e7f109", "f114df070000000100"]],
    ] as const) {
      const clock = new ManualClock();
      const egress = new DeviceEgress({
        dialect: dialect.name,
        nativeId: "trial",
        now: () => clock.now(),
        publish: () => undefined,
        guarded: (action) => action(),
        transports: { ...machineTransports, open: () => ({ write: () => undefined, close: () => undefined }) },
      });
      const outlet = egress.open(
        dialect.name,
        { kind: "tcp", host: "127.0.0.1", port: 1 },
        { opened: () => undefined, received: () => undefined, closed: () => undefined },
      );
      for (const text of refused) {
        const bytes = dialect === slcan ? Buffer.from(text, "latin1") : Buffer.from(text, "hex");
        expect(() => outlet.write(bytes), text).toThrow();
      }
    }
  });
});
