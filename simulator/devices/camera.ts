import type { MqttClient } from "mqtt";
import { TOPICS, topicOf } from "../../contract/topics.ts";
import { renderFrame, type SceneDescription } from "../scene/index.ts";
import { connectDevice, type DeviceLogin } from "./device.ts";

export interface SimulatedCameraOptions {
  readonly id: string;
  readonly login: DeviceLogin;
  readonly framesPerSecond: number;
  /** What stands before the camera now. */
  readonly look: () => SceneDescription;
}

/** Ways in which a camera breaks: `dead` sends nothing, `stuck` sends the same picture for ever. */
export type CameraFault = "none" | "dead" | "stuck";

/** A bay camera: renders what is there and publishes the JPEG. Falls behind rather than queue up. */
export class SimulatedCamera {
  readonly #options: SimulatedCameraOptions;
  #client: MqttClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #fault: CameraFault = "none";
  #lastJpeg: Buffer | undefined;
  #sent = 0;
  #stopped = false;

  constructor(options: SimulatedCameraOptions) {
    this.#options = options;
  }

  get framesSent(): number {
    return this.#sent;
  }

  async start(): Promise<void> {
    const { id, login, framesPerSecond } = this.#options;
    const status = topicOf(TOPICS.cameraStatus, id);
    this.#client = await connectDevice(login, { topic: status, payload: '{"state":"offline"}' });
    this.#client.publish(status, '{"state":"online"}', { qos: 1, retain: true });
    const periodMs = 1000 / framesPerSecond;
    const shoot = async () => {
      const startedAt = performance.now();
      await this.#shoot();
      if (this.#stopped) return;
      this.#timer = setTimeout(() => void shoot(), Math.max(1, periodMs - (performance.now() - startedAt)));
    };
    await shoot();
  }

  breakDown(fault: CameraFault): void {
    this.#fault = fault;
  }

  async stop(): Promise<void> {
    // A shot under way sets no timer any more.
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#client?.endAsync();
  }

  async #shoot(): Promise<void> {
    if (this.#fault === "dead" || this.#client?.connected !== true) return;
    const jpeg =
      this.#fault === "stuck" && this.#lastJpeg !== undefined
        ? this.#lastJpeg
        : (await renderFrame(this.#scene())).jpeg;
    this.#lastJpeg = jpeg;
    this.#client.publish(topicOf(TOPICS.cameraFrame, this.#options.id), jpeg, { qos: 0 });
    this.#sent += 1;
  }

  /** A sensor's noise is never the same twice, whether or not the shop's script has begun. */
  #scene(): SceneDescription {
    return { ...this.#options.look(), noiseSeed: this.#sent };
  }
}
