import { autopi } from "./autopi/index.ts";
import type { Dialect } from "./dialect.ts";
import { elm327 } from "./elm/index.ts";
import { freematics } from "./freematics/index.ts";
import { generic } from "./generic/index.ts";
import { gvret } from "./gvret/index.ts";
import { obd2Mqtt } from "./obd2-mqtt/index.ts";
import { ovms } from "./ovms/index.ts";
import { replay } from "./replay/index.ts";
import { slcan } from "./slcan/index.ts";
import { socketcan } from "./socketcan/index.ts";
import { teltonika } from "./teltonika/index.ts";
import { wican } from "./wican/index.ts";

const SPOKEN = [wican, ovms, autopi, obd2Mqtt, generic, teltonika, freematics, socketcan, replay, elm327, slcan, gvret];

/** Every firmware dialect that this bridge speaks, by the name that `shop.yaml` uses. */
export const DIALECTS: ReadonlyMap<string, Dialect> = new Map(SPOKEN.map((dialect) => [dialect.name, dialect]));
