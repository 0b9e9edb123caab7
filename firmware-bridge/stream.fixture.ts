import type { DeviceStatus, DongleSignals } from "../contract/payloads.ts";
import { createLog } from "../machine/log.ts";
import { ManualClock } from "../machine/manual-clock.ts";
import { type CanFrame, toHex } from "../vehicle-protocols/index.ts";
import type { Adapter, CarConversation, CarOutcome, Dialect, DongleSettings } from "./dialect.ts";
import { DeviceEgress, machineTransports, type Place } from "./egress/index.ts";

/** An adapter with its real egress and real lines, and what it reported. */
export interface AdapterOnTrial {
  readonly adapter: Adapter;
  readonly car: CarConversation;
  readonly egress: DeviceEgress;
  readonly clock: ManualClock;
  readonly statuses: DeviceStatus[];
  readonly signals: DongleSignals[];
  readonly frames: CanFrame[];
  /** Everything that left, write by write. */
  readonly written: Buffer[];
  readonly places: Place[];
  stop(): void;
}

export function tryAdapter(dialect: Dialect, options: object, settings: Partial<DongleSettings> = {}): AdapterOnTrial {
  const clock = new ManualClock();
  const statuses: DeviceStatus[] = [];
  const signals: DongleSignals[] = [];
  const frames: CanFrame[] = [];
  const written: Buffer[] = [];
  const places: Place[] = [];
  const egress = new DeviceEgress({
    dialect: dialect.name,
    nativeId: "trial",
    now: () => clock.now(),
    publish: () => undefined,
    guarded: (action) => action(),
    transports: {
      ...machineTransports,
      open: (place, events) => {
        places.push(place);
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
      options: { ...options },
      ...settings,
    },
    clock,
    log: createLog("trial"),
    egress,
    reports: {
      status: (status) => statuses.push(status),
      signals: (report) => signals.push(report),
      frames: (report) => frames.push(...report),
      framesWanted: () => false,
    },
  });
  const { car } = adapter;
  if (car === undefined) throw new Error("this dialect cannot be asked");
  return {
    adapter,
    car,
    egress,
    clock,
    statuses,
    signals,
    frames,
    written,
    places,
    stop: () => {
      adapter.stop();
      egress.close();
    },
  };
}

/** Waits for something to become true; real time, since lines are real. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs > 20_000) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** An outcome as one reads it: `7E8 4100BE3FA813`, `7E9 refused …`, or the error. */
export function shown({ answers, error }: CarOutcome): string[] {
  if (error !== undefined) return [error.code];
  return answers.map((answer) => {
    const who = answer.ecuId.toString(16).toUpperCase();
    if (answer.kind === "positive") return `${who} ${toHex(answer.payload)}`;
    return answer.kind === "negative" ? `${who} refused ${answer.name}` : `${who} failed ${answer.error.code}`;
  });
}
