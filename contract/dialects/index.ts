import type { TObject } from "typebox";
import type { TopicRow } from "../topics.ts";
import { WICAN } from "./wican.ts";

/** What everybody but the bridge needs to know of a firmware dialect; how it is spoken stands in `firmware-bridge/`. */
export interface DialectRow {
  /** The name that `shop.yaml` uses. */
  readonly name: string;
  /** Half a sentence for lists. */
  readonly label: { readonly en: string; readonly "zh-CN": string };
  /**
   * `asked`: questions reach the car, so scans, readings and live values are possible. `told`: the firmware only reports;
   * a request gets `reports-only`, or a scan made of what the firmware reported.
   */
  readonly car: "asked" | "told";
  /** Topics that the firmware itself uses; empty where the device is no client of the broker. */
  readonly topics: readonly TopicRow[];
  /** `options` of a dongle in `shop.yaml`. */
  readonly options: TObject;
  /** Where the device logs in to the broker: what an installer types into it beside user name and password. */
  readonly setUp?: (nativeId: string) => readonly SetUpLine[];
}

/** One field of a firmware's settings and what goes into it. */
export interface SetUpLine {
  readonly field: { readonly en: string; readonly "zh-CN": string };
  readonly value: string;
}

const ROWS: readonly DialectRow[] = [WICAN];

/** Every dialect by its name. */
export const DIALECTS: ReadonlyMap<string, DialectRow> = new Map(ROWS.map((row) => [row.name, row]));

export const NATIVE_TOPICS: readonly TopicRow[] = ROWS.flatMap((row) => row.topics);
