import type { BayId, JobId } from "../../contract/ids.ts";
import type { AttentionPayload, BayStatePayload, GatewayHealth, JobStatePayload } from "../../contract/payloads.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Broker, GatewayMessages } from "../broker/broker.ts";
import type { ShopState } from "../shop/shop.ts";
import { viewBays, viewJobs } from "../shop/views.ts";

/** What is announced: the rows that this file keeps, apart from requests and configurations. */
type Announced = Pick<GatewayMessages, "bayState" | "jobState" | "gatewayHealth" | "gatewayAttention">;

/**
 * Keeps the retained states on the broker equal to the committed state: publishes what changed, everything again at boot, and takes
 * back a job's topic when it is closed.
 */
export class Announcer {
  readonly #broker: Pick<Broker, "publish">;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #bays: readonly BayId[];
  readonly #told = new Map<string, string>();
  #toldJobs = new Set<JobId>();

  constructor(broker: Pick<Broker, "publish">, clock: Clock, log: Logger, bays: readonly BayId[]) {
    this.#broker = broker;
    this.#log = log;
    this.#clock = clock;
    this.#bays = bays;
  }

  announce(state: ShopState): void {
    const now = this.#clock.stamp();
    for (const { bayId, state: word, since, job, people } of viewBays(state, now, this.#bays)) {
      const payload: BayStatePayload = {
        bay: bayId,
        state: word,
        since: since.wallMs,
        job: job?.jobId ?? null,
        people,
      };
      this.#tell("bayState", bayId, payload);
    }
    const open = viewJobs(state, now);
    for (const job of open) {
      const payload: JobStatePayload = {
        job: job.jobId,
        number: job.number,
        state: job.state,
        bay: job.bayId,
        waitReason: job.waitReason,
        since: job.since.wallMs,
      };
      this.#tell("jobState", job.jobId, payload);
    }
    const openIds = new Set(open.map((job) => job.jobId));
    for (const jobId of this.#toldJobs) {
      if (openIds.has(jobId)) continue;
      this.#told.delete(`jobState ${jobId}`);
      this.#publish("jobState", jobId, null);
    }
    this.#toldJobs = openIds;
  }

  health(health: GatewayHealth): void {
    this.#tell("gatewayHealth", "", health);
  }

  attention(attention: AttentionPayload): void {
    this.#tell("gatewayAttention", "", attention);
  }

  #tell<Name extends keyof Announced>(name: Name, id: string, payload: Announced[Name]): void {
    const key = `${name} ${id}`;
    const text = JSON.stringify(payload);
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    this.#publish(name, id, payload);
  }

  #publish<Name extends keyof Announced>(name: Name, id: string, payload: Announced[Name] | null): void {
    this.#broker
      .publish(name, id, payload)
      .catch((error: unknown) => this.#log.error({ err: error, name, id }, "a state could not be announced"));
  }
}
