import { GatewayError } from "../../contract/errors.ts";
import type { CameraId, DongleId, EquipmentId, ReaderId } from "../../contract/ids.ts";
import {
  DeviceStatus,
  DongleFrames,
  DongleReadings,
  DongleResponse,
  DongleScan,
  DongleSignals,
  EquipmentEvent,
  ReaderTap,
} from "../../contract/payloads.ts";
import type { Stamp } from "../../contract/records.ts";
import { TOPICS, type TopicMatch, type TopicRow } from "../../contract/topics.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { BrokerOutlets, DurableMessage, QuarantinedMessage, StatusKind } from "./messages.ts";
import { type PayloadRead, payloadReader } from "./payload.ts";
import type { Principal } from "./rights.ts";
import type { BrokerStatistics } from "./statistics.ts";

/** A publication that the sender had the right to make. */
export interface Incoming {
  readonly topic: string;
  readonly match: TopicMatch;
  readonly payload: Buffer;
  readonly qos: number;
  readonly from: Principal;
}

/** `forward`: on to whoever may read it. `drop`: it ends here, acknowledged. */
export type Outcome = "forward" | "drop";

const readStatus = payloadReader(DeviceStatus);
const readScan = payloadReader(DongleScan);
const readSignals = payloadReader(DongleSignals);
const readFrames = payloadReader(DongleFrames);
const readReadings = payloadReader(DongleReadings);
const readResponse = payloadReader(DongleResponse);
const readEvent = payloadReader(EquipmentEvent);
const readTap = payloadReader(ReaderTap);

const STATUS_ROWS = new Map<TopicRow, StatusKind>([
  [TOPICS.cameraStatus, "camera"],
  [TOPICS.dongleStatus, "dongle"],
  [TOPICS.readerStatus, "reader"],
  [TOPICS.equipmentStatus, "equipment"],
  [TOPICS.bridgeStatus, "bridge"],
]);

export interface IncomingOptions {
  readonly configuration: Configuration;
  readonly outlets: BrokerOutlets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly statistics: BrokerStatistics;
}

/**
 * What becomes of a publication. Durable rows are committed before this resolves, and it is awaited before PUBACK: aedes acknowledges QoS 1 ahead
 * of its `published` hook, so its authorisation hook is the only place where an acknowledgement can wait for the disk.
 */
export class IncomingMessages {
  readonly #options: IncomingOptions;
  readonly #underWay = new Set<Promise<Outcome>>();
  /** Last state that each status topic said. */
  readonly #lastStatus = new Map<string, DeviceStatus["state"]>();

  constructor(options: IncomingOptions) {
    this.#options = options;
  }

  /** @throws the intake's error when storage failed; then nothing may be acknowledged */
  handle(incoming: Incoming): Outcome | Promise<Outcome> {
    const { row, id = "" } = incoming.match;
    if (incoming.payload.length > row.maxBytes) return this.#invalid(incoming, `larger than ${row.maxBytes} bytes`);
    if (row.durable) return this.#track(this.#durable(incoming, row, id));
    if (row.payload === "native") return "forward";
    const { configuration, outlets, clock } = this.#options;
    const at = clock.stamp();
    const kind = STATUS_ROWS.get(row);
    if (kind !== undefined) return this.#status(incoming, kind, id, at);
    if (row === TOPICS.cameraFrame && isIdOf<CameraId>(configuration.cameras, id)) {
      this.#options.statistics.cameraFrames++;
      this.#tell(() => outlets.onCameraFrame?.(id, incoming.payload, at));
      return "drop";
    }
    if (!isIdOf<DongleId>(configuration.dongles, id)) return "drop";
    switch (row) {
      case TOPICS.dongleSignals:
        return this.#telemetry(incoming, readSignals, (signals) => outlets.onSignals?.(id, signals, at));
      case TOPICS.dongleFrames:
        return this.#telemetry(incoming, readFrames, (frames) => outlets.onFrames?.(id, frames, at));
      case TOPICS.dongleReadings:
        return this.#telemetry(incoming, readReadings, (readings) => outlets.onReadings?.(id, readings, at));
      case TOPICS.dongleResponse:
        return this.#telemetry(incoming, readResponse, (response) => outlets.onResponse?.(id, response, at));
      default:
        return "drop";
    }
  }

  /** Whether a device's own status topic still claims that it is there. */
  claimsToBeThere(topic: string): boolean {
    const state = this.#lastStatus.get(topic);
    return state !== undefined && state !== "offline";
  }

  noteStatus(topic: string, state: DeviceStatus["state"]): void {
    this.#lastStatus.set(topic, state);
  }

  /** Resolves when every message that was being committed has settled. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  #status(incoming: Incoming, kind: StatusKind, id: string, at: Stamp): Outcome {
    const read = readStatus(incoming.payload);
    if (!read.ok) return this.#invalid(incoming, read.reason);
    this.noteStatus(incoming.topic, read.value.state);
    this.#tell(() => this.#options.outlets.onStatus?.(kind, id, read.value, at));
    return "forward";
  }

  #telemetry<T>(incoming: Incoming, reader: (bytes: Buffer) => PayloadRead<T>, tell: (value: T) => void): Outcome {
    const read = reader(incoming.payload);
    if (!read.ok) return this.#invalid(incoming, read.reason);
    this.#tell(() => tell(read.value));
    return "forward";
  }

  async #durable(incoming: Incoming, row: TopicRow, id: string): Promise<Outcome> {
    const { configuration, statistics, log } = this.#options;
    if (incoming.qos === 0) {
      if (statistics.durableAtQos0 === 0)
        log.warn(
          { topic: incoming.topic },
          "a durable topic is used with QoS 0: what is lost on the way is not sent again",
        );
      statistics.durableAtQos0++;
    }
    const delivered = { topic: incoming.topic, from: incoming.from, at: this.#options.clock.stamp() };
    switch (row) {
      case TOPICS.dongleScan:
        if (!isIdOf<DongleId>(configuration.dongles, id)) return "drop";
        return this.#commit(incoming, `dongle/${id}`, readScan, (payload) => ({
          ...delivered,
          kind: "dongleScan",
          source: `dongle/${id}`,
          device: id,
          payload,
        }));
      case TOPICS.equipmentEvent:
        if (!isIdOf<EquipmentId>(configuration.equipment, id)) return "drop";
        return this.#commit(incoming, `equipment/${id}`, readEvent, (payload) => ({
          ...delivered,
          kind: "equipmentEvent",
          source: `equipment/${id}`,
          device: id,
          payload,
        }));
      case TOPICS.readerTap:
        if (!isIdOf<ReaderId>(configuration.readers, id)) return "drop";
        return this.#commit(incoming, `reader/${id}`, readTap, (payload) => ({
          ...delivered,
          kind: "readerTap",
          source: `reader/${id}`,
          device: id,
          payload,
        }));
      default:
        throw new Error(`no intake for the durable topic ${row.pattern}`);
    }
  }

  async #commit<T>(
    incoming: Incoming,
    source: string,
    reader: (bytes: Buffer) => PayloadRead<T>,
    messageOf: (payload: T) => DurableMessage,
  ): Promise<Outcome> {
    const { statistics, outlets } = this.#options;
    const read = reader(incoming.payload);
    if (!read.ok) return this.#quarantine(incoming, source, "BROKER_PAYLOAD_INVALID", read.reason);
    try {
      const answer = await outlets.intake(messageOf(read.value));
      if (answer === "duplicate") statistics.durableDuplicates++;
      else statistics.durableAccepted++;
      return "drop";
    } catch (error) {
      if (error instanceof GatewayError && error.code === "JOURNAL_DUPLICATE_MESSAGE") {
        statistics.durableDuplicates++;
        return "drop";
      }
      if (error instanceof GatewayError && error.retryable) return this.#withhold(incoming, error);
      // Sending it again would fail again, for ever: kept aside instead. If even that fails, it is storage after all.
      this.#options.log.error({ err: error, topic: incoming.topic }, "BROKER_INTAKE_FAILED");
      return this.#quarantine(
        incoming,
        source,
        "BROKER_INTAKE_FAILED",
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  async #quarantine(
    incoming: Incoming,
    source: string,
    code: QuarantinedMessage["code"],
    reason: string,
  ): Promise<Outcome> {
    const { statistics, outlets, clock, log } = this.#options;
    const { topic, from, payload } = incoming;
    try {
      await outlets.quarantine({ topic, from, source, at: clock.stamp(), code, reason, payload });
    } catch (error) {
      return this.#withhold(incoming, error);
    }
    statistics.quarantined++;
    log.warn({ topic, reason, bytes: payload.length }, code);
    return "drop";
  }

  #withhold(incoming: Incoming, error: unknown): never {
    const { statistics, log } = this.#options;
    if (statistics.durableWithheld === 0)
      log.error({ err: error, topic: incoming.topic }, "storage failed: acknowledgements are withheld");
    statistics.durableWithheld++;
    throw error;
  }

  #invalid(incoming: Incoming, reason: string): Outcome {
    const { statistics, log } = this.#options;
    statistics.invalidDropped++;
    log.debug({ topic: incoming.topic, reason }, "a message was not understood and dropped");
    return "drop";
  }

  /** A listener's mistake must not cost the device its connection. */
  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      if (this.#options.statistics.listenerErrors++ === 0)
        this.#options.log.error({ err: error }, "a listener of the broker threw");
    }
  }

  #track(work: Promise<Outcome>): Promise<Outcome> {
    this.#underWay.add(work);
    const done = () => this.#underWay.delete(work);
    work.then(done, done);
    return work;
  }
}

/** A topic's level is an id when the configuration has a device of that name. */
function isIdOf<Id extends string>(section: Readonly<Record<Id, unknown>>, id: string): id is Id {
  return Object.hasOwn(section, id);
}
