import type { TopicRow } from "../topics.ts";
import { AUTOPI } from "./autopi.ts";
import { ELM327 } from "./elm327.ts";
import { FREEMATICS } from "./freematics.ts";
import { GENERIC } from "./generic.ts";
import { GVRET } from "./gvret.ts";
import { OBD2_MQTT } from "./obd2-mqtt.ts";
import { OVMS } from "./ovms.ts";
import { REPLAY } from "./replay.ts";
import type { DialectRow } from "./rows.ts";
import { SLCAN } from "./slcan.ts";
import { SOCKETCAN } from "./socketcan.ts";
import { TELTONIKA } from "./teltonika.ts";
import { WICAN } from "./wican.ts";

export type { DialectRow, NamedTopic, SetUpLine } from "./rows.ts";

const ROWS: readonly DialectRow[] = [
  WICAN,
  OVMS,
  AUTOPI,
  OBD2_MQTT,
  GENERIC,
  TELTONIKA,
  FREEMATICS,
  SOCKETCAN,
  REPLAY,
  ELM327,
  SLCAN,
  GVRET,
];

/** Every firmware dialect by its name. */
export const DIALECT_ROWS: ReadonlyMap<string, DialectRow> = new Map(ROWS.map((row) => [row.name, row]));

/** Every topic that firmware uses by itself; each belongs to the dongles of its dialect. */
export const NATIVE_TOPICS: readonly TopicRow[] = ROWS.flatMap((row) =>
  row.topics.map((topic) => ({
    ...topic,
    dialect: row.name,
    ...(row.nativeId === undefined ? {} : { nativeId: row.nativeId.pattern }),
  })),
);
