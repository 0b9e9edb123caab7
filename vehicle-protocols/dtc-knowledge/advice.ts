import type { Lamp, Lamps } from "../j1939/index.ts";
import type { DriveAdvice } from "./families.ts";
import { knowDtc } from "./knowledge.ts";

export type LampState = "off" | "on" | "flashing";

/** Warning lamps as the car reports them; absent means not known. The last three are those of SAE J1939. */
export interface DtcLamps {
  /** The engine lamp (MIL). It flashes while a misfire destroys the catalyst. */
  readonly malfunction?: LampState;
  readonly redStop?: LampState;
  readonly amberWarning?: LampState;
  readonly protect?: LampState;
}

/** The lamps of a DM1 message. Only the fast flashing asks for more than a lit lamp: the slow one is how heavy vehicles show a class of fault. */
export function lampsOfJ1939(lamps: Lamps): DtcLamps {
  const seen = Object.entries({
    malfunction: stateOf(lamps.malfunction),
    redStop: stateOf(lamps.redStop),
    amberWarning: stateOf(lamps.amberWarning),
    protect: stateOf(lamps.protect),
  });
  return Object.fromEntries(seen.filter(([, state]) => state !== undefined));
}

function stateOf({ state, flash }: Lamp): LampState | undefined {
  if (state === "on") return flash === "fast" ? "flashing" : "on";
  return state === "off" ? "off" : undefined;
}

/** Whether a car with these codes may be driven, and why. */
export interface CarAdvice {
  readonly advice: DriveAdvice;
  /** What led to it: the codes and lamps that ask for no less than `advice`. */
  readonly because: readonly (
    | { readonly kind: "code"; readonly code: string }
    | { readonly kind: "lamp"; readonly lamp: keyof DtcLamps; readonly state: LampState }
  )[];
  /** Codes on which we have no judgement. Where there is one, `advice` is never "drive". */
  readonly notKnown: readonly string[];
}

type Reason = CarAdvice["because"][number] & { readonly advice: DriveAdvice };

/** From harmless to forbidden. A code that nobody knows is worse than one that is known to be harmless. */
const ORDER: readonly DriveAdvice[] = ["drive", "not-known", "drive-with-care", "do-not-drive"];

/**
 * Judges a car by its codes and lamps: the gravest of them decides. The lamps can only raise the judgement.
 * Text that is no code counts as a code that is not known; without any code or lamp the answer is `not-known`.
 */
export function adviceFor(codes: readonly string[], lamps: DtcLamps = {}): CarAdvice {
  const reasons: readonly Reason[] = [...codes.map(codeReason), ...lampReasons(lamps)];
  const worst = Math.max(...reasons.map(({ advice }) => ORDER.indexOf(advice)), -1);
  const advice = ORDER[worst] ?? "not-known";
  return {
    advice,
    because: reasons.filter((reason) => reason.advice === advice).map(({ advice: _, ...reason }) => reason),
    notKnown: reasons.flatMap((reason) =>
      reason.kind === "code" && reason.advice === "not-known" ? [reason.code] : [],
    ),
  };
}

function codeReason(text: string): Reason {
  const known = knowDtc(text);
  return known.ok
    ? { kind: "code", code: known.value.code, advice: known.value.advice }
    : { kind: "code", code: text, advice: "not-known" };
}

function lampReasons({ malfunction, redStop, amberWarning, protect }: DtcLamps): readonly Reason[] {
  return [
    ...lamp("malfunction", malfunction, { on: "drive-with-care", flashing: "do-not-drive" }),
    ...lamp("redStop", redStop, { on: "do-not-drive", flashing: "do-not-drive" }),
    ...lamp("amberWarning", amberWarning, { on: "drive-with-care", flashing: "drive-with-care" }),
    ...lamp("protect", protect, { on: "drive-with-care", flashing: "drive-with-care" }),
  ];
}

function lamp(
  name: keyof DtcLamps,
  state: LampState | undefined,
  lit: { readonly on: DriveAdvice; readonly flashing: DriveAdvice },
): readonly Reason[] {
  if (state === undefined) return [];
  return [{ kind: "lamp", lamp: name, state, advice: state === "off" ? "drive" : lit[state] }];
}
