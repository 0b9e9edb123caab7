import { OvmsOptions } from "../../contract/dialects/ovms.ts";
import { type AdapterSurroundings, ConversationFailure, type Dialect, type NativeMessage } from "../dialect.ts";
import { optionsOf } from "../options.ts";
import { ToldAdapter } from "../told-adapter.ts";
import { readMetric } from "./metrics.ts";

/** The module forgets a client after two minutes: said again well before. */
const PRESENT_AGAIN_MS = 60_000;
/** The module answers a request for metrics from memory. */
const METRIC_ANSWER_MS = 3_000;
const TWELVE_VOLTS = "v.b.12v.voltage";

/** OVMS v3 modules through their "server V3". */
export const ovms: Dialect = { name: "ovms", create: (surroundings) => new OvmsAdapter(surroundings) };

class OvmsAdapter extends ToldAdapter {
  readonly topics: readonly string[];
  readonly #asksWhenLookedAt: boolean;
  /** `ovms/<whatever stands there>/<vehicle id>/`, known once the module has spoken. */
  #prefix: string | undefined;
  #lookedAtUntilMs = 0;
  #saidPresentAtMs = Number.NEGATIVE_INFINITY;
  #cancelLeave: () => void = () => {};
  #waitForVolts: () => void = () => {};

  constructor(surroundings: AdapterSurroundings) {
    // A parked car's values do not change, and what does not change is not sent: silence means nothing.
    super(surroundings, { silenceIsFault: false });
    const { nativeId, options } = surroundings.settings;
    this.#asksWhenLookedAt = optionsOf(OvmsOptions, options).askWhenLookedAt ?? true;
    this.topics = [`ovms/+/${nativeId}/metric/#`, `ovms/+/${nativeId}/notify/#`];
  }

  receive({ topic, payload, retained }: NativeMessage): void {
    const [root, user, vehicle, kind, ...path] = topic.split("/");
    this.#prefix = `${root}/${user}/${vehicle}`;
    const text = Buffer.from(payload).toString("utf8");
    if (kind === "notify") this.#receiveNotification(path, text, retained);
    else if (kind === "metric") this.#receiveMetric(path.join("."), text, retained);
  }

  lookedAt(forMs: number): void {
    if (!this.#asksWhenLookedAt || this.#prefix === undefined) return;
    const now = this.at.clock.monotonicMs();
    const wasLookedAt = now < this.#lookedAtUntilMs;
    this.#lookedAtUntilMs = now + forMs;
    if (now - this.#saidPresentAtMs >= PRESENT_AGAIN_MS) {
      this.#saidPresentAtMs = now;
      this.#say("active", "1");
    }
    if (!wasLookedAt) this.#say("request/metric", "v.*");
    this.#cancelLeave();
    this.#cancelLeave = this.at.clock.after(forMs, () => this.#leave());
  }

  override async batteryVolts(): Promise<number | undefined> {
    const told = await super.batteryVolts();
    if (told !== undefined || this.#prefix === undefined) return told;
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new ConversationFailure("dongle-silent")), METRIC_ANSWER_MS);
      this.#waitForVolts = () => {
        clearTimeout(deadline);
        resolve();
      };
      this.#say("request/metric", TWELVE_VOLTS);
    });
    return super.batteryVolts();
  }

  override stop(): void {
    this.#cancelLeave();
    this.#leave();
    super.stop();
  }

  #receiveMetric(metric: string, text: string, retained: boolean): void {
    if (metric === "s.v3.connected") {
      if (text === "yes" && !retained) this.presence.heard();
      else if (text === "no" && retained) this.presence.wasGone();
      else if (text === "no") this.presence.gone();
      return;
    }
    if (!retained) this.presence.heard();
    // The module's own and its servers' metrics say nothing of the car.
    if (!metric.startsWith("v.") && !metric.startsWith("x")) return;
    for (const { word, value, meaning } of readMetric(metric, text))
      this.tell(word, value, meaning, { stale: retained });
    if (metric === TWELVE_VOLTS && !retained) this.#waitForVolts();
  }

  /** Alerts and errors are texts for people; historical records (`data`) are none of ours. */
  #receiveNotification([type = "", ...subtype]: readonly string[], text: string, retained: boolean): void {
    if (!retained) this.presence.heard();
    if (type === "alert" || type === "error")
      this.tell(`${type}.${subtype.join(".")}`, text, undefined, { stale: retained });
  }

  #leave(): void {
    if (this.#saidPresentAtMs === Number.NEGATIVE_INFINITY) return;
    this.#saidPresentAtMs = Number.NEGATIVE_INFINITY;
    this.#lookedAtUntilMs = 0;
    this.#say("active", "0");
  }

  #say(what: "active" | "request/metric", text: string): void {
    this.at.egress.publish(`${this.#prefix}/client/baygate/${what}`, text);
  }
}
