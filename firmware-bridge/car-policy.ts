import type { Adapter, DongleSettings } from "./dialect.ts";
import { ASKS_NOTHING, evolvePolling, type PollingEvent, type PollingState } from "./polling-policy.ts";

/** Bound of the contract; two lead batteries of a truck have half of it. */
const MOST_VOLTS = 60;

/** The polling policy of one car, fed with what the conversation shows. Machine time. */
export class CarPolicy {
  readonly #adapter: Adapter;
  readonly #minimumBatteryVolts: number;
  #state: PollingState = ASKS_NOTHING;

  constructor(adapter: Adapter, { minimumBatteryVolts }: Pick<DongleSettings, "minimumBatteryVolts">) {
    this.#adapter = adapter;
    this.#minimumBatteryVolts = minimumBatteryVolts;
  }

  get state(): PollingState {
    return this.#state;
  }

  tell(event: PollingEvent): void {
    this.#state = evolvePolling(this.#state, event, performance.now(), {
      minimumBatteryVolts: this.#minimumBatteryVolts,
      fastestMs: this.#adapter.fastestMs,
    });
  }

  /**
   * Asks the dongle for its supply voltage; the policy learns it, or that the dongle is silent. What no battery of a vehicle has is not told at all.
   * @throws ConversationFailure `dongle-silent`
   */
  async readVolts(): Promise<number | undefined> {
    try {
      const volts = plausible(await this.#adapter.batteryVolts());
      this.tell({ kind: "volts", volts });
      return volts;
    } catch (error) {
      this.tell({ kind: "silent", because: "dongle-silent" });
      throw error;
    }
  }
}

/** Dongles without a divider read zero, broken ones anything; with either they would be dead. */
function plausible(volts: number | undefined): number | undefined {
  return volts !== undefined && volts > 0 && volts <= MOST_VOLTS ? volts : undefined;
}
