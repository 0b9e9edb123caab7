import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import {
  ConcreteTopic,
  closedOptions,
  type DialectRow,
  fromDongle,
  type NamedTopic,
  ScanOptions,
  toDongle,
} from "./rows.ts";

const KIB = 1024;

export const WicanOptions = closedOptions({
  /** Battery alert: the firmware sends it to `CAR1/voltage` unless told otherwise, whichever dongle it is. */
  alertTopic: Type.Optional(ConcreteTopic),
  /** Topics of AutoPID groups and single parameters, where the firmware has its own for them. */
  valueTopics: Type.Optional(Type.Array(ConcreteTopic, { maxItems: 64 })),
  scan: Type.Optional(ScanOptions),
});
export type WicanOptions = Static<typeof WicanOptions>;

/**
 * WiCAN firmware, plain and Pro. The id is twelve hex digits of the dongle's MAC; the firmware speaks QoS 0 except for its battery alert.
 * `…/can/tx` writes to a car, so only the bridge may publish there and only the dongle itself reads it.
 */
export const WICAN: DialectRow = {
  name: "wican",
  label: { en: "WiCAN and WiCAN Pro over MQTT", "zh-CN": "WiCAN / WiCAN Pro,MQTT 接入" },
  car: "asked",
  topics: [
    fromDongle("wican/{native}/can/rx", { maxBytes: 64 * KIB }),
    fromDongle("wican/{native}/can/status", { qos: 1, retain: true }),
    fromDongle("wican/{native}/status", { qos: 1, retain: true }),
    fromDongle("wican/{native}/elm327", { maxBytes: 64 * KIB }),
    fromDongle("wican/{native}/rsp"),
    fromDongle("wican/{native}/battery", { retain: true }),
    fromDongle("wican/{native}/alert", { qos: 1 }),
    fromDongle("wican/{native}/values/#", { retain: true }),
    // The plain model answers on the command topic itself, so both sides publish and read it.
    fromDongle("wican/{native}/cmd", { publishers: ["dongle", "bridge"], readers: ["dongle", "bridge"] }),
    toDongle("wican/{native}/can/tx", { maxBytes: 64 * KIB }),
  ],
  options: WicanOptions,
  nativeId: {
    pattern: /^[0-9a-f]{12}$/,
    expected: {
      en: "the twelve hex digits of the dongle's MAC, in small letters",
      "zh-CN": "诊断盒 MAC 的 12 位小写十六进制数",
    },
  },
  topicsIn(options) {
    if (!Value.Check(WicanOptions, options)) return [];
    const { alertTopic, valueTopics = [] } = options;
    return [
      ...(alertTopic === undefined ? [] : [{ topic: alertTopic, path: ["alertTopic"] }]),
      ...valueTopics.map((topic, index): NamedTopic => ({ topic, path: ["valueTopics", index] })),
    ];
  },
  setUp: (nativeId) => [
    { field: { en: "MQTT", "zh-CN": "MQTT" }, value: "Enable" },
    { field: { en: "TX topic", "zh-CN": "TX 主题" }, value: `wican/${nativeId}/can/tx` },
    { field: { en: "RX topic", "zh-CN": "RX 主题" }, value: `wican/${nativeId}/can/rx` },
    { field: { en: "Status topic", "zh-CN": "状态主题" }, value: `wican/${nativeId}/can/status` },
    { field: { en: "Battery alert topic", "zh-CN": "电池告警主题" }, value: `wican/${nativeId}/alert` },
    { field: { en: "MQTT elm327 log", "zh-CN": "MQTT elm327 日志" }, value: "Disable" },
  ],
};
