import Type, { type Static, type TObject, type TProperties } from "typebox";
import { DiagnosticAddress } from "../payloads.ts";
import type { TopicRow } from "../topics.ts";

const KIB = 1024;

/** What everybody but the bridge needs to know of a firmware dialect; how it is spoken stands in `firmware-bridge/`. */
export interface DialectRow {
  /** The name that `shop.yaml` uses. */
  readonly name: string;
  /** Half a sentence for lists. */
  readonly label: Words;
  /**
   * `asked`: questions reach the car, so scans, readings and live values are possible. `told`: the firmware only reports;
   * a request gets `reports-only`, or a scan made of what the firmware reported.
   */
  readonly car: "asked" | "told";
  /** Topics that the firmware itself uses; empty where the device is no client of the broker. */
  readonly topics: readonly TopicRow[];
  /** `options` of a dongle in `shop.yaml`. */
  readonly options: TObject;
  /** What a `nativeId` of this firmware looks like, where not every text will do. */
  readonly nativeId?: { readonly pattern: RegExp; readonly expected: Words };
  /** Topics that the options themselves name: the dongle may publish there, and its bridge hears it. */
  readonly topicsIn?: (options: unknown) => readonly NamedTopic[];
  /** Where the device logs in to the broker: what an installer types into it beside address, user name and password. */
  readonly setUp?: (nativeId: string) => readonly SetUpLine[];
}

export interface Words {
  readonly en: string;
  readonly "zh-CN": string;
}

/** One field of a firmware's settings and what goes into it. */
export interface SetUpLine {
  readonly field: Words;
  readonly value: string;
}

/** A topic, and where in the options it stands. */
export interface NamedTopic {
  readonly topic: string;
  readonly path: readonly (string | number)[];
}

/** A topic without wildcards, outside the contract's own and the broker's. */
export const ConcreteTopic = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: "^(?!baygate/|\\$|/)[^+#\\s]+$",
  description: "topic without + and #",
});

export function closedOptions<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false });
}

/** `options.scan` of every dialect that can ask a car. */
export const ScanOptions = closedOptions({
  /** Units that do not hear questions to all and are asked for codes all the same. */
  addresses: Type.Optional(Type.Array(DiagnosticAddress, { maxItems: 64 })),
  /** Try every address on which units may listen: finds more, takes half a minute more. */
  sweep: Type.Optional(Type.Boolean({ default: false })),
  /** Read results of monitor tests (SAE J1979 service 06) as well. */
  monitorResults: Type.Optional(Type.Boolean({ default: false })),
});
export type ScanOptions = Static<typeof ScanOptions>;

/** A topic that the device publishes and the bridge reads. */
export function fromDongle(pattern: string, options: Partial<TopicRow> = {}): TopicRow {
  return {
    pattern,
    payload: "native",
    qos: 0,
    retain: false,
    durable: false,
    maxBytes: 16 * KIB,
    publishers: ["dongle"],
    readers: ["bridge"],
    ...options,
  };
}

/** A topic that only the bridge writes and only the device reads. */
export function toDongle(pattern: string, options: Partial<TopicRow> = {}): TopicRow {
  return fromDongle(pattern, { publishers: ["bridge"], readers: ["dongle"], ...options });
}

/** What firmware says and nobody here needs: taken, and passed to no one. */
export function unheard(pattern: string, options: Partial<TopicRow> = {}): TopicRow {
  return fromDongle(pattern, { readers: [], ...options });
}
