import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SimulatedCar, SimulatedEcu } from "../../simulator/dongle/car.ts";
import { ElmDongle } from "../../simulator/dongle/elm.ts";
import { ELM_PERSONALITIES, type ElmPersonalityName } from "../../simulator/dongle/elm-personalities.ts";
import { type Served, servePty, serveTcp } from "../../simulator/dongle/serve.ts";
import { serveWebSocket } from "../../simulator/dongle/serve-websocket.ts";
import { addressWithByte, fromHex, normalAddress } from "../../vehicle-protocols/index.ts";
import { ConversationFailure } from "../dialect.ts";
import { type AdapterOnTrial, shown, tryAdapter, until } from "../stream.fixture.ts";
import { elm327 } from "./index.ts";

const SOUND: Pick<SimulatedEcu, "confirmed" | "pending" | "permanent" | "monitorBytes"> = {
  confirmed: [],
  pending: [],
  permanent: [],
  monitorBytes: [0x07, 0xe5, 0],
};
const ENGINE: SimulatedEcu = {
  ...SOUND,
  requestId: 0x7e0,
  name: "ECM-EngineControl",
  confirmed: ["P0299", "P0420", "P0301"],
  live: { 12: [0x1a, 0xf8] },
};
const GEARBOX: SimulatedEcu = { ...SOUND, requestId: 0x7e1, name: "TCM-TransmisCtrl" };
const CAR: SimulatedCar = { vin: "LSVAB2BR2HN000017", ecus: [ENGINE, GEARBOX] };
const VIN_ANSWER = `7E8 490201${Buffer.from(CAR.vin).toString("hex").toUpperCase()}`;

const EVERYBODY = { kind: "functional", idBits: 11 } as const;
const hasSocat = (() => {
  try {
    execFileSync("socat", ["-V"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const open: { stop(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

async function plugged(
  personality: ElmPersonalityName,
  car: SimulatedCar | "none" = CAR,
  options: object = {},
): Promise<AdapterOnTrial & { readonly dongle: ElmDongle; readonly served: Served }> {
  const dongle = new ElmDongle({ personality });
  dongle.plugInto(car === "none" ? undefined : car);
  const served = await serveTcp(dongle);
  open.push({ stop: () => served.close() });
  const trial = tryAdapter(elm327, { address: served.address, ...options });
  open.push(trial);
  trial.adapter.start();
  await until(() => trial.statuses.at(-1)?.state === "online", "the dongle online");
  return { ...trial, dongle, served };
}

const question = (request: string, target: Parameters<AdapterOnTrial["car"]["ask"]>[0]["target"] = EVERYBODY) => ({
  target,
  request: fromHex(request),
  p2Ms: 60,
});

describe("a car behind an ELM327 on a TCP socket", () => {
  it.each(Object.keys(ELM_PERSONALITIES) as ElmPersonalityName[])(
    "%s: tells its voltage, finds the line and reads two units",
    async (personality) => {
      const { car, adapter } = await plugged(personality);
      expect(await adapter.batteryVolts()).toBe(12.6);
      expect(await car.findLine?.()).toEqual({ protocol: "iso15765-4-11bit", idBits: 11, format: "can" });
      expect(shown(await car.ask(question("0902")))).toEqual([VIN_ANSWER]);
      expect(shown(await car.ask(question("03")))).toEqual(["7E8 4303029904200301", "7E9 4300"]);
      const engine = { kind: "physical", address: normalAddress(0x7e0, 0x7e8) } as const;
      for (let round = 0; round < 4; round++)
        expect(shown(await car.ask(question("010C", engine)))).toEqual(["7E8 410C1AF8"]);
    },
  );

  it.each(["iso9141-2", "iso14230-4", "j1850-pwm", "j1850-vpw"] as const)("finds a car on %s", async (oldLine) => {
    const { car } = await plugged("genuine-2.3", {
      ...CAR,
      oldLine,
      ecus: [{ ...ENGINE, requestId: 0x10, confirmed: ["P0133", "P0299", "P0301", "P0420"] }],
    });
    expect(await car.findLine?.()).toMatchObject({ protocol: oldLine, format: "legacy" });
    const outcome = await car.ask(question("03"));
    expect(outcome.format).toBe("legacy");
    expect(shown(outcome)).toEqual(["10 43013302990301", "10 43042000000000"]);
  });

  it("finds a 29-bit car at 250 kbit/s", async () => {
    const { car } = await plugged("clone-1.5", {
      ...CAR,
      bitRate: 250_000,
      ecus: [{ ...ENGINE, requestId: 0x18da10f1 }],
    });
    expect(await car.findLine?.()).toMatchObject({ protocol: "iso15765-4-29bit", idBits: 29 });
    expect(shown(await car.ask(question("0902", { kind: "functional", idBits: 29 })))).toEqual([
      VIN_ANSWER.replace("7E8", "18DAF110"),
    ]);
  });

  it("says that no car answers, and leaves K-line alone where it is told to", async () => {
    const { car, written } = await plugged("stn1110", "none", { lines: "can" });
    expect(await car.findLine?.()).toBeUndefined();
    expect(written.map(String)).not.toContain("ATSP0\r");
  });

  it("waits for announced answers, repeats to busy units, reads long answers of units with an address byte", async () => {
    const cells = Array.from({ length: 96 }, (_, cell) => 180 + (cell % 9));
    const data = { 61840: [...Buffer.from(CAR.vin)], 258: cells };
    const uds = { faults: [{ code: "U0405-81", status: 0x2f }], data };
    const { car } = await plugged("genuine-2.3", {
      ...CAR,
      ecus: [
        { ...ENGINE, uds: { ...uds, announces: 3 } },
        { ...GEARBOX, uds: { ...uds, busy: 2 } },
        {
          ...SOUND,
          requestId: 0x6f1,
          responseId: 0x607,
          addressBytes: { request: 0x07, response: 0xf1 },
          name: "body",
          uds,
        },
        { ...SOUND, requestId: 0x7a0, name: "tyres", uds: { ...uds, locked: true } },
      ],
    });
    const unit = (requestId: number, responseId: number) =>
      ({ kind: "physical", address: normalAddress(requestId, responseId) }) as const;
    expect(shown(await car.ask(question("1902FF", unit(0x7e0, 0x7e8))))).toEqual(["7E8 5902FFC405812F"]);
    expect(shown(await car.ask(question("22F190", unit(0x7e1, 0x7e9))))).toEqual([
      `7E9 62F190${Buffer.from(CAR.vin).toString("hex").toUpperCase()}`,
    ]);
    const body = { kind: "physical", address: addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1) } as const;
    expect(shown(await car.ask(question("22F190", body)))).toEqual([
      `607 62F190${Buffer.from(CAR.vin).toString("hex").toUpperCase()}`,
    ]);
    const answer = shown(await car.ask(question("220102", unit(0x7e1, 0x7e9))));
    expect(answer).toEqual([`7E9 620102${Buffer.from(cells).toString("hex").toUpperCase()}`]);
    expect(shown(await car.ask(question("1902FF", unit(0x7a0, 0x7a8))))).toEqual([
      "7A8 refused authentication-required",
    ]);
    expect(shown(await car.ask(question("03")))).toEqual(["7E8 4303029904200301", "7E9 4300"]);
  });

  it("clears codes only under authority, and asks for nothing else that writes", async () => {
    const { car, egress, clock, written } = await plugged("genuine-1.4b");
    await car.findLine?.();
    const before = written.length;
    await expect(car.ask(question("04"))).rejects.toThrow("authority");
    await expect(car.ask(question("2EF19000"))).rejects.toThrow("only reads");
    await expect(car.ask(question("0100", { kind: "physical", address: normalAddress(0x123, 0x124) }))).rejects.toThrow(
      "tester",
    );
    expect(written.length).toBe(before);
    const end = egress.openClearing("t1", {
      jobId: "j",
      technicianId: "p",
      preScan: "s",
      grantedAt: clock.now(),
    } as never);
    expect(shown(await car.ask(question("04")))).toEqual(["7E8 44", "7E9 44"]);
    end();
    expect(shown(await car.ask(question("03")))).toEqual(["7E8 4300", "7E9 4300"]);
  });

  it("sets the chip up anew after it lost its power", async () => {
    const { car, dongle } = await plugged("clone-1.5");
    expect(shown(await car.ask(question("03")))).toHaveLength(2);
    dongle.losePower();
    expect(shown(await car.ask(question("03")))).toEqual(["7E8 4303029904200301", "7E9 4300"]);
  });

  it("calls a dongle that falls silent silent, and comes back", async () => {
    const { car, dongle, clock, statuses, adapter } = await plugged("stn1110");
    dongle.fallSilent(true);
    clock.advance(40_000);
    await until(() => statuses.at(-1)?.state === "fault", "the fault");
    expect(statuses.at(-1)).toMatchObject({ state: "fault", detail: "silent" });
    await expect(adapter.batteryVolts()).rejects.toMatchObject({ code: "dongle-silent" });
    dongle.fallSilent(false);
    await until(() => statuses.at(-1)?.state === "online", "the dongle back");
    expect(shown(await car.ask(question("03")))).toHaveLength(2);
  });

  it("ends what is under way when it is told to, and goes on afterwards", async () => {
    const { car } = await plugged("genuine-2.3");
    const asked = car.ask({ ...question("0902"), p2Ms: 1000 });
    setTimeout(() => car.close(), 100);
    await expect(asked).rejects.toMatchObject({ code: "link-lost" });
    expect(shown(await car.ask(question("0902")))).toEqual([VIN_ANSWER]);
  });
});

/** Asks until there is an answer: what is lost with the line must be told as lost, and no answer may be wrong. */
async function askUntilAnswered({ car }: AdapterOnTrial): Promise<string[]> {
  for (let tries = 0; tries < 2000; tries++) {
    try {
      const outcome = shown(await car.ask(question("0902")));
      if (outcome[0]?.includes(" 4902") === true) return outcome;
    } catch (error) {
      if (!(error instanceof ConversationFailure) || error.code !== "link-lost") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return ["no answer"];
}

async function survivesBreak(
  direction: "to-device" | "from-device",
  afterBytes: number,
  serve: (dongle: ElmDongle) => Promise<Served>,
) {
  const dongle = new ElmDongle({ personality: "genuine-2.3" });
  dongle.plugInto(CAR);
  const served = await serve(dongle);
  const trial = tryAdapter(elm327, { address: served.address });
  try {
    served.breakLine({ direction, afterBytes });
    trial.adapter.start();
    return (await askUntilAnswered(trial))[0];
  } finally {
    trial.stop();
    await served.close();
  }
}

/** Runs many at a time: each spends its life waiting. */
async function inBatches<T>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<unknown>,
): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let at = 0; at < items.length; at += size)
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))));
  return results;
}

/** Bytes of a session from the opened line to the answer. */
async function sessionLength(): Promise<{ readonly sent: number; readonly received: number }> {
  let received = 0;
  const dongle = new ElmDongle({ personality: "genuine-2.3" });
  dongle.plugInto(CAR);
  const served = await serveTcp({
    pickUp: (print) =>
      dongle.pickUp((bytes) => {
        received += bytes.length;
        print(bytes);
      }),
    receive: (bytes) => dongle.receive(bytes),
    hangUp: () => dongle.hangUp(),
  });
  const trial = tryAdapter(elm327, { address: served.address });
  trial.adapter.start();
  await askUntilAnswered(trial);
  trial.stop();
  await served.close();
  return { sent: Buffer.concat(trial.written).length, received };
}

describe("a line that breaks", () => {
  it("at any byte of a session over TCP costs a question, never a wrong answer or the adapter", async () => {
    const { sent, received } = await sessionLength();
    expect(received).toBeGreaterThan(100);
    const breaks = [
      ...Array.from({ length: received + 1 }, (_, at) => ({ direction: "from-device", at }) as const),
      ...Array.from({ length: sent + 1 }, (_, at) => ({ direction: "to-device", at }) as const),
    ];
    const results = await inBatches(breaks, 100, ({ direction, at }) =>
      survivesBreak(direction, at, (dongle) => serveTcp(dongle)),
    );
    expect(new Set(results)).toEqual(new Set([VIN_ANSWER]));
  }, 120_000);

  it.skipIf(!hasSocat)(
    "at any byte of a session over a serial port (needs socat)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "baygate-elm-"));
      open.push({ stop: () => rmSync(folder, { recursive: true, force: true }) });
      const { received } = await sessionLength();
      const breaks = Array.from({ length: received + 1 }, (_, at) => at);
      const results = await inBatches(breaks, 40, (at) =>
        survivesBreak("from-device", at, (dongle) => servePty(dongle, join(folder, String(at)))),
      );
      expect(new Set(results)).toEqual(new Set([VIN_ANSWER]));
    },
    180_000,
  );

  it.each(["text", "binary"] as const)("over a WebSocket that speaks %s frames is opened anew", async (speaks) => {
    const dongle = new ElmDongle({ personality: "wican" });
    dongle.plugInto(CAR);
    const served = await serveWebSocket(dongle, speaks);
    open.push({ stop: () => served.close() });
    const trial = tryAdapter(elm327, { address: served.address });
    open.push(trial);
    trial.adapter.start();
    expect(await askUntilAnswered(trial)).toEqual([VIN_ANSWER]);
    served.breakLine({ direction: "from-device", afterBytes: 0 });
    await until(() => trial.statuses.at(-1)?.state === "offline", "offline");
    expect(await askUntilAnswered(trial)).toEqual([VIN_ANSWER]);
  });

  it("takes nothing else for an ELM327", async () => {
    const served = await serveTcp({
      pickUp: (print) => print(Buffer.from("Welcome\r\nlogin: ")),
      receive: () => undefined,
      hangUp: () => undefined,
    });
    open.push({ stop: () => served.close() });
    const trial = tryAdapter(elm327, { address: served.address });
    open.push(trial);
    trial.adapter.start();
    await until(() => trial.statuses.at(-1)?.detail === "silent", "the fault");
    expect(trial.statuses.map((status) => status.state)).not.toContain("online");
  });

  it("on a machine without the package for serial ports says so", async () => {
    vi.doMock("serialport", () => {
      throw new Error("not installed");
    });
    try {
      const trial = tryAdapter(elm327, { address: "serial:/dev/ttyUSB9" });
      open.push(trial);
      trial.adapter.start();
      await until(() => trial.statuses.length > 0, "a status");
      expect(trial.statuses).toMatchObject([{ state: "fault", detail: "serial-package-missing" }]);
    } finally {
      vi.doUnmock("serialport");
    }
  });

  it("is opened again for ever, and says that nobody is there", async () => {
    const trial = tryAdapter(elm327, { address: "tcp://127.0.0.1:1" });
    open.push(trial);
    trial.adapter.start();
    await until(() => trial.statuses.at(-1)?.state === "offline", "offline");
    await until(() => trial.places.length > 2, "a third try");
    await expect(trial.car.ask(question("0902"))).rejects.toMatchObject({ code: "link-lost" });
  });
});
