import type { Adapter, DongleSettings } from "./dialect.ts";
import { ASKS_NOTHING, evolvePolling, type PollingEvent, type PollingState } from "./polling-policy.ts";

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
   * Asks the dongle for its supply voltage; the policy learns it, or that the dongle is silent.
   * @throws ConversationFailure `dongle-silent`
   */
  async readVolts(): Promise<number | undefined> {
    try {
      const volts = await this.#adapter.batteryVolts();
      this.tell({ kind: "volts", volts });
      return volts;
    } catch (error) {
      this.tell({ kind: "silent", because: "dongle-silent" });
      throw error;
    }
  }
}
