import { Value } from "typebox/value";
import { ScanOptions } from "../contract/dialects/rows.ts";
import type {
  ClearAuthority,
  DiagnosticAddress,
  DongleReadings,
  DongleRequest,
  DongleResponse,
  DongleScan,
} from "../contract/payloads.ts";
import type { Clock } from "../machine/clock.ts";
import type { Logger } from "../machine/log.ts";
import { BoundedCar } from "./bounded-car.ts";
import { CarPolicy } from "./car-policy.ts";
import { clearCodes } from "./clear-codes.ts";
import { type Adapter, ConversationFailure, type DongleSettings, type FailureCode } from "./dialect.ts";
import { EgressRefusal } from "./egress/index.ts";
import { LivePolling } from "./live-polling.ts";
import { refusalToAsk, voltsAreStale } from "./polling-policy.ts";
import { type Reading, readingOf } from "./readings.ts";
import type { CarMemory } from "./scan/car-memory.ts";
import { type ScanWishes, scanCar } from "./scan/index.ts";
import { reportedFindings } from "./scan/reported.ts";
import { type Precedence, Turnstile } from "./turnstile.ts";

/** What a scan of a slow car with many units may take; the request may ask for less. */
const SCAN_MS = 60_000;
const READ_MS = 20_000;
const CLEAR_MS = 30_000;
/** Transactions remembered, so that a request delivered twice is answered once. */
const REMEMBERED_TRANSACTIONS = 200;

/** Where a device's answers go. */
export interface CarServiceOutlets {
  respond(response: DongleResponse): void;
  scan(scan: DongleScan): void;
  readings(readings: DongleReadings): void;
  /** Opens the egress for clearing; @throws EgressRefusal `authority` */
  openClearing(transaction: string, authority: ClearAuthority): () => void;
}

export interface CarServiceOptions {
  readonly settings: DongleSettings;
  readonly adapter: Adapter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  /** What earlier scans met in the same cars, through whichever dongle. */
  readonly memory: CarMemory;
  readonly outlets: CarServiceOutlets;
}

type Request<Kind extends DongleRequest["kind"]> = Extract<DongleRequest, { kind: Kind }>;
/** What is asked of a car; listening asks nothing of it. */
export type CarRequest = Exclude<DongleRequest, Request<"listen">>;
type Answer = Omit<DongleResponse, "transaction">;

/** A wish that the device cannot fulfil ends in one of these; the rest is tried and may fail. */
const REFUSALS: ReadonlySet<FailureCode> = new Set([
  "battery-low",
  "busy",
  "polling-off",
  "reports-only",
  "not-authorised",
]);

/**
 * What the gateway wants of one car: scans, readings, live values, clearing. Holds the polling policy: one conversation at a time, a person before a program
 * before live values; nothing of a car whose battery is low; ever longer pauses while the car is silent. Deadlines here are those of electronics and use machine time.
 */
export class CarService {
  readonly #options: CarServiceOptions;
  readonly #turnstile = new Turnstile();
  readonly #seen = new Set<string>();
  readonly #policy: CarPolicy;
  /** Absent where the firmware cannot be asked. */
  readonly #live: LivePolling | undefined;
  #scanning = false;

  constructor(options: CarServiceOptions) {
    this.#options = options;
    const { adapter, settings, clock, log, outlets } = options;
    this.#policy = new CarPolicy(adapter, settings);
    if (adapter.car === undefined) return;
    this.#live = new LivePolling({
      car: adapter.car,
      policy: this.#policy,
      turnstile: this.#turnstile,
      clock,
      log,
      respond: (response) => outlets.respond(response),
      publish: (readings) => outlets.readings(readings),
    });
  }

  /** Takes a request and answers it through the outlets; the promise resolves when that has been done, and never rejects. */
  async request(request: CarRequest): Promise<void> {
    if (request.kind === "live") {
      this.#respond(request, this.#takeLive(request));
      return;
    }
    if (this.#isRepeat(request.transaction)) return;
    let answer: Answer;
    try {
      answer = await this.#fulfil(request);
    } catch (error) {
      answer = this.#failure(error);
    }
    this.#respond(request, answer);
  }

  setPolling(enabled: boolean): void {
    if (enabled === this.#policy.state.enabled) return;
    this.#policy.tell({ kind: "switched", enabled });
    if (enabled) return;
    this.#live?.end("polling-off");
    this.#options.adapter.car?.close();
  }

  stop(): void {
    this.#live?.end();
    this.#options.adapter.car?.close();
  }

  #fulfil(request: Exclude<CarRequest, Request<"live">>): Promise<Answer> {
    if (!this.#policy.state.enabled) throw new ConversationFailure("polling-off");
    switch (request.kind) {
      case "battery-voltage":
        return this.#tellVolts();
      case "scan":
        return this.#scan(request);
      case "read":
        return this.#read(request);
      case "clear-codes":
        return this.#clear(request);
    }
  }

  async #tellVolts(): Promise<Answer> {
    const batteryVolts = await this.#policy.readVolts();
    return { status: "done", ...(batteryVolts === undefined ? {} : { batteryVolts }) };
  }

  async #scan({ transaction, deadlineMs, addresses = [] }: Request<"scan">): Promise<Answer> {
    if (this.#scanning) throw new ConversationFailure("busy");
    this.#scanning = true;
    try {
      const { adapter, outlets, newId, clock } = this.#options;
      if (adapter.car === undefined) {
        outlets.scan(await this.#scanFromReport(transaction, deadlineMs ?? SCAN_MS));
        return { status: "done" };
      }
      await this.#converse("person", deadlineMs ?? SCAN_MS, async (car, batteryVolts) => {
        const findings = await scanCar(car, this.#wishesOf(addresses));
        const scan: DongleScan = {
          messageId: newId(),
          transaction,
          takenAt: clock.now(),
          ...findings,
          ...(batteryVolts === undefined ? {} : { batteryVolts }),
        };
        outlets.scan(scan);
      });
      return { status: "done" };
    } finally {
      this.#scanning = false;
    }
  }

  #wishesOf(addresses: readonly DiagnosticAddress[]): ScanWishes {
    const { settings, memory, clock } = this.#options;
    const given: unknown = settings.options?.scan ?? {};
    const options = Value.Check(ScanOptions, given) ? given : {};
    return {
      addresses: [...addresses, ...(options.addresses ?? [])],
      sweep: options.sweep ?? false,
      monitorResults: options.monitorResults ?? false,
      memory,
      now: () => clock.now(),
    };
  }

  /** Firmware that cannot be asked has its own list of codes: whose they are and what else there may be, nobody knows. */
  async #scanFromReport(transaction: string, forMs: number): Promise<DongleScan> {
    const { adapter, newId, clock } = this.#options;
    if (adapter.reportedCodes === undefined) throw new ConversationFailure("reports-only");
    const { codes, vin } = await adapter.reportedCodes(forMs);
    const batteryVolts = await this.#policy.readVolts();
    return {
      messageId: newId(),
      transaction,
      takenAt: clock.now(),
      ...reportedFindings(codes, vin),
      ...(batteryVolts === undefined ? {} : { batteryVolts }),
    };
  }

  async #read({ transaction, commands, deadlineMs }: Request<"read">): Promise<Answer> {
    this.#options.adapter.lookedAt?.(deadlineMs ?? READ_MS);
    await this.#converse("program", deadlineMs ?? READ_MS, async (car) => {
      const readings: Reading[] = [];
      try {
        for (const command of commands) readings.push(await readingOf(car, command, this.#options.clock));
      } finally {
        // What was read before a deadline or a lost link is worth having.
        if (readings.length > 0) this.#options.outlets.readings({ transaction, readings });
      }
      if (
        readings.length > 0 &&
        readings.every((reading) => reading.answers.length === 0 && reading.error === "no-answer")
      )
        throw new ConversationFailure("car-silent");
    });
    return { status: "done" };
  }

  async #clear({ transaction, authority, deadlineMs }: Request<"clear-codes">): Promise<Answer> {
    const cleared = await this.#converse("person", deadlineMs ?? CLEAR_MS, async (car) => {
      // Open only while nobody else can speak: whoever waits for his turn must not find it open.
      const endClearing = this.#options.outlets.openClearing(transaction, authority);
      try {
        return await clearCodes(car, this.#wishesOf([]).addresses);
      } finally {
        endClearing();
      }
    });
    return { status: "done", cleared };
  }

  /** One conversation with the car, alone, within its deadline, and only if the battery bears it. What it ends in teaches the policy. */
  async #converse<T>(
    who: Precedence & ("person" | "program"),
    forMs: number,
    work: (car: BoundedCar, volts: number | undefined) => Promise<T>,
  ): Promise<T> {
    const { car } = this.#options.adapter;
    if (car === undefined) throw new ConversationFailure("reports-only");
    const bounded = new BoundedCar(car, forMs, () => (this.#policy.state.enabled ? undefined : "polling-off"));
    return this.#turnstile.pass(who, async () => {
      if (bounded.leftMs === 0) throw new ConversationFailure("busy", "another conversation took all the time");
      const volts =
        who === "person" || voltsAreStale(this.#policy.state, performance.now())
          ? await this.#policy.readVolts()
          : undefined;
      const refusal = refusalToAsk(this.#policy.state, who, performance.now());
      if (refusal === "battery-low")
        throw new ConversationFailure(refusal, `below ${this.#options.settings.minimumBatteryVolts} V`, volts);
      if (refusal !== undefined) throw new ConversationFailure(refusal);
      try {
        const result = await work(bounded, volts);
        this.#policy.tell({ kind: "answered" });
        return result;
      } catch (error) {
        if (!this.#policy.state.enabled) throw new ConversationFailure("polling-off");
        if (error instanceof ConversationFailure && error.code === "car-silent")
          this.#policy.tell({ kind: "silent", because: "car-silent" });
        throw error;
      }
    });
  }

  #takeLive(request: Request<"live">): Answer {
    if (request.commands.length === 0) {
      this.#live?.end();
      return { status: "done" };
    }
    if (!this.#policy.state.enabled) return { status: "refused", error: { code: "polling-off" } };
    this.#options.adapter.lookedAt?.(request.leaseMs);
    return this.#live?.renew(request) ?? { status: "refused", error: { code: "reports-only" } };
  }

  #isRepeat(transaction: string): boolean {
    if (this.#seen.has(transaction)) return true;
    this.#seen.add(transaction);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED_TRANSACTIONS && oldest !== undefined) this.#seen.delete(oldest);
    return false;
  }

  #respond({ transaction }: DongleRequest, answer: Answer): void {
    this.#options.outlets.respond({ transaction, ...answer });
  }

  #failure(error: unknown): Answer {
    if (error instanceof ConversationFailure) {
      const { code, message, batteryVolts } = error;
      return {
        status: REFUSALS.has(code) ? "refused" : "failed",
        error: { code, detail: message.slice(0, 500) },
        ...(batteryVolts === undefined ? {} : { batteryVolts }),
      };
    }
    if (error instanceof EgressRefusal) {
      const code = error.rule === "authority" ? "not-authorised" : "not-allowed";
      return { status: "refused", error: { code, detail: error.message.slice(0, 500) } };
    }
    this.#options.log.error({ err: error }, "adapter failed");
    return { status: "failed", error: { code: "adapter-failed" } };
  }
}
