import type { BayId, DongleId, EquipmentId, ReaderId } from "../../contract/ids.ts";
import type { DongleResponse, DongleScan, EquipmentEvent, ReaderTap } from "../../contract/payloads.ts";
import type { Clock } from "../../machine/clock.ts";
import type { BayObserver } from "../bays/observer.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { codeOfBridge } from "../diagnostics/bridge-words.ts";
import type { People } from "../people/index.ts";
import type { Desk } from "./desk.ts";

/** How a durable message ended: either way it may be acknowledged. */
export type Taken = "accepted" | "duplicate";

/** Turns devices' durable messages into commands of the shop. Resolves after the commit; a throw withholds the acknowledgement. */
export class Intake {
  readonly #desk: Desk;
  readonly #people: Pick<People, "byBadge" | "badgeHash">;
  readonly #observer: Pick<BayObserver, "onEquipment">;
  readonly #clock: Clock;
  readonly #bayOfReader: ReadonlyMap<string, BayId>;
  readonly #bayOfDongle: ReadonlyMap<string, BayId>;
  readonly #bayOfLift: ReadonlyMap<string, BayId>;

  constructor(parts: {
    readonly configuration: Configuration;
    readonly desk: Desk;
    readonly people: Pick<People, "byBadge" | "badgeHash">;
    readonly observer: Pick<BayObserver, "onEquipment">;
    readonly clock: Clock;
  }) {
    this.#desk = parts.desk;
    this.#people = parts.people;
    this.#observer = parts.observer;
    this.#clock = parts.clock;
    const bays = Object.entries(parts.configuration.bays) as [BayId, (typeof parts.configuration.bays)[BayId]][];
    this.#bayOfReader = new Map(bays.flatMap(([bayId, bay]) => bay.readers.map((reader) => [reader, bayId] as const)));
    this.#bayOfDongle = new Map(
      bays.flatMap(([bayId, bay]) => (bay.dongle === undefined ? [] : [[bay.dongle, bayId] as const])),
    );
    this.#bayOfLift = new Map(
      bays.flatMap(([bayId, bay]) => (bay.lift === undefined ? [] : [[bay.lift, bayId] as const])),
    );
  }

  /** A tap is answered on the page, not at the reader: a refused one is recorded and acknowledged like any other. */
  async tap(readerId: ReaderId, tap: ReaderTap): Promise<Taken> {
    const badgeHash = this.#people.badgeHash(tap.badge);
    const technicianId = this.#people.byBadge(tap.badge)?.id;
    const shared = {
      technicianId,
      by: { kind: "badge", id: `${readerId}:${badgeHash.slice(0, 16)}` },
      tap: { readerId, badgeHash },
    } as const;
    const bayId = this.#bayOfReader.get(readerId) ?? null;
    const origin = { source: `reader/${readerId}`, messageId: tap.messageId };
    if (tap.action === "off") return taken(await this.#desk.execute({ kind: "clock-off", ...shared }, origin));
    const target =
      tap.jobNumber === undefined
        ? ({ by: "bay", bayId } as const)
        : ({ by: "number", number: tap.jobNumber } as const);
    return taken(await this.#desk.execute({ kind: "clock-on", target, ...shared }, origin));
  }

  async scan(dongleId: DongleId, scan: DongleScan): Promise<Taken> {
    const bayId = this.#bayOfDongle.get(dongleId) ?? null;
    return taken(
      await this.#desk.execute(
        { kind: "scan", dongleId, bayId, scan },
        { source: `dongle/${dongleId}`, messageId: scan.messageId },
      ),
    );
  }

  /** A request that came to nothing; not durable, since it is asked again. */
  async scanFailed(dongleId: DongleId, response: DongleResponse): Promise<void> {
    const bayId = this.#bayOfDongle.get(dongleId) ?? null;
    const code = codeOfBridge(response.error?.code ?? "failed");
    // Switched off on purpose: nothing failed.
    if (code === "POLLING_OFF") return;
    await this.#desk.execute(
      { kind: "scan-failed", dongleId, bayId, transaction: response.transaction, code },
      { source: `dongle/${dongleId}` },
    );
  }

  async equipment(equipmentId: EquipmentId, event: EquipmentEvent): Promise<Taken> {
    const bayId = this.#bayOfLift.get(equipmentId) ?? null;
    const outcome = await this.#desk.execute(
      { kind: "equipment-event", equipmentId, bayId, event },
      { source: `equipment/${equipmentId}`, messageId: event.messageId },
    );
    if (bayId !== null && outcome.kind === "committed")
      this.#desk.take(this.#observer.onEquipment(bayId, event.kind, this.#clock.stamp()));
    return taken(outcome);
  }
}

function taken(outcome: { readonly kind: "committed" | "refused" | "duplicate" }): Taken {
  return outcome.kind === "duplicate" ? "duplicate" : "accepted";
}
