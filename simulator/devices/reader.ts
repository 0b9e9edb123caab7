import type { MqttClient } from "mqtt";
import type { EquipmentEvent, ReaderTap } from "../../contract/payloads.ts";
import { TOPICS, type TopicRow, topicOf } from "../../contract/topics.ts";
import { connectDevice, type DeviceLogin } from "./device.ts";

/** A device that reports durable events: it repeats each until the gateway has acknowledged it. */
class EventDevice {
  readonly #login: DeviceLogin;
  protected readonly id: string;
  readonly #newId: () => string;
  #client: MqttClient | undefined;

  constructor(id: string, login: DeviceLogin, newId: () => string) {
    this.id = id;
    this.#login = login;
    this.#newId = newId;
  }

  async start(): Promise<void> {
    this.#client = await connectDevice(this.#login);
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync();
  }

  /** Resolves with the message id when the gateway has acknowledged it. */
  protected async report(row: TopicRow, body: object): Promise<string> {
    const messageId = this.#newId();
    await this.#client?.publishAsync(topicOf(row, this.id), JSON.stringify({ messageId, ...body }), { qos: 1 });
    return messageId;
  }
}

/** A badge reader at a bay. */
export class SimulatedReader extends EventDevice {
  tap(badge: string, action: ReaderTap["action"]): Promise<string> {
    return this.report(TOPICS.readerTap, { badge, action });
  }
}

/** A lift with a contact that tells where its arms are. */
export class SimulatedLift extends EventDevice {
  move(kind: Extract<EquipmentEvent["kind"], "lift-raised" | "lift-lowered">): Promise<string> {
    return this.report(TOPICS.equipmentEvent, { kind });
  }
}
