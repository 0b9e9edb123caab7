import type { DongleId, JobId } from "../../contract/ids.ts";
import type { DongleReadings, DongleResponse, DongleScan, DongleSignals } from "../../contract/payloads.ts";
import type { DraftOf, Stamp } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Broker } from "../broker/broker.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { runningClearing } from "../diagnostics/clearing.ts";
import { type DiagnosticsPolicy, notConversable } from "../diagnostics/decide.ts";
import { scansOf } from "../diagnostics/scans.ts";
import { bayIds } from "../health/picture.ts";
import { jobAtBay, missingCode } from "../jobs/jobs.ts";
import type { ShopState } from "../shop/shop.ts";
import type { BatteryLimits } from "../signals/battery-limits.ts";
import { Dialogue } from "../signals/dialogue.ts";
import { type LiveCar, LiveDesk, type OwnQuestions } from "../signals/live-desk.ts";
import { Recordings } from "../signals/recordings.ts";
import { Telemetry } from "../signals/telemetry.ts";
import { type Desk, GATEWAY } from "./desk.ts";

export interface LiveValuesParts {
  readonly configuration: Configuration;
  readonly policy: DiagnosticsPolicy;
  readonly state: () => ShopState;
  readonly desk: Desk;
  readonly broker: Pick<Broker, "publish">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether a scan is under way at a dongle. */
  isScanning(dongleId: DongleId): boolean;
  ownQuestions(vin: string | null, model: string | undefined): Promise<OwnQuestions>;
}

/** Live values between the broker, the shop and the page: whose car a dongle is in, what may be asked, and what becomes a fact. */
export class LiveValues {
  readonly telemetry: Telemetry;
  readonly desk: LiveDesk;
  readonly recordings: Recordings;
  readonly #parts: LiveValuesParts;

  constructor(parts: LiveValuesParts) {
    this.#parts = parts;
    const { broker, clock, log, state, desk } = parts;
    this.telemetry = new Telemetry({
      clock,
      limitsOf: (dongleId) => this.#limitsOf(dongleId),
      isRaised: (dongleId, alert) => {
        const jobId = this.#jobAt(dongleId);
        return jobId !== null && scansOf(state().diagnostics, jobId).alerts[alert] !== undefined;
      },
      alert: (dongleId, news) => desk.note({ kind: "battery-alert", dongleId, ...news }),
    });
    const carOf = (jobId: JobId) => this.#carOf(jobId);
    this.desk = new LiveDesk({
      telemetry: this.telemetry,
      dialogue: new Dialogue({
        publish: async (dongleId, request) => broker.publish("dongleRequest", dongleId, request),
      }),
      clock,
      log,
      carOf,
      ownQuestions: (vin, model) => parts.ownQuestions(vin, model),
    });
    this.recordings = new Recordings({
      live: this.desk,
      telemetry: this.telemetry,
      clock,
      log,
      carOf,
      keep: (recording, requestId) => this.#keep(recording, requestId),
    });
  }

  start(): void {
    this.changed();
    this.telemetry.start();
    this.desk.start();
    this.recordings.start();
  }

  /** Ends what is asked and writes down what is recorded. */
  async stop(): Promise<void> {
    await this.recordings.stop();
    this.desk.stop();
    this.telemetry.stop();
  }

  /** Something was committed: another job may stand at a bay, and other things may be allowed. */
  changed(): void {
    const { policy, configuration } = this.#parts;
    for (const bayId of bayIds(configuration)) {
      const place = policy.dongles[bayId];
      if (place !== undefined) this.telemetry.stand(place.dongleId, this.#jobAt(place.dongleId));
    }
    this.desk.changed();
  }

  signals(dongleId: DongleId, { signals }: DongleSignals, at: Stamp): void {
    this.telemetry.take(dongleId, signals, at);
  }

  /** The 12 V battery as the dongle measured it before it asked the car. */
  volts(dongleId: DongleId, value: number, at: Stamp): void {
    this.telemetry.take(dongleId, [{ name: "low-voltage-battery", value, unit: "V", at: at.wallMs }], at);
  }

  readings(dongleId: DongleId, readings: DongleReadings): void {
    this.desk.takeReadings(dongleId, readings);
  }

  scanned(dongleId: DongleId, scan: DongleScan, at: Stamp): void {
    this.telemetry.scanned(dongleId, scan, at);
  }

  /** @returns whether the response was to something that live values asked */
  tookResponse(dongleId: DongleId, response: DongleResponse): boolean {
    return this.desk.tookResponse(dongleId, response);
  }

  #carOf(jobId: JobId): LiveCar | "JOB_UNKNOWN" | "JOB_CLOSED" {
    const { state, policy, isScanning } = this.#parts;
    const { jobs, diagnostics, operations } = state();
    const job = jobs.open[jobId];
    if (job === undefined) return missingCode(jobs, jobId);
    const place = job.bayId === null ? undefined : policy.dongles[job.bayId];
    const isBusy =
      place !== undefined &&
      (isScanning(place.dongleId) || runningClearing(diagnostics.clearings, place.dongleId) !== undefined);
    const units = Object.entries(scansOf(diagnostics, jobId).arrival?.digest.ecus ?? {});
    return {
      dongleId: place?.dongleId,
      refusal: notConversable(operations, job.bayId, policy) ?? (isBusy ? "DONGLE_BUSY" : undefined),
      reportsOnly: place?.askable === false,
      over: false,
      vin: job.vin,
      units: units.filter(([, { reach }]) => reach === "answered").map(([address]) => address),
    };
  }

  #jobAt(dongleId: DongleId): JobId | null {
    const { state, policy, configuration } = this.#parts;
    const bayId = bayIds(configuration).find((each) => policy.dongles[each]?.dongleId === dongleId);
    return (bayId === undefined ? undefined : jobAtBay(state().jobs, bayId))?.jobId ?? null;
  }

  #limitsOf(dongleId: DongleId): BatteryLimits {
    const { diagnostics, dongles } = this.#parts.configuration;
    return {
      probeSpreadC: diagnostics.probeSpreadAlertC,
      cellSpreadMv: diagnostics.cellSpreadAlertMv,
      insulationOhmPerVolt: diagnostics.minimumInsulationOhmPerVolt,
      lowVoltage: dongles[dongleId]?.minimumBatteryVolts ?? 0,
    };
  }

  async #keep(
    recording: Omit<DraftOf<"signals.recorded">["body"], "at">,
    requestId: string | undefined,
  ): Promise<string | null> {
    const origin = requestId === undefined ? GATEWAY : { source: `person/${recording.by.id}`, messageId: requestId };
    const outcome = await this.#parts.desk.execute({ kind: "record-signals", ...recording }, origin);
    return outcome.kind === "committed" ? (outcome.records[0]?.id ?? null) : null;
  }
}
