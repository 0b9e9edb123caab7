import type { BayId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { BayNews, BayObserver } from "../bays/observer.ts";
import type { ShopCommand } from "../shop/commands.ts";
import type { Executor, Origin, Outcome } from "../shop/executor.ts";
import { baysToFlush, type ShopState } from "../shop/shop.ts";

/** What the gateway itself decides, without a device or a person behind it. */
export const GATEWAY: Origin = { source: "gateway" };

/** The one place where commands reach the shop: evidence that a command's answer rests on is recorded before it. */
export class Desk {
  readonly #executor: Executor<ShopState, ShopCommand>;
  readonly #observer: Pick<BayObserver, "flush">;
  readonly #clock: Clock;
  readonly #log: Logger;
  #storageFailing = false;

  constructor(parts: {
    readonly executor: Executor<ShopState, ShopCommand>;
    readonly observer: Pick<BayObserver, "flush">;
    readonly clock: Clock;
    readonly log: Logger;
  }) {
    this.#executor = parts.executor;
    this.#observer = parts.observer;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** @throws GatewayError when the journal refuses; nothing of the command was kept then */
  execute(command: ShopCommand, origin: Origin): Promise<Outcome> {
    const at = this.#clock.stamp();
    for (const bayId of baysToFlush(this.#executor.expected, command)) this.#flush(bayId, at);
    return this.#executor.execute(command, origin);
  }

  /** Takes what the bays have to tell. What the disk refuses is told again by the observer's next tick. */
  take(news: readonly BayNews[]): void {
    for (const item of news) this.note(item);
  }

  /** A command of the gateway's own that nobody waits for. */
  note(command: ShopCommand): void {
    this.#executor.execute(command, GATEWAY).then(
      () => {
        if (this.#storageFailing) this.#log.info("the journal takes records again");
        this.#storageFailing = false;
      },
      (error: unknown) => {
        if (!this.#storageFailing) this.#log.error({ err: error }, "the journal refuses records");
        this.#storageFailing = true;
      },
    );
  }

  #flush(bayId: BayId, at: Stamp): void {
    this.take(this.#observer.flush(bayId, at));
  }
}
