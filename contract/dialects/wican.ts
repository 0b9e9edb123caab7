import Type from "typebox";
import type { TopicRow } from "../topics.ts";
import type { DialectRow } from "./index.ts";

const KIB = 1024;

/**
 * WiCAN firmware's native topics. The id is twelve hex digits of the dongle's MAC; the firmware speaks QoS 0 except for its battery alert.
 * `…/can/tx` writes to a car, so only the bridge may publish there and only the dongle itself reads it.
 */
const WICAN_TOPICS: readonly TopicRow[] = [
  fromDongle("wican/{native}/can/rx", { maxBytes: 64 * KIB }),
  fromDongle("wican/{native}/can/status", { qos: 1, retain: true }),
  fromDongle("wican/{native}/status", { qos: 1, retain: true }),
  fromDongle("wican/{native}/elm327", { maxBytes: 64 * KIB }),
  fromDongle("wican/{native}/rsp"),
  fromDongle("wican/{native}/battery", { retain: true }),
  fromDongle("wican/{native}/alert", { qos: 1 }),
  // The plain model answers on the command topic itself, so both sides publish and read it.
  { ...fromDongle("wican/{native}/cmd"), publishers: ["dongle", "bridge"], readers: ["dongle", "bridge"] },
  { ...fromDongle("wican/{native}/can/tx", { maxBytes: 64 * KIB }), publishers: ["bridge"], readers: ["dongle"] },
];

function fromDongle(pattern: string, options: Partial<TopicRow> = {}): TopicRow {
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

export const WICAN: DialectRow = {
  name: "wican",
  label: { en: "WiCAN and WiCAN Pro over MQTT", "zh-CN": "WiCAN / WiCAN Pro(MQTT)" },
  car: "asked",
  topics: WICAN_TOPICS,
  options: Type.Object({}, { additionalProperties: false }),
};
