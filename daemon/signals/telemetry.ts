import type { ElectricView } from "../../contract/diagnostics-api.ts";
import type { DongleId, JobId } from "../../contract/ids.ts";
import type { DongleScan, SignalSample } from "../../contract/payloads.ts";
import type { BatteryAlert, Stamp } from "../../contract/records.ts";
import { type VocabularyRow, vocabularyRow } from "../../contract/vocabulary.ts";
import type { Clock } from "../../machine/clock.ts";
import { type BatteryLimits, judgeBattery, type ReadingOf } from "./battery-limits.ts";
import { type BatteryNews, stepWatch, type Trends } from "./battery-watch.ts";
import { SignalBoard } from "./board.ts";
import { CHARTED, derivedFrom, electricOf, readingsOfScan } from "./electric.ts";
import { HistoryRing } from "./history.ts";

export interface TelemetryOptions {
  readonly clock: Clock;
  limitsOf(dongleId: DongleId): BatteryLimits;
  /** Whether an alert of the car at a dongle has been written down and not ended. */
  isRaised(dongleId: DongleId, alert: BatteryAlert): boolean;
  /** Has a conclusion written down. */
  alert(dongleId: DongleId, news: BatteryNews): void;
}

/** What is kept of the car at one dongle beside its latest values. */
interface Car {
  readonly jobId: JobId | null;
  trends: Trends;
  judgedMs: number;
  /** Made with the first value of a traction battery. */
  history: HistoryRing | undefined;
}

/** Four hours of a point every ten seconds: a charge and the rest after it. */
const POINT_EVERY_MS = 10_000;
const POINTS_KEPT = 1_440;
/** A pack tells a hundred values ten times a second; its limits are not passed faster than this. */
const JUDGE_EVERY_MS = 1_000;
const NO_HISTORY = { at: [], columns: {} };

/** Live values of all dongles: the board, what can be reckoned from it, the charts of traction batteries and the watch over their limits. */
export class Telemetry {
  readonly board: SignalBoard;
  readonly #options: TelemetryOptions;
  readonly #cars = new Map<DongleId, Car>();
  #cancel: (() => void) | undefined;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.board = new SignalBoard(() => options.clock.monotonicMs());
  }

  start(): void {
    this.#cancel = this.#options.clock.every(POINT_EVERY_MS, () => this.#keepPoints());
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Says whose car a dongle is in now; nothing of another car is kept. */
  stand(dongleId: DongleId, jobId: JobId | null): void {
    this.board.stand(dongleId, jobId);
    if (this.#carAt(dongleId).jobId !== jobId) this.#cars.set(dongleId, newCar(jobId));
  }

  /** Named values, as a dongle tells them or as they were decoded from what it was asked. */
  take(dongleId: DongleId, samples: readonly SignalSample[], at: Stamp): void {
    this.board.take(dongleId, samples, at);
    if (samples.some(({ name }) => inGroup(name, "cell", "probe")))
      this.board.take(dongleId, derivedFrom(this.board.readings(dongleId)), at, "derived");
    const car = this.#carAt(dongleId);
    if (at.monoMs - car.judgedMs < JUDGE_EVERY_MS) return;
    car.judgedMs = at.monoMs;
    this.#judge(dongleId, (name) => this.board.reading(dongleId, name), false);
  }

  /** A scan that is in the journal: what it measured is certain, and the latest there is. */
  scanned(dongleId: DongleId, { signals = [], batteryVolts, takenAt }: DongleScan, at: Stamp): void {
    const volts: SignalSample[] =
      batteryVolts === undefined ? [] : [{ name: "low-voltage-battery", value: batteryVolts, unit: "V", at: takenAt }];
    const samples = [...volts, ...signals];
    if (samples.length === 0) return;
    this.take(dongleId, samples, at);
    const readings = readingsOfScan(samples, at.monoMs);
    this.#judge(dongleId, (name) => readings.get(name), true);
  }

  /** Null where the dongle tells nothing of a traction battery. */
  electric(dongleId: DongleId): ElectricView | null {
    const history = this.#carAt(dongleId).history?.view() ?? NO_HISTORY;
    return electricOf(this.board.readings(dongleId), history);
  }

  #judge(dongleId: DongleId, readingOf: ReadingOf, certain: boolean): void {
    const { limitsOf, isRaised, alert } = this.#options;
    const car = this.#carAt(dongleId);
    if (car.jobId === null) return;
    const judgements = judgeBattery(readingOf, limitsOf(dongleId));
    const step = stepWatch(car.trends, judgements, (each) => isRaised(dongleId, each), certain);
    car.trends = step.trends;
    for (const news of step.news) alert(dongleId, news);
  }

  #keepPoints(): void {
    for (const [dongleId, car] of this.#cars) {
      if (car.history === undefined) {
        if (![...this.board.readings(dongleId)].some(([name]) => inGroup(name, "pack", "cell", "probe"))) continue;
        car.history = new HistoryRing(CHARTED, POINTS_KEPT);
      }
      car.history.push(this.#options.clock.now(), (name) => {
        const reading = this.board.reading(dongleId, name);
        return typeof reading?.value === "number" && !reading.stale ? reading.value : undefined;
      });
    }
  }

  #carAt(dongleId: DongleId): Car {
    const car = this.#cars.get(dongleId) ?? newCar(null);
    this.#cars.set(dongleId, car);
    return car;
  }
}

function newCar(jobId: JobId | null): Car {
  return { jobId, trends: {}, judgedMs: Number.NEGATIVE_INFINITY, history: undefined };
}

function inGroup(name: string, ...groups: readonly VocabularyRow["group"][]): boolean {
  const group = vocabularyRow(name)?.group;
  return group !== undefined && groups.includes(group);
}
