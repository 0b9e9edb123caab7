import type { LiveUpdate, SignalChoicesView } from "../../contract/diagnostics-api.ts";
import { type ErrorCode, GatewayError } from "../../contract/errors.ts";
import type { DongleId, JobId } from "../../contract/ids.ts";
import type { DongleReadings, DongleResponse } from "../../contract/payloads.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Dialogue } from "./dialogue.ts";
import { liveViewOf } from "./electric.ts";
import { type LivePlace, LiveSession, type Viewer } from "./live-session.ts";
import { numberOf } from "./numbered.ts";
import { pidOf, type Question } from "./questions.ts";
import { askable, learnStandard, type Repertoire } from "./repertoire.ts";
import type { Telemetry } from "./telemetry.ts";
import { byVocabulary, type SignalWords, wordsOf } from "./words.ts";

/** A job's car, as far as live values need to know it. */
export interface LiveCar extends LivePlace {
  readonly vin: string | null;
  /** Ids from which its units answered a scan, in hex. */
  readonly units: readonly string[];
}

/** What imported vehicle files know of a car. */
export interface OwnQuestions {
  readonly questions: readonly Question[];
  /** Models that the car may be, where its number does not tell. */
  readonly models: readonly string[];
}

export interface LiveDeskOptions {
  readonly telemetry: Telemetry;
  readonly dialogue: Dialogue;
  readonly clock: Clock;
  readonly log: Logger;
  /** The code says why there is no such job to look at. */
  carOf(jobId: JobId): LiveCar | Extract<ErrorCode, "JOB_UNKNOWN" | "JOB_CLOSED">;
  ownQuestions(vin: string | null, model: string | undefined): Promise<OwnQuestions>;
  /** Machine milliseconds between two renewals of a lease; for tests. */
  readonly renewMs?: number;
}

export interface LookRequest {
  readonly jobId: JobId;
  readonly names: readonly string[];
  readonly model: string | undefined;
  readonly onChange: () => void;
}

export interface Look {
  update(): Omit<LiveUpdate, "recordingSince">;
  close(): void;
}

/** A lease lasts three of these. */
const RENEW_MS = 3_000;
/** What a car that did not say what it knows is asked again after this. */
const LEARN_AGAIN_MS = 15_000;

interface Learned {
  readonly key: string;
  readonly standard: Promise<Omit<Repertoire, "own">>;
  /** Machine milliseconds; undefined while it holds. */
  failedAtMs: number | undefined;
}

/** Live values while somebody looks: which there are, who looks at which, and one conversation per car for all of them. */
export class LiveDesk {
  readonly #options: LiveDeskOptions;
  readonly #sessions = new Map<JobId, LiveSession>();
  readonly #learned = new Map<JobId, Learned>();
  readonly #own = new Map<JobId, { readonly model: string | undefined; readonly found: OwnQuestions }>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveDeskOptions) {
    this.#options = options;
    this.#unsubscribe = options.telemetry.board.subscribe((dongleId, samples) => {
      const session = this.#sessionAt(dongleId);
      session?.notify(samples.map(({ name }) => name));
    });
  }

  start(): void {
    this.#timer = setInterval(() => this.#renew(), this.#options.renewMs ?? RENEW_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
    for (const session of this.#sessions.values()) session.end();
    this.#sessions.clear();
    this.#options.dialogue.stop();
  }

  /** What can be looked at. @throws GatewayError JOB_UNKNOWN, JOB_CLOSED */
  async choices(jobId: JobId, model: string | undefined): Promise<SignalChoicesView> {
    const car = this.#openCar(jobId);
    const own = await this.#findOwn(jobId, car, model);
    const { standard, code } = await this.#standardOf(jobId, car);
    const asked = askable({ standard, own: own.questions, code });
    const told = new Map<string, string>();
    if (car.dongleId !== undefined)
      for (const [name, { unit }] of this.#options.telemetry.board.readings(car.dongleId))
        if (!isSingle(name) && !asked.has(name)) told.set(name, unit);
    const signals = [
      ...[...asked].map(([name, { unit, label }]) => choice(name, unit, label, "asked")),
      ...[...told].map(([name, unit]) => choice(name, unit, name, "told")),
    ];
    return { signals: signals.toSorted((a, b) => byVocabulary(a.name, b.name)), code, models: [...own.models] };
  }

  /** Begins to look. @throws GatewayError JOB_UNKNOWN, JOB_CLOSED, SIGNAL_UNKNOWN */
  async look({ jobId, names, model, onChange }: LookRequest): Promise<Look> {
    const car = this.#openCar(jobId);
    const own = await this.#findOwn(jobId, car, model);
    const labels = new Map(own.questions.flatMap(({ signals }) => signals.map(({ name, label }) => [name, label])));
    const isKnown = (name: string) =>
      labels.has(name) || pidOf(name) !== undefined || this.#reading(jobId, name) !== undefined;
    if (names.length === 0 || !names.every(isKnown)) throw new GatewayError("SIGNAL_UNKNOWN");
    const session = this.#sessions.get(jobId) ?? this.#newSession(jobId);
    const viewer: Viewer = { names: new Set(names), onChange };
    session.viewers.add(viewer);
    this.#settle(session.change(), session);
    return {
      update: () => ({
        at: this.#options.clock.now(),
        signals: [...viewer.names].map((name) => ({
          ...liveViewOf(name, this.#reading(jobId, name)),
          ...named(name, this.#reading(jobId, name)?.unit ?? "", labels.get(name) ?? name),
        })),
        paused: session.paused(),
      }),
      close: () => {
        if (!session.viewers.delete(viewer)) return;
        if (session.viewers.size > 0) this.#settle(session.change(), session);
        else {
          session.end();
          this.#sessions.delete(jobId);
        }
      },
    };
  }

  /** What those who look at a job's car look at, each once; empty where nobody does. */
  looked(jobId: JobId): ReadonlySet<string> {
    return new Set([...(this.#sessions.get(jobId)?.viewers ?? [])].flatMap(({ names }) => [...names]));
  }

  takeReadings(dongleId: DongleId, readings: DongleReadings): void {
    const { dialogue, telemetry, clock } = this.#options;
    if (dialogue.tookReadings(dongleId, readings)) return;
    for (const session of this.#sessions.values()) {
      const samples = session.takeReadings(dongleId, readings);
      if (samples !== undefined) telemetry.take(dongleId, samples, clock.stamp());
    }
  }

  /** @returns whether the response was to something that was asked here */
  tookResponse(dongleId: DongleId, response: DongleResponse): boolean {
    if (this.#options.dialogue.tookResponse(dongleId, response)) return true;
    for (const session of this.#sessions.values()) {
      if (!session.takeResponse(dongleId, response)) continue;
      session.notifyAll();
      return true;
    }
    return false;
  }

  /** Something was committed: it may forbid to ask, or allow it again. */
  changed(): void {
    for (const session of this.#sessions.values()) {
      if (!session.hasTurned()) continue;
      this.#settle(session.refresh(), session);
    }
    for (const known of [this.#learned, this.#own])
      for (const jobId of known.keys()) if (typeof this.#options.carOf(jobId) === "string") known.delete(jobId);
  }

  #newSession(jobId: JobId): LiveSession {
    const { dialogue, carOf } = this.#options;
    const place = (): LivePlace => {
      const car = carOf(jobId);
      return typeof car === "string" ? { dongleId: undefined, refusal: car, reportsOnly: false, over: true } : car;
    };
    const repertoire = async (): Promise<Repertoire> => {
      const car = carOf(jobId);
      if (typeof car === "string") return { standard: new Map(), own: [], code: car };
      const own = this.#own.get(jobId)?.found.questions ?? [];
      return { own, ...(await this.#standardOf(jobId, car)) };
    };
    const session = new LiveSession({ dialogue, place, repertoire });
    this.#sessions.set(jobId, session);
    return session;
  }

  #renew(): void {
    for (const session of this.#sessions.values()) this.#settle(session.refresh(), session);
  }

  /** Values go stale while nothing comes, so everybody looks again. */
  #settle(work: Promise<void>, session: LiveSession): void {
    work.then(
      () => session.notifyAll(),
      (error: unknown) => this.#options.log.error({ err: error }, "a car could not be asked for live values"),
    );
  }

  #openCar(jobId: JobId): LiveCar {
    const car = this.#options.carOf(jobId);
    if (typeof car === "string") throw new GatewayError(car);
    return car;
  }

  /** Looks into the imported files anew; the model that somebody named last holds for everybody who looks at this car. */
  async #findOwn(jobId: JobId, { vin }: LiveCar, named: string | undefined): Promise<OwnQuestions> {
    const model = named ?? this.#own.get(jobId)?.model;
    const found = await this.#options.ownQuestions(vin, model);
    this.#own.set(jobId, { model, found });
    return found;
  }

  /** Asked once per car, and again where it failed. */
  async #standardOf(jobId: JobId, car: LiveCar): Promise<Omit<Repertoire, "own">> {
    const { dongleId, refusal, units } = car;
    const key = JSON.stringify([dongleId, units]);
    const before = this.#learned.get(jobId);
    const same = before?.key === key ? before : undefined;
    if (same !== undefined && same.failedAtMs === undefined) return same.standard;
    if (dongleId === undefined || refusal !== undefined) return { standard: new Map(), code: refusal ?? "DONGLE_NONE" };
    if (same?.failedAtMs !== undefined && performance.now() - same.failedAtMs < LEARN_AGAIN_MS) return same.standard;
    const learned: Learned = {
      key,
      standard: learnStandard(this.#options.dialogue, { dongleId, units }),
      failedAtMs: undefined,
    };
    this.#learned.set(jobId, learned);
    const outcome = await learned.standard;
    if (outcome.code !== null) learned.failedAtMs = performance.now();
    return outcome;
  }

  #reading(jobId: JobId, name: string) {
    const car = this.#options.carOf(jobId);
    if (typeof car === "string" || car.dongleId === undefined) return undefined;
    return this.#options.telemetry.board.reading(car.dongleId, name);
  }

  #sessionAt(dongleId: DongleId): LiveSession | undefined {
    for (const [jobId, session] of this.#sessions) {
      const car = this.#options.carOf(jobId);
      if (typeof car !== "string" && car.dongleId === dongleId) return session;
    }
    return undefined;
  }
}

function choice(
  name: string,
  unit: string,
  label: string,
  source: "asked" | "told",
): SignalChoicesView["signals"][number] {
  return { name, ...named(name, unit, label), source };
}

/** What a vehicle file calls a value is better than its bare id. */
function named(name: string, unit: string, label: string): SignalWords {
  const words = wordsOf(name, unit);
  return words.label.en === name ? { ...words, label: { en: label, "zh-CN": label } } : words;
}

function isSingle(name: string): boolean {
  return numberOf(name, "cell-voltage") !== undefined || numberOf(name, "probe-temperature") !== undefined;
}
