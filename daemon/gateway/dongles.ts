import type { DongleId } from "../../contract/ids.ts";
import type { DongleResponse } from "../../contract/payloads.ts";
import type { JournalRecord, Stamp } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Broker } from "../broker/broker.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { type DiagnosticsPolicy, pollingRefusal } from "../diagnostics/decide.ts";
import { parseScanTransaction } from "../diagnostics/scans.ts";
import { camerasOf } from "../health/picture.ts";
import type { ShopState } from "../shop/shop.ts";
import type { OwnQuestions } from "../signals/live-desk.ts";
import { bridgeConfigOf } from "./bridge-config.ts";
import { Clearings } from "./clearings.ts";
import type { Desk } from "./desk.ts";
import type { Intake } from "./intake.ts";
import { LiveValues } from "./live-values.ts";
import { ScanRounds } from "./scan-rounds.ts";

export interface DonglesParts {
  readonly configuration: Configuration;
  readonly policy: DiagnosticsPolicy;
  readonly state: () => ShopState;
  readonly desk: Desk;
  readonly intake: Intake;
  readonly broker: Pick<Broker, "publish">;
  readonly clock: Clock;
  readonly log: Logger;
  ownQuestions(vin: string | null, model: string | undefined): Promise<OwnQuestions>;
  /** Machine milliseconds that a clearing may take; for tests. */
  readonly clearDeadlineMs?: number;
}

/** All that the gateway says to dongles and bridges, and who hears their answers: every request names in its transaction what it is for. */
export class Dongles {
  readonly #parts: DonglesParts;
  /** Live values of cars, and what people keep of them. */
  readonly values: LiveValues;
  readonly #scans: ScanRounds;
  readonly #clearings: Clearings;

  constructor(parts: DonglesParts) {
    this.#parts = parts;
    const { configuration, broker, log, clearDeadlineMs } = parts;
    this.#scans = new ScanRounds({
      ...parts,
      isWatched: (bayId) => camerasOf(configuration, bayId).length > 0,
      publish: (dongleId, request) => {
        broker
          .publish("dongleRequest", dongleId, request)
          .catch((error: unknown) => log.error({ err: error, dongleId }, "a scan could not be asked for"));
      },
    });
    this.#clearings = new Clearings({
      ...parts,
      publish: async (dongleId, request) => broker.publish("dongleRequest", dongleId, request),
      ...(clearDeadlineMs === undefined ? {} : { deadlineMs: clearDeadlineMs }),
    });
    this.values = new LiveValues({ ...parts, isScanning: (dongleId) => this.isScanning(dongleId) });
  }

  /** What has been committed just now: it may want a dongle asked. */
  take(records: readonly JournalRecord[]): void {
    const { log } = this.#parts;
    this.#clearings.take(records);
    if (records.some(({ type }) => type === "polling.switched"))
      this.configureBridges().catch((error: unknown) =>
        log.error({ err: error }, "the bridges did not hear of the switch"),
      );
    this.values.changed();
    for (const record of records)
      if (record.type === "scan.recorded") this.values.scanned(record.body.dongleId, record.body.scan, record.body.at);
    this.#scans.plan();
  }

  /** Asks for the scans that are due; every few seconds of shop time. */
  plan(): void {
    this.#scans.plan();
  }

  /** Every configured dongle, and whether it is heard. */
  heard(): readonly (readonly [dongle: string, isOnline: boolean])[] {
    const { configuration, state } = this.#parts;
    const { devices } = state().operations;
    return Object.keys(configuration.dongles).map((id) => [id, devices[`dongle:${id}`]?.state === "online"]);
  }

  isScanning(dongleId: DongleId): boolean {
    return this.#scans.isAsking(dongleId);
  }

  /** A scan has come; it is on its way into the journal. */
  scanCame(transaction: string | undefined): void {
    if (transaction !== undefined) this.#scans.settled(transaction);
  }

  answered(dongleId: DongleId, response: DongleResponse, at: Stamp): void {
    const { intake, log } = this.#parts;
    const { transaction, status, batteryVolts } = response;
    if (batteryVolts !== undefined) this.values.volts(dongleId, batteryVolts, at);
    if (transaction.startsWith("clear.")) {
      this.#clearings
        .answered(dongleId, response)
        .catch((error: unknown) => log.error({ err: error, dongleId }, "how a clearing ended could not be recorded"));
      return;
    }
    if (this.values.tookResponse(dongleId, response)) return;
    // What a scan found comes on its own topic.
    if (parseScanTransaction(transaction) === undefined || status === "done") return;
    this.#scans.settled(transaction);
    intake
      .scanFailed(dongleId, response)
      .catch((error: unknown) => log.error({ err: error, dongleId }, "a failed scan could not be recorded"));
  }

  /** Tells every bridge its devices and whether it may ask cars; retained, so that one that comes later hears it too. */
  async configureBridges(): Promise<void> {
    const { configuration, policy, state, broker } = this.#parts;
    const polling = pollingRefusal(state().operations, policy) === undefined;
    for (const bridgeId of Object.keys(configuration.bridges))
      await broker.publish("bridgeConfig", bridgeId, bridgeConfigOf(configuration, bridgeId, polling));
  }

  start(): void {
    this.values.start();
  }

  /** Resolves when what was being recorded of live values is written down. */
  async stop(): Promise<void> {
    this.#clearings.stop();
    await this.values.stop();
  }
}
