import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClearAuthority, DongleReadings, DongleResponse, DongleScan, ReadCommand } from "../contract/payloads.ts";
import { createLog } from "../machine/log.ts";
import { ManualClock } from "../machine/manual-clock.ts";
import { type ExchangeOptions, fromHex, ProtocolError, toHex } from "../vehicle-protocols/index.ts";
import { type CarRequest, CarService } from "./car-service.ts";
import {
  type Adapter,
  type CarConversation,
  type CarOutcome,
  ConversationFailure,
  type DongleSettings,
} from "./dialect.ts";
import { EgressGate } from "./egress/approvals.ts";
import { CarMemory } from "./scan/car-memory.ts";

const SETTINGS: DongleSettings = {
  id: "bay1" as DongleSettings["id"],
  dialect: "scripted",
  nativeId: "x",
  minimumBatteryVolts: 11.8,
  silentAfterMs: 120_000,
};
const SPEED: ReadCommand = { key: "speed", request: "010D", address: { requestId: 0x7e0, extended: false } };

/** A car that answers what it is told to, after a while. */
class ScriptedCar implements CarConversation {
  readonly asked: string[] = [];
  readonly gate: EgressGate;
  answers = true;
  latencyMs = 20;
  #abort: () => void = () => {};

  constructor(gate: EgressGate) {
    this.gate = gate;
  }

  async ask(question: ExchangeOptions): Promise<CarOutcome> {
    this.gate.approve(question);
    const request = toHex(question.request);
    this.asked.push(request);
    await new Promise<void>((resolve, reject) => {
      setTimeout(resolve, this.answers ? this.latencyMs : Math.min(1000, question.overallMs ?? 1000));
      this.#abort = () => reject(new ConversationFailure("link-lost"));
    });
    if (!this.answers) return { answers: [], error: new ProtocolError("no-answer", "nobody") };
    const payload = fromHex(request);
    payload[0] = (payload[0] ?? 0) + 0x40;
    return {
      answers: [{ ecuId: 0x7e8, extended: false, kind: "positive", payload: Uint8Array.of(...payload, 0, 0, 0, 0) }],
    };
  }

  close(): void {
    this.#abort();
  }
}

let clock: ManualClock;
let gate: EgressGate;
let car: ScriptedCar;
let volts: number | undefined | Error;
let voltsAsked: number;
let responses: DongleResponse[];
let scans: DongleScan[];
let readings: DongleReadings[];
let lookedAt: number[];
let service: CarService;

function serviceOf(conversation: CarConversation | undefined): CarService {
  const adapter: Adapter = {
    topics: [],
    car: conversation,
    fastestMs: 100,
    start: () => undefined,
    stop: () => undefined,
    receive: () => undefined,
    lookedAt: (forMs) => lookedAt.push(forMs),
    batteryVolts: async () => {
      voltsAsked += 1;
      if (volts instanceof Error) throw volts;
      return volts;
    },
  };
  return new CarService({
    settings: SETTINGS,
    adapter,
    clock,
    log: createLog("test"),
    newId: () => "message-1",
    memory: new CarMemory(),
    outlets: {
      respond: (response) => responses.push(response),
      scan: (scan) => scans.push(scan),
      readings: (reading) => readings.push(reading),
      openClearing: (transaction, authority) => gate.openClearing(transaction, authority),
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  clock = new ManualClock();
  gate = new EgressGate(() => clock.now());
  car = new ScriptedCar(gate);
  volts = 12.6;
  voltsAsked = 0;
  [responses, scans, readings, lookedAt] = [[], [], [], []];
  service = serviceOf(car);
});

afterEach(() => {
  service.stop();
  vi.useRealTimers();
});

function wish(request: CarRequest): void {
  void service.request(request);
}

function read(transaction: string, commands: ReadCommand[] = [SPEED]): void {
  wish({ transaction, kind: "read", commands });
}

function live(transaction: string, { everyMs = 100, leaseMs = 5000, commands = [SPEED] } = {}): void {
  wish({ transaction, kind: "live", everyMs, leaseMs, commands });
}

const authority = (grantedAt: number): ClearAuthority =>
  ({ jobId: "job-1", technicianId: "person-1", preScan: "message-1", grantedAt }) as ClearAuthority;

describe("a reading", () => {
  it("comes with the unit that gave it, and then the response", async () => {
    read("t1");
    await vi.advanceTimersByTimeAsync(100);
    expect(readings).toEqual([
      {
        transaction: "t1",
        readings: [{ key: "speed", at: clock.now(), answers: [{ ecu: "7E8", payload: "410D00000000" }] }],
      },
    ]);
    expect(responses).toEqual([{ transaction: "t1", status: "done" }]);
  });

  it("that is delivered twice is asked once", async () => {
    read("t1");
    read("t1");
    await vi.advanceTimersByTimeAsync(100);
    expect(car.asked).toEqual(["010D"]);
    expect(responses).toHaveLength(1);
  });

  it("of what may not be asked is refused, and nothing was said to the car", async () => {
    read("t1", [{ ...SPEED, request: "2EF19001" }]);
    read("t2", [{ ...SPEED, request: "04" }]);
    read("t3", [{ ...SPEED, address: { requestId: 0x123, extended: false } }]);
    await vi.advanceTimersByTimeAsync(100);
    expect(responses.map(({ status, error }) => `${status} ${error?.code}`)).toEqual([
      "refused not-allowed",
      "refused not-authorised",
      "refused not-allowed",
    ]);
    expect(car.asked).toEqual([]);
  });

  it("of a silent car says so, and is not repeated by a program before the pause is over", async () => {
    car.answers = false;
    read("t1");
    await vi.advanceTimersByTimeAsync(1100);
    read("t2");
    await vi.advanceTimersByTimeAsync(100);
    expect(responses.map(({ error }) => error?.code)).toEqual(["car-silent", "car-silent"]);
    expect(car.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    car.answers = true;
    read("t3");
    await vi.advanceTimersByTimeAsync(100);
    expect(responses.at(-1)).toEqual({ transaction: "t3", status: "done" });
  });

  it("stops at a low battery", async () => {
    volts = 11.5;
    read("t1");
    await vi.advanceTimersByTimeAsync(100);
    expect(responses).toMatchObject([{ status: "refused", error: { code: "battery-low" }, batteryVolts: 11.5 }]);
    expect(car.asked).toEqual([]);
  });

  it("from firmware that only reports is refused, but the firmware hears that somebody looks", async () => {
    service = serviceOf(undefined);
    read("t1");
    await vi.advanceTimersByTimeAsync(10);
    expect(responses).toMatchObject([{ status: "refused", error: { code: "reports-only" } }]);
    expect(lookedAt).toHaveLength(1);
  });

  it("keeps what came before the deadline", async () => {
    car.latencyMs = 600;
    wish({
      transaction: "t1",
      kind: "read",
      deadlineMs: 1000,
      commands: [SPEED, { ...SPEED, key: "b" }, { ...SPEED, key: "c" }],
    });
    await vi.advanceTimersByTimeAsync(3000);
    expect(readings[0]?.readings.map((reading) => reading.key)).toEqual(["speed", "b"]);
    expect(responses).toMatchObject([{ status: "failed", error: { code: "deadline-passed" } }]);
  });
});

describe("a voltage that no battery has", () => {
  it.each([-1, 0, 12_600])("(%d V) is none: it neither stops a scan nor spoils it", async (told) => {
    volts = told;
    const wished = service.request({ transaction: "t1", kind: "scan" });
    await vi.advanceTimersByTimeAsync(60_000);
    await wished;
    expect(scans).toHaveLength(1);
    expect(scans[0]).not.toHaveProperty("batteryVolts");
    expect(responses).toEqual([{ transaction: "t1", status: "done" }]);
  });
});

describe("live values", () => {
  it("come until the lease is over, no faster than the dongle", async () => {
    live("t1", { everyMs: 50, leaseMs: 1000 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(readings.length).toBeGreaterThanOrEqual(9);
    expect(readings.length).toBeLessThanOrEqual(10);
    expect(responses).toEqual([{ transaction: "t1", status: "done" }]);
  });

  it("go on when the lease is renewed, under the newer name", async () => {
    live("t1", { leaseMs: 1000 });
    await vi.advanceTimersByTimeAsync(900);
    live("t2", { leaseMs: 1000 });
    await vi.advanceTimersByTimeAsync(600);
    expect(readings.at(-1)?.transaction).toBe("t2");
    expect(car.asked.length).toBeGreaterThan(12);
  });

  it("end with an empty list", async () => {
    live("t1");
    await vi.advanceTimersByTimeAsync(300);
    live("t2", { commands: [] });
    const before = car.asked.length;
    await vi.advanceTimersByTimeAsync(3000);
    expect(car.asked.length).toBeLessThanOrEqual(before + 1);
  });

  it("end at once when polling is switched off, in the middle of a question", async () => {
    car.latencyMs = 500;
    live("t1");
    await vi.advanceTimersByTimeAsync(100);
    service.setPolling(false);
    await vi.advanceTimersByTimeAsync(5000);
    expect(car.asked).toHaveLength(1);
    expect(readings).toEqual([]);
    expect(responses.at(-1)).toMatchObject({ transaction: "t1", status: "refused", error: { code: "polling-off" } });
    live("t2");
    read("t3");
    await vi.advanceTimersByTimeAsync(1000);
    expect(responses.slice(-2).map(({ error }) => error?.code)).toEqual(["polling-off", "polling-off"]);
    expect(car.asked).toHaveLength(1);
  });

  it("pause for ever longer while the car is silent, and say so once", async () => {
    car.answers = false;
    live("t1", { leaseMs: 60_000 });
    await vi.advanceTimersByTimeAsync(22_000);
    expect(car.asked.length).toBeLessThanOrEqual(6);
    expect(responses.map(({ error }) => error?.code)).toEqual([undefined, "car-silent"]);
    car.answers = true;
    await vi.advanceTimersByTimeAsync(19_000);
    expect(readings.at(-1)?.readings[0]?.answers).toHaveLength(1);
    live("t2", { leaseMs: 1000 });
    expect(responses.at(-1)).toEqual({ transaction: "t2", status: "done" });
  });

  it("pause while the battery is low, which is read again and again, and come back when it has recovered", async () => {
    live("t1", { leaseMs: 60_000 });
    await vi.advanceTimersByTimeAsync(1000);
    volts = 11.7;
    await vi.advanceTimersByTimeAsync(11_000);
    const paused = car.asked.length;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(car.asked).toHaveLength(paused);
    expect(responses.at(-1)).toMatchObject({ status: "refused", error: { code: "battery-low" } });
    expect(voltsAsked).toBeGreaterThanOrEqual(3);
    volts = 12.5;
    await vi.advanceTimersByTimeAsync(12_000);
    expect(car.asked.length).toBeGreaterThan(paused);
  });

  it("pause when the dongle does not tell its voltage any more", async () => {
    volts = new ConversationFailure("dongle-silent");
    live("t1", { leaseMs: 20_000 });
    await vi.advanceTimersByTimeAsync(19_000);
    expect(car.asked).toEqual([]);
    expect(responses.at(-1)).toMatchObject({ error: { code: "dongle-silent" } });
  });

  it("end when one of the questions may not be asked", async () => {
    live("t1", { commands: [SPEED, { ...SPEED, key: "b", request: "2EF19001" }] });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(car.asked).toEqual(["010D"]);
    expect(responses.slice(1)).toEqual([{ transaction: "t1", status: "refused", error: { code: "not-allowed" } }]);
  });

  it("stand back for a person's scan", async () => {
    live("t1", { leaseMs: 60_000, commands: [SPEED, { ...SPEED, key: "b", request: "010C" }] });
    await vi.advanceTimersByTimeAsync(150);
    wish({ transaction: "t2", kind: "scan" });
    const before = car.asked.length;
    await vi.advanceTimersByTimeAsync(200);
    // At most the question that was under way comes before the scan's first.
    expect(car.asked.slice(before, before + 2)).toContain("0100");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(scans).toHaveLength(1);
    expect(car.asked.slice(-2).sort()).toEqual(["010C", "010D"]);
  });
});

describe("clearing codes", () => {
  it("happens once, with fresh authority, and says what each unit did", async () => {
    const request = { transaction: "t1", kind: "clear-codes", authority: authority(clock.now() - 5000) } as const;
    wish(request);
    await vi.advanceTimersByTimeAsync(1000);
    expect(responses).toEqual([
      { transaction: "t1", status: "done", cleared: [{ address: "7E8", outcome: "cleared" }] },
    ]);
    expect(car.asked).toEqual(["0100", "04", "14FFFFFF"]);
    wish(request);
    await vi.advanceTimersByTimeAsync(1000);
    expect(car.asked).toHaveLength(3);
    read("t2", [{ ...SPEED, request: "04" }]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(responses.at(-1)).toMatchObject({ status: "refused", error: { code: "not-authorised" } });
  });

  it("is refused with an old authority, and the car hears nothing", async () => {
    wish({ transaction: "t1", kind: "clear-codes", authority: authority(clock.now() - 130_000) });
    await vi.advanceTimersByTimeAsync(1000);
    expect(responses).toMatchObject([{ status: "refused", error: { code: "not-authorised" } }]);
    expect(car.asked).toEqual([]);
  });
});
