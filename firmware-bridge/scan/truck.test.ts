import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CanFrame, READABLE_GROUPS, type ReadableGroup } from "../../vehicle-protocols/index.ts";
import { BoundedCar } from "../bounded-car.ts";
import { type BusTap, ConversationFailure, type FailureCode } from "../dialect.ts";
import { TruckEar } from "./truck.ts";

const ENGINE = 0x00;
const BRAKES = 0x0b;
const MUCH_TIME = () => 60_000;

/** A truck's bus: controllers that send DM1 each second, and answer what they are told to. */
class TruckBus implements BusTap {
  readonly asked: ReadableGroup[] = [];
  refusal: FailureCode | undefined;
  readonly #listeners = new Set<(frame: CanFrame) => void>();
  readonly #answers: Partial<Record<ReadableGroup, readonly number[]>>;
  readonly #beat: NodeJS.Timeout;

  /** @param answers which controllers answer for a group, with one code each */
  constructor(controllers: readonly number[], answers: Partial<Record<ReadableGroup, readonly number[]>>) {
    this.#answers = answers;
    this.#beat = setInterval(() => {
      for (const source of controllers) this.#say("DM1", source);
    }, 1_000);
  }

  hear(listener: (frame: CanFrame) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async request(group: ReadableGroup): Promise<void> {
    if (this.refusal !== undefined) throw new ConversationFailure(this.refusal);
    this.asked.push(group);
    for (const source of this.#answers[group] ?? []) setTimeout(() => this.#say(group, source), 50);
  }

  stop(): void {
    clearInterval(this.#beat);
  }

  /** SPN 110, FMI 3. */
  #say(group: ReadableGroup, source: number): void {
    const id = 0x18000000 + READABLE_GROUPS[group] * 0x100 + source;
    const data = Uint8Array.of(0, 0xff, 110, 0, 3, 1, 0xff, 0xff);
    for (const listener of this.#listeners) listener({ id, extended: true, data });
  }
}

let bus: TruckBus;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  bus.stop();
  vi.useRealTimers();
});

async function read(tap: BusTap = bus) {
  const ear = new TruckEar(tap);
  const reading = ear.hasHeardTruck(MUCH_TIME()).then(() => ear.read(MUCH_TIME));
  await vi.advanceTimersByTimeAsync(20_000);
  const { ecus } = await reading;
  ear.close();
  return Object.fromEntries(ecus.map(({ address, dtcs, unanswered }) => [address, { dtcs, unanswered }]));
}

describe("a truck's lists of codes", () => {
  it("are those of each controller: that one has answered does not speak for another", async () => {
    bus = new TruckBus([ENGINE, BRAKES], { DM2: [ENGINE], DM6: [ENGINE, BRAKES], DM28: [ENGINE, BRAKES] });
    const ecus = await read();
    expect(ecus["00"]?.unanswered).toEqual([]);
    expect(ecus["0B"]?.unanswered).toEqual([{ service: "DM2", reason: "no-answer" }]);
    expect(ecus["0B"]?.dtcs.map(({ status }) => status)).toEqual(["confirmed", "pending", "permanent"]);
  });

  it("are not asked for any more once asking is forbidden, and what was heard stays", async () => {
    bus = new TruckBus([ENGINE], { DM2: [ENGINE], DM6: [ENGINE] });
    let refusal: FailureCode | undefined;
    const car = { bus, ask: async () => ({ answers: [] }), close: () => undefined };
    const bounded = new BoundedCar(car, 60_000, () => refusal);
    setTimeout(() => {
      refusal = "polling-off";
    }, 2_000);
    const ecus = await read(bounded.bus);
    expect(bus.asked).toEqual(["DM2"]);
    expect(ecus["00"]?.dtcs).toMatchObject([{ status: "confirmed" }, { status: "stored" }]);
    expect(ecus["00"]?.unanswered).toEqual([
      { service: "DM6", reason: "polling-off" },
      { service: "DM28", reason: "polling-off" },
    ]);
  });

  it("stay where the line is lost in the middle", async () => {
    bus = new TruckBus([ENGINE], { DM2: [ENGINE] });
    setTimeout(() => {
      bus.refusal = "link-lost";
    }, 2_000);
    expect((await read())["00"]?.dtcs).toMatchObject([{ status: "confirmed" }, { status: "stored" }]);
  });
});
