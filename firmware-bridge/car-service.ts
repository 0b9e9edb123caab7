import { Value } from "typebox/value";
import { ScanOptions } from "../contract/dialects/rows.ts";
import type {
  ClearAuthority,
  DiagnosticAddress,
  DongleReadings,
  DongleRequest,
  DongleResponse,
  DongleScan,
  ReadCommand,
} from "../contract/payloads.ts";
import type { Clock } from "../machine/clock.ts";
import type { Logger } from "../machine/log.ts";
import { BoundedCar } from "./bounded-car.ts";
import { clearCodes } from "./clear-codes.ts";
import {
  type Adapter,
  type CarConversation,
  ConversationFailure,
  type DongleSettings,
  type FailureCode,
} from "./dialect.ts";
import { EgressRefusal } from "./egress/index.ts";
import {
  ASKS_NOTHING,
  evolvePolling,
  nextLiveStep,
  type PollingEvent,
  type PollingState,
  refusalToAsk,
  voltsAreStale,
} from "./polling-policy.ts";
import { answersOf, questionOf } from "./readings.ts";
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
  #policy: PollingState = ASKS_NOTHING;
  #scanning = false;
  #live: Request<"live"> | undefined;
  #liveRuns = false;
  #livePause: FailureCode | undefined;
  #wakeLive: () => void = () => {};

  constructor(options: CarServiceOptions) {
    this.#options = options;
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
    if (enabled === this.#policy.enabled) return;
    this.#tell({ kind: "switched", enabled });
    if (enabled) return;
    if (this.#live !== undefined) this.#respond(this.#live, { status: "refused", error: { code: "polling-off" } });
    this.#live = undefined;
    this.#wakeLive();
    this.#options.adapter.car?.close();
  }

  stop(): void {
    this.#live = undefined;
    this.#tell({ kind: "live-ended" });
    this.#wakeLive();
    this.#options.adapter.car?.close();
  }

  #fulfil(request: Exclude<CarRequest, Request<"live">>): Promise<Answer> {
    if (!this.#policy.enabled) throw new ConversationFailure("polling-off");
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
    const batteryVolts = await this.#readVolts();
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
    const batteryVolts = await adapter.batteryVolts();
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
      const readings: DongleReadings["readings"] = [];
      try {
        for (const command of commands) readings.push(await this.#readingOf(car, command));
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
    const bounded = new BoundedCar(car, forMs, () => (this.#policy.enabled ? undefined : "polling-off"));
    return this.#turnstile.pass(who, async () => {
      if (bounded.leftMs === 0) throw new ConversationFailure("busy", "another conversation took all the time");
      const volts = who === "person" || voltsAreStale(this.#policy, now()) ? await this.#readVolts() : undefined;
      const refusal = refusalToAsk(this.#policy, who, now());
      if (refusal === "battery-low")
        throw new ConversationFailure(refusal, `below ${this.#options.settings.minimumBatteryVolts} V`, volts);
      if (refusal !== undefined) throw new ConversationFailure(refusal);
      try {
        const result = await work(bounded, volts);
        this.#tell({ kind: "answered" });
        return result;
      } catch (error) {
        if (!this.#policy.enabled) throw new ConversationFailure("polling-off");
        if (error instanceof ConversationFailure && error.code === "car-silent")
          this.#tell({ kind: "silent", because: "car-silent" });
        throw error;
      }
    });
  }

  /** @throws ConversationFailure `dongle-silent` */
  async #readVolts(): Promise<number | undefined> {
    try {
      const volts = await this.#options.adapter.batteryVolts();
      this.#tell({ kind: "volts", volts });
      return volts;
    } catch (error) {
      this.#tell({ kind: "silent", because: "dongle-silent" });
      throw error;
    }
  }

  #takeLive(request: Request<"live">): Answer {
    const { adapter } = this.#options;
    if (request.commands.length === 0) {
      this.#live = undefined;
      this.#tell({ kind: "live-ended" });
      this.#wakeLive();
      return { status: "done" };
    }
    if (!this.#policy.enabled) return { status: "refused", error: { code: "polling-off" } };
    adapter.lookedAt?.(request.leaseMs);
    if (adapter.car === undefined) return { status: "refused", error: { code: "reports-only" } };
    this.#live = request;
    this.#tell({ kind: "live-wanted", everyMs: request.everyMs, leaseMs: request.leaseMs });
    this.#wakeLive();
    if (!this.#liveRuns) void this.#runLive(adapter.car);
    return this.#livePause === undefined ? { status: "done" } : { status: "refused", error: { code: this.#livePause } };
  }

  /** Runs while there is a lease; renewing it wakes a pause. */
  async #runLive(car: CarConversation): Promise<void> {
    this.#liveRuns = true;
    try {
      for (;;) {
        const step = nextLiveStep(this.#policy, now());
        if (step.kind === "over") return;
        if (step.kind === "read-volts") await this.#readVolts().catch(() => this.#pauseLive("dongle-silent"));
        else if (step.kind === "ask") await this.#turnstile.pass("live", () => this.#liveRound(car));
        else {
          if (step.because !== undefined) this.#pauseLive(step.because);
          await this.#sleep(step.until - now());
        }
      }
    } finally {
      this.#liveRuns = false;
      this.#livePause = undefined;
      this.#live = undefined;
      this.#tell({ kind: "live-ended" });
    }
  }

  async #liveRound(car: CarConversation): Promise<void> {
    const request = this.#live;
    // Somebody may have spoken for long before this turn came.
    if (request === undefined || nextLiveStep(this.#policy, now()).kind !== "ask") return;
    this.#tell({ kind: "round-began" });
    const leaseLeftMs = (this.#policy.live?.until ?? 0) - now();
    const bounded = new BoundedCar(car, leaseLeftMs, () => (this.#live === undefined ? "polling-off" : undefined));
    const readings: DongleReadings["readings"] = [];
    try {
      for (const command of request.commands) {
        if (this.#live === undefined || this.#turnstile.isWantedBefore("live")) break;
        readings.push(await this.#readingOf(bounded, command));
      }
    } catch (error) {
      if (!(error instanceof ConversationFailure))
        this.#options.log.warn({ err: error }, "a live round was broken off");
      if (!(error instanceof ConversationFailure) || error.code === "link-lost")
        this.#tell({ kind: "silent", because: "dongle-silent" });
    }
    if (readings.length === 0 || this.#live === undefined) return;
    this.#options.outlets.readings({ transaction: this.#live.transaction, readings });
    if (readings.some((reading) => reading.answers.length > 0 || reading.error !== "no-answer")) {
      this.#tell({ kind: "answered" });
      this.#livePause = undefined;
    } else {
      this.#tell({ kind: "silent", because: "car-silent" });
      this.#pauseLive("car-silent");
    }
  }

  async #readingOf(car: BoundedCar, command: ReadCommand): Promise<DongleReadings["readings"][number]> {
    const outcome = await car.ask(questionOf(command));
    return { key: command.key, at: this.#options.clock.now(), ...answersOf(outcome) };
  }

  /** Says once why no live values come, so that nobody takes the last ones for present ones. */
  #pauseLive(because: FailureCode): void {
    if (this.#livePause === because || this.#live === undefined) return;
    this.#livePause = because;
    this.#respond(this.#live, { status: "refused", error: { code: because } });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, Math.ceil(ms)));
      this.#wakeLive = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tell(event: PollingEvent): void {
    const { settings, adapter } = this.#options;
    this.#policy = evolvePolling(this.#policy, event, now(), {
      minimumBatteryVolts: settings.minimumBatteryVolts,
      fastestMs: adapter.fastestMs,
    });
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

function now(): number {
  return performance.now();
}
