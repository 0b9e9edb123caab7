import type { Readiness, ScannedDtc, ScannedEcu } from "../../contract/payloads.ts";
import {
  decodeReadiness,
  decodeTroubleCodeList,
  decodeVehicleIdentification,
  describeController,
  J1939Receiver,
  READABLE_GROUPS,
  type ReadableGroup,
  type VinCheck,
} from "../../vehicle-protocols/index.ts";
import { type BusTap, ConversationFailure, type FailureCode } from "../dialect.ts";
import { ecuText } from "../readings.ts";

/** Active codes are sent every second (SAE J1939-73). */
const LISTEN_MS = 1_500;
/** Answer to a request, and a broadcast of several frames after it. */
const ANSWER_MS = 1_300;
const MOST_CONTROLLERS = 48;
const MOST_CODES = 500;

/** What a truck's controllers told, by SAE J1939. */
export interface TruckFindings {
  readonly ecus: readonly ScannedEcu[];
  readonly vin: VinCheck | undefined;
  readonly readiness: Readiness | null;
}

interface Controller {
  /** Lists that this one told: another's answer says nothing of its codes. */
  readonly told: Set<ReadableGroup>;
  readonly dtcs: ScannedDtc[];
  readonly unanswered: ScannedEcu["unanswered"];
}

/** Groups that are asked for once a truck has been heard, and the status that their codes have. DM1 comes by itself. */
const LISTS: readonly { readonly group: ReadableGroup; readonly status: ScannedDtc["status"] }[] = [
  { group: "DM1", status: "confirmed" },
  { group: "DM2", status: "stored" },
  { group: "DM6", status: "pending" },
  { group: "DM28", status: "permanent" },
];

/** SAE J1979 has other names for these monitors. */
const MONITOR_NAMES: Readonly<Record<string, string>> = {
  components: "comprehensive-components",
  "egr-or-valve-timing": "egr-vvt",
  "nox-catalyst": "nox-aftertreatment",
};

/** Hears whether the car is one that speaks SAE J1939 while the rest of the scan goes on, and then reads its codes. */
export class TruckEar {
  readonly #bus: BusTap;
  readonly #receiver = new J1939Receiver();
  readonly #stop: () => void;
  readonly #beganMs = performance.now();
  readonly #controllers = new Map<number, Controller>();
  #vin: VinCheck | undefined;
  #lampOn = false;
  #readiness: Readiness["monitors"] | undefined;
  #activeCodes = 0;

  constructor(bus: BusTap) {
    this.#bus = bus;
    this.#stop = bus.hear((frame) => {
      const { messages } = this.#receiver.receive(frame, performance.now());
      for (const { pgn, source, data } of messages) this.#take(pgn, source, data);
    });
  }

  close(): void {
    this.#stop();
  }

  /** Waits until a truck would have sent its active codes, and says whether one did. */
  async hasHeardTruck(leftMs: number): Promise<boolean> {
    const waitMs = Math.min(leftMs, LISTEN_MS - (performance.now() - this.#beganMs));
    if (!this.#tellsActiveCodes() && waitMs > 0) await sleep(waitMs);
    return this.#tellsActiveCodes();
  }

  /** Asks for what does not come by itself, as far as the time goes and as long as anything may be asked; what was heard stays. */
  async read(leftMs: () => number): Promise<TruckFindings> {
    let ended: FailureCode | undefined;
    for (const group of ["DM2", "DM6", "DM28", "DM5", "VEHICLE_IDENTIFICATION"] as const) {
      if (leftMs() < ANSWER_MS) break;
      ended = await this.#ask(group);
      if (ended !== undefined) break;
      await sleep(ANSWER_MS);
    }
    // Whoever has no active code need not send DM1.
    for (const { told, unanswered } of this.#controllers.values())
      for (const { group } of LISTS)
        if (group !== "DM1" && !told.has(group)) unanswered.push({ service: group, reason: ended ?? "no-answer" });
    return {
      ecus: [...this.#controllers].map(([source, { dtcs, unanswered }]) => ({
        address: ecuText(source),
        name: describeController(source).en.slice(0, 40),
        reach: "answered",
        dtcs,
        unanswered: unanswered.slice(0, 32),
      })),
      vin: this.#vin,
      readiness: this.#readiness === undefined ? null : this.#readinessOf(this.#readiness),
    };
  }

  /** @returns why nothing more may be asked */
  async #ask(group: ReadableGroup): Promise<FailureCode | undefined> {
    try {
      await this.#bus.request(group);
      return undefined;
    } catch (error) {
      if (!(error instanceof ConversationFailure)) throw error;
      return error.code;
    }
  }

  #readinessOf(monitors: Readiness["monitors"]): Readiness {
    const confirmedDtcCount = Math.min(127, this.#activeCodes);
    return { milOn: this.#lampOn, confirmedDtcCount, ignition: "compression", monitors };
  }

  #take(pgn: number, source: number, data: Uint8Array): void {
    const list = LISTS.find(({ group }) => READABLE_GROUPS[group] === pgn);
    if (list !== undefined) this.#takeCodes(list, source, data);
    else if (pgn === READABLE_GROUPS.VEHICLE_IDENTIFICATION) {
      const vin = decodeVehicleIdentification(data);
      if (vin.ok) this.#vin ??= vin.value;
    } else if (pgn === READABLE_GROUPS.DM5) {
      const readiness = decodeReadiness(data);
      if (!readiness.ok) return;
      this.#activeCodes = Math.max(this.#activeCodes, readiness.value.activeCodes ?? 0);
      for (const { monitor, complete } of readiness.value.monitors) {
        const name = MONITOR_NAMES[monitor] ?? monitor;
        this.#readiness ??= {};
        if (!complete || this.#readiness[name] === undefined)
          this.#readiness[name] = complete ? "complete" : "incomplete";
      }
    }
  }

  #takeCodes({ group, status }: (typeof LISTS)[number], source: number, data: Uint8Array): void {
    const decoded = decodeTroubleCodeList(data);
    const controller = this.#controllerOf(source);
    if (!decoded.ok || controller === undefined) return;
    controller.told.add(group);
    const { lamps, codes, complete } = decoded.value;
    if (lamps.malfunction.state === "on") this.#lampOn = true;
    if (!complete) noteOnce(controller, group, "list-incomplete");
    for (const { spn, fmi } of codes) {
      // Three old ways to write a number look alike: which one the sender means cannot be seen.
      if (spn === undefined) noteOnce(controller, group, "old-conversion");
      else if (controller.dtcs.length < MOST_CODES) {
        const code = `SPN${spn}-FMI${fmi}`;
        if (!controller.dtcs.some((dtc) => dtc.code === code && dtc.status === status))
          controller.dtcs.push({ code, status });
      }
    }
  }

  #tellsActiveCodes(): boolean {
    return [...this.#controllers.values()].some(({ told }) => told.has("DM1"));
  }

  #controllerOf(source: number): Controller | undefined {
    const known = this.#controllers.get(source);
    if (known !== undefined || this.#controllers.size >= MOST_CONTROLLERS) return known;
    const controller: Controller = { told: new Set(), dtcs: [], unanswered: [] };
    this.#controllers.set(source, controller);
    return controller;
  }
}

/** Active codes come every second: what is wrong with them is noted once. */
function noteOnce({ unanswered }: Controller, service: string, reason: string): void {
  if (!unanswered.some((entry) => entry.service === service && entry.reason === reason))
    unanswered.push({ service, reason });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
