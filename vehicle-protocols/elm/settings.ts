import type { ExchangeTarget } from "../exchange/index.ts";
import { functionalId, type IsoTpAddress, physicalAddressOf } from "../iso-tp/index.ts";
import type { ElmChip, ElmSetting } from "./chip.ts";
import type { ElmProcedure } from "./dialog.ts";
import type { ElmProtocol } from "./protocols.ts";
import { tell } from "./setup.ts";

/** Whom these chips can ask at once: a group of a maker's units is asked one by one, since flow control goes to one only. */
export type ElmTarget = Exclude<ExchangeTarget, { kind: "group" }>;

/** One command that a question needs to stand before it is asked. */
export type ElmSettingWish = {
  readonly setting: ElmSetting;
  readonly command: string;
  /** Without it the question cannot be asked; otherwise a chip that does not know the command does without. */
  readonly isRequired: boolean;
};

export type ElmSettled =
  | { readonly kind: "settled" }
  /** The chip was reset, or answers to something else: set it up anew. */
  | { readonly kind: "lost-settings" }
  /** It does not know a command that the question needs. */
  | { readonly kind: "lacks"; readonly command: string };

/** Steps of `ATST` are 4 ms and a little (ELM327 data sheet: 4.096 ms); zero means the default. */
const TIMEOUT_STEP_MS = 4.096;

/** The longest time that `ATST` can say. */
export const LONGEST_TIMEOUT_MS = 255 * TIMEOUT_STEP_MS;

const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, "0");

const required = (setting: ElmSetting, command: string): ElmSettingWish => ({ setting, command, isRequired: true });
const wished = (setting: ElmSetting, command: string): ElmSettingWish => ({ setting, command, isRequired: false });

/** How long the chip waits for (further) answers. */
export function timeoutSetting(ms: number): ElmSettingWish {
  const steps = Math.min(255, Math.max(1, Math.ceil(ms / TIMEOUT_STEP_MS)));
  return wished("timeout", `ATST${hex(steps, 2)}`);
}

/** The line that the chip speaks (`ATSP`). Without it nothing may be asked. */
export function protocolSetting(protocol: ElmProtocol): ElmSettingWish {
  return required("protocol", `ATSP${protocol.number}`);
}

/** Header of a question on K-line or J1850. @param protocol one that has a header, which those of CAN do not */
export function legacyHeaderSetting(protocol: ElmProtocol): ElmSettingWish {
  return required("header", `ATSH${protocol.header}`);
}

/**
 * Headers, filter, flow control and extended address of a question on CAN. The chip does flow control itself; to units outside
 * ISO 15765-4 it must be told where to.
 */
export function addressSettings(target: ElmTarget): readonly ElmSettingWish[] {
  if (target.kind === "functional")
    return [...headerSettings(functionalId(target.idBits), target.idBits === 29), ...PLAIN_ADDRESSING];
  const { address } = target;
  const header = headerSettings(address.transmitId, address.extended);
  return isLegislated(address) ? [...header, ...PLAIN_ADDRESSING] : [...header, ...ownAddressSettings(address)];
}

/** As after a reset: filter and flow control of ISO 15765-4, normal addressing. */
export const PLAIN_ADDRESSING: readonly ElmSettingWish[] = [
  required("receive-address", "ATCRA"),
  required("flow-control-mode", "ATFCSM0"),
  required("extended-address", "ATCEA"),
  wished("tester-address", "ATTAF1"),
];

function headerSettings(id: number, extended: boolean): readonly ElmSettingWish[] {
  if (!extended) return [required("header", `ATSH${hex(id, 3)}`)];
  return [required("priority", `ATCP${hex(id >>> 24, 2)}`), required("header", `ATSH${hex(id & 0xffffff, 6)}`)];
}

function ownAddressSettings(address: IsoTpAddress): readonly ElmSettingWish[] {
  const { transmitId, receiveId, extended, transmitAddressByte, receiveAddressByte } = address;
  const idDigits = extended ? 8 : 3;
  const addressByte = transmitAddressByte === undefined ? "" : hex(transmitAddressByte, 2);
  return [
    required("receive-address", `ATCRA${hex(receiveId, idDigits)}`),
    // Header and data must stand before the mode that uses them. Without these commands answers of one frame still come.
    wished("flow-control-header", `ATFCSH${hex(transmitId, idDigits)}`),
    wished("flow-control-data", `ATFCSD${addressByte}300000`),
    wished("flow-control-mode", "ATFCSM1"),
    required("extended-address", `ATCEA${addressByte}`),
    // The chip lets only answers to its own address through: F1, unless the car answers under another byte.
    wished("tester-address", `ATTA${hex(receiveAddressByte ?? 0xf1, 2)}`),
  ];
}

/** Whether the chip knows by itself where flow control goes and which answers to let through. */
function isLegislated(address: IsoTpAddress): boolean {
  const legislated = physicalAddressOf(address.receiveId, address.extended);
  return legislated?.transmitId === address.transmitId && address.transmitAddressByte === undefined;
}

/** Tells the chip what of these settings does not stand yet. */
export function* settle(chip: ElmChip, wishes: readonly ElmSettingWish[]): ElmProcedure<ElmSettled> {
  for (const { setting, command, isRequired } of wishes) {
    if (chip.hasBeenTold(setting, command)) continue;
    if (chip.lacks(setting)) {
      if (isRequired) return { kind: "lacks", command };
      continue;
    }
    let told = yield* tell(command);
    // Older chips have no bare ATCRA; with automatic reception they come back to the same filter.
    if (told === "unknown" && command === "ATCRA") told = yield* tell("ATAR");
    if (told === "restarted" || told === "confused") return { kind: "lost-settings" };
    if (told === "ok") chip.noteTold(setting, command);
    else {
      // A chip may know some protocols and not others.
      if (setting !== "protocol") chip.noteLacks(setting);
      if (isRequired) return { kind: "lacks", command };
    }
  }
  return { kind: "settled" };
}
