import { describe, expect, it } from "vitest";
import type { DongleId, JobId } from "../../contract/ids.ts";
import type { DongleReadings, DongleRequest } from "../../contract/payloads.ts";
import { createLog } from "../../machine/log.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { Dialogue } from "./dialogue.ts";
import { type LiveCar, LiveDesk, type OwnQuestions } from "./live-desk.ts";
import type { Question } from "./questions.ts";
import { Telemetry } from "./telemetry.ts";

const OBD = "obd-1" as DongleId;
const OBD_2 = "obd-2" as DongleId;
const JOB = "job-1" as JobId;

type Readings = DongleReadings["readings"];
type Ecu = Readonly<Record<string, string>>;

/** An engine that knows load, coolant, fuel trim, speed and, behind the second map, its voltage. */
const ENGINE: Ecu = {
  "0100": "41001C180001",
  "0120": "412000000001",
  "0140": "414040000000",
  "0104": "410480",
  "0105": "41057B",
  "0106": "410680",
  "010C": "410C1AF8",
  "010D": "410D32",
  "0142": "4142300C",
};
/** A gearbox that knows the road speed too. */
const GEARBOX: Ecu = { "0100": "410000080000", "010D": "410D33" };

/** A dongle in a car, as the bridge stands for it; every request is answered at once. */
class Car {
  readonly asked: DongleRequest[] = [];
  units: Readonly<Record<string, Ecu>> = { "7E8": ENGINE };
  answersTogether = true;
  refuses: string | undefined;
  car: LiveCar = {
    dongleId: OBD,
    refusal: undefined,
    reportsOnly: false,
    over: false,
    vin: "1M8GDM9AXKP042788",
    units: ["7E8"],
  };
  isClosed = false;
  own: OwnQuestions = { questions: [], models: [] };
  readonly modelsAsked: (string | undefined)[] = [];
  readonly clock = new ManualClock();
  readonly telemetry = new Telemetry({
    clock: this.clock,
    limitsOf: () => ({ probeSpreadC: 3, cellSpreadMv: 100, insulationOhmPerVolt: 100, lowVoltage: 11.8 }),
    isRaised: () => false,
    alert: () => undefined,
  });
  readonly desk = new LiveDesk({
    telemetry: this.telemetry,
    dialogue: new Dialogue({ publish: async (dongleId, request) => this.#take(dongleId, request), readDeadlineMs: 50 }),
    clock: this.clock,
    log: createLog("test"),
    carOf: () => (this.isClosed ? "JOB_CLOSED" : this.car),
    ownQuestions: async (_vin, model) => {
      this.modelsAsked.push(model);
      return this.own;
    },
    renewMs: 5,
  });

  constructor() {
    this.telemetry.stand(OBD, JOB);
    this.desk.start();
  }

  [Symbol.dispose](): void {
    this.desk.stop();
  }

  get lives() {
    return this.asked.filter((request) => request.kind === "live");
  }

  /** The questions of the present lease, as the car hears them. */
  get questions(): readonly string[] {
    return this.lives.at(-1)?.commands.map(({ request }) => request) ?? [];
  }

  look(names: readonly string[], model?: string) {
    return this.desk.look({ jobId: JOB, names, model, onChange: () => undefined });
  }

  /** One round of the present lease. */
  round(): void {
    const { transaction, commands = [] } = this.lives.at(-1) ?? { transaction: "" };
    const readings = commands.map(({ key, request }) => ({ key, at: this.clock.now(), ...this.#answer(request) }));
    this.desk.takeReadings(this.car.dongleId ?? OBD, { transaction, readings });
    this.clock.advance(100);
  }

  #take(dongleId: DongleId, request: DongleRequest): void {
    this.asked.push(request);
    const { transaction } = request;
    if (request.kind !== "read" || request.commands.length === 0) return;
    if (this.refuses !== undefined) {
      this.desk.tookResponse(dongleId, { transaction, status: "refused", error: { code: this.refuses } });
      return;
    }
    const readings: Readings = request.commands.map(({ key, request: asked }) => ({
      key,
      at: this.clock.now(),
      ...this.#answer(asked),
    }));
    this.desk.takeReadings(dongleId, { transaction, readings });
    this.desk.tookResponse(dongleId, { transaction, status: "done" });
  }

  #answer(request: string): Pick<Readings[number], "answers" | "error"> {
    const pids = request.startsWith("01") ? (request.slice(2).match(/../g) ?? []) : [];
    if (pids.length > 1 && !this.answersTogether)
      return { answers: [], error: "incorrectMessageLengthOrInvalidFormat" };
    const answers = Object.entries(this.units).flatMap(([ecu, known]) => {
      const own = pids.length === 0 ? [known[request]] : pids.map((pid) => known[`01${pid}`]);
      const told = own.filter((payload) => payload !== undefined);
      if (told.length === 0) return [];
      const [first = "", ...rest] = told;
      return [{ ecu, payload: [first, ...rest.map((payload) => payload.slice(2))].join("") }];
    });
    return answers.length === 0 ? { answers, error: "no-answer" } : { answers };
  }
}

const own = (key: string, request: string, names: readonly string[]): Question => ({
  ask: { key, request, address: { requestId: 0x7e4, responseId: 0x7ec, extended: false } },
  signals: names.map((name) => ({ name, unit: "V", label: `Label of ${name}` })),
  decode: (answer) => names.map((name, n) => ({ name, value: (answer[3 + n] ?? 0) / 10, unit: "V" })),
});

describe("what a car can be asked", () => {
  it("is what its units say they know, map after map, once for as long as the job stands there", async () => {
    using car = new Car();
    const { signals, code } = await car.desk.choices(JOB, undefined);
    expect(code).toBeNull();
    expect(signals.map(({ name }) => name)).toEqual([
      "vehicle-speed",
      "low-voltage-battery",
      "engine-speed",
      "engine-load",
      "coolant-temperature",
      "short-term-fuel-trim",
      "SHRTFT3",
    ]);
    await car.desk.choices(JOB, undefined);
    expect(car.asked.map((request) => (request.kind === "read" ? request.commands[0]?.request : request.kind))).toEqual(
      ["0100", "0120", "0140"],
    );
  });

  it("is asked of 29-bit units where the scan found such, and of both kinds where there was no scan", async () => {
    using unscanned = new Car();
    unscanned.car = { ...unscanned.car, units: [] };
    unscanned.units = {};
    await unscanned.desk.choices(JOB, undefined);
    expect(
      unscanned.asked.map((request) => (request.kind === "read" ? request.commands[0]?.address.extended : undefined)),
    ).toEqual([false, true]);

    using car = new Car();
    car.units = { "18DAF110": ENGINE };
    car.car = { ...car.car, units: ["18DAF110"] };
    await car.desk.choices(JOB, undefined);
    expect(car.asked[0]).toMatchObject({ commands: [{ address: { requestId: 0x18db33f1, functional: true } }] });
    await car.look(["engine-speed"]);
    await expect
      .poll(() => car.lives.at(-1)?.commands[0]?.address)
      .toEqual({
        requestId: 0x18da10f1,
        responseId: 0x18daf110,
        extended: true,
      });
  });

  it("is not known while the car does not answer, and is asked for again later", async () => {
    using car = new Car();
    car.units = {};
    expect(await car.desk.choices(JOB, undefined)).toEqual({ signals: [], code: "CAR_SILENT", models: [] });
    const asked = car.asked.length;
    await car.desk.choices(JOB, undefined);
    expect(car.asked).toHaveLength(asked);
    car.car = { ...car.car, units: ["7E8", "7E9"] };
    car.units = { "7E8": ENGINE };
    expect((await car.desk.choices(JOB, undefined)).code).toBeNull();
  });

  it("is not asked at all while something forbids it; what the dongle tells by itself can be looked at all the same", async () => {
    using car = new Car();
    car.car = { ...car.car, refusal: "POLLING_OFF" };
    car.telemetry.take(OBD, [{ name: "state-of-charge", value: 63, unit: "%", at: 1 }], car.clock.stamp());
    const { signals, code } = await car.desk.choices(JOB, undefined);
    expect([signals.map(({ name, source }) => [name, source]), code]).toEqual([
      [["state-of-charge", "told"]],
      "POLLING_OFF",
    ]);
    const look = await car.look(["state-of-charge"]);
    expect(look.update()).toMatchObject({ signals: [{ value: 63, stale: false }] });
    expect(car.asked).toEqual([]);
  });

  it("says why the bridge would not ask", async () => {
    using car = new Car();
    car.refuses = "battery-low";
    expect(await car.desk.choices(JOB, undefined)).toMatchObject({ code: "CAR_BATTERY_LOW" });
  });

  it("includes what imported vehicle files know, by the model that a person names", async () => {
    using car = new Car();
    car.own = { questions: [own("ev9#0", "220101", ["pack-voltage", "HV_SECRET"])], models: ["EV6", "EV9"] };
    const { signals, models } = await car.desk.choices(JOB, "EV9");
    expect(models).toEqual(["EV6", "EV9"]);
    expect(signals).toContainEqual(expect.objectContaining({ name: "pack-voltage", source: "asked", group: "pack" }));
    expect(signals).toContainEqual(
      expect.objectContaining({
        name: "HV_SECRET",
        label: { en: "Label of HV_SECRET", "zh-CN": "Label of HV_SECRET" },
      }),
    );
    car.units = { "7EC": { "220101": "620101C8" } };
    const look = await car.look(["HV_SECRET", "pack-voltage"]);
    expect(car.modelsAsked).toEqual(["EV9", "EV9"]);
    await expect.poll(() => car.questions).toEqual(["220101"]);
    car.round();
    expect(look.update().signals).toMatchObject([
      { name: "HV_SECRET", value: 0, unit: "V", label: { en: "Label of HV_SECRET" } },
      { name: "pack-voltage", value: 20 },
    ]);
  });
});

describe("looking at a car", () => {
  it("asks for several values in one request, of the engine where several units know them", async () => {
    using car = new Car();
    car.units = { "7E8": ENGINE, "7E9": GEARBOX };
    const look = await car.look(["vehicle-speed", "engine-speed", "coolant-temperature"]);
    await expect.poll(() => car.questions).toEqual(["01050C0D"]);
    expect(car.lives.at(-1)?.commands[0]?.address).toMatchObject({ requestId: 0x7e0 });
    car.units = { "7E8": ENGINE };
    car.round();
    expect(look.update().signals.map(({ value }) => value)).toEqual([50, 1726, 83]);
  });

  it("reads values in the scales that the engine says are its own", async () => {
    using car = new Car();
    const maxima = { "014F": "414F04000000", "0150": "415000000000" };
    car.units = { "7E8": { ...ENGINE, "0140": "414050430000", "0144": "4144FFFF", ...maxima } };
    const look = await car.look(["LAMBDA", "low-voltage-battery"]);
    await expect.poll(() => car.questions).toEqual(["014244"]);
    expect(car.asked[3]).toMatchObject({ kind: "read", commands: [{ request: "014F" }, { request: "0150" }] });
    car.round();
    expect(look.update().signals.map(({ value }) => value)).toEqual([4, 12.3]);
  });

  it("asks one by one where the car does not answer several at once", async () => {
    using car = new Car();
    car.answersTogether = false;
    const look = await car.look(["engine-speed", "coolant-temperature"]);
    await expect.poll(() => car.questions).toEqual(["01050C"]);
    for (let n = 0; n < 3; n += 1) car.round();
    expect(car.questions).toEqual(["0105", "010C"]);
    car.round();
    expect(look.update().signals.map(({ value }) => value)).toEqual([1726, 83]);
  });

  it("is one conversation for all who look, with what any of them wants, until the last has gone", async () => {
    using car = new Car();
    const first = await car.look(["engine-speed"]);
    const second = await car.look(["engine-speed", "coolant-temperature"]);
    await expect.poll(() => car.questions).toEqual(["01050C"]);
    expect(new Set(car.lives.map(({ transaction }) => transaction)).size).toBe(1);
    second.close();
    await expect.poll(() => car.questions).toEqual(["010C"]);
    expect([...car.desk.looked(JOB)]).toEqual(["engine-speed"]);
    first.close();
    first.close();
    expect(car.questions).toEqual([]);
    const ended = car.lives.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(car.lives).toHaveLength(ended);
  });

  it("goes with the car to another bay, and ends where it was", async () => {
    using car = new Car();
    await car.look(["engine-speed"]);
    await expect.poll(() => car.questions).toEqual(["010C"]);
    const before = car.lives.at(-1)?.transaction;
    car.car = { ...car.car, dongleId: OBD_2 };
    car.telemetry.stand(OBD_2, JOB);
    await expect
      .poll(() => car.lives.some(({ transaction, commands }) => transaction === before && commands.length === 0))
      .toBe(true);
    await expect.poll(() => car.questions).toEqual(["010C"]);
    expect(car.lives.at(-1)?.transaction).not.toBe(before);
  });

  it("says what the bridge says of why nothing comes, until something comes", async () => {
    using car = new Car();
    const look = await car.look(["engine-speed"]);
    await expect.poll(() => car.questions).toEqual(["010C"]);
    const { transaction } = car.lives.at(-1) ?? { transaction: "" };
    car.desk.tookResponse(OBD, { transaction, status: "refused", error: { code: "car-silent" } });
    expect(look.update().paused).toBe("CAR_SILENT");
    car.round();
    expect(look.update()).toMatchObject({ paused: null, signals: [{ value: 1726 }] });
  });

  it("tells firmware that only reports that somebody looks, without a question to the car", async () => {
    using car = new Car();
    car.car = { ...car.car, reportsOnly: true, refusal: "DONGLE_REPORTS_ONLY" };
    car.telemetry.take(OBD, [{ name: "state-of-charge", value: 63, at: 1 }], car.clock.stamp());
    await car.look(["state-of-charge"]);
    await expect.poll(() => car.asked.length).toBeGreaterThan(0);
    expect(car.asked[0]).toMatchObject({ kind: "read", commands: [] });
    expect(car.lives).toEqual([]);
  });

  it("takes no readings that it did not ask for, nor ones of another car, nor nonsense", async () => {
    using car = new Car();
    const look = await car.look(["engine-speed"]);
    await expect.poll(() => car.questions).toEqual(["010C"]);
    const { transaction, commands } = car.lives.at(-1) ?? { transaction: "", commands: [] };
    const key = commands[0]?.key ?? "";
    const say = (reading: Partial<Readings[number]>, from = OBD, under = transaction) =>
      car.desk.takeReadings(from, { transaction: under, readings: [{ key, at: 1, answers: [], ...reading }] });
    const good = [{ ecu: "7E8", payload: "410C1AF8" }];
    say({ answers: good }, OBD_2);
    say({ answers: good }, OBD, "live.other.1");
    say({ key: "other", answers: good });
    for (const payload of ["41", "7F0112", "410C1A", "620101FF", "410D32"]) say({ answers: [{ ecu: "7E8", payload }] });
    expect(look.update().signals[0]?.value).toBeNull();
    say({ answers: good });
    expect(look.update().signals[0]?.value).toBe(1726);
  });

  it("at what no one knows is refused, and at a closed job too", async () => {
    using car = new Car();
    await expect(car.look(["whisky-level"])).rejects.toMatchObject({ code: "SIGNAL_UNKNOWN" });
    await expect(car.look([])).rejects.toMatchObject({ code: "SIGNAL_UNKNOWN" });
    car.isClosed = true;
    await expect(car.look(["engine-speed"])).rejects.toMatchObject({ code: "JOB_CLOSED" });
    await expect(car.desk.choices(JOB, undefined)).rejects.toMatchObject({ code: "JOB_CLOSED" });
  });

  it("ends with the job, and says so to whoever still looks", async () => {
    using car = new Car();
    const look = await car.look(["engine-speed"]);
    await expect.poll(() => car.questions).toEqual(["010C"]);
    car.isClosed = true;
    car.desk.changed();
    await expect.poll(() => car.questions).toEqual([]);
    expect(look.update()).toMatchObject({ paused: "JOB_CLOSED", signals: [{ value: null, stale: true }] });
  });
});
