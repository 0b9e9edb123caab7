import type { Static } from "typebox";
import { closedOptions, type DialectRow, fromDongle } from "./rows.ts";

export const TeltonikaOptions = closedOptions({});
export type TeltonikaOptions = Static<typeof TeltonikaOptions>;

/** Teltonika trackers in their MQTT mode "AWS IoT Custom" with the JSON codec; the data topic is free. No topic for commands exists: nobody sends any. */
export const TELTONIKA: DialectRow = {
  name: "teltonika",
  label: { en: "Teltonika tracker, JSON over MQTT", "zh-CN": "Teltonika 追踪器,MQTT JSON" },
  car: "told",
  topics: [fromDongle("teltonika/{native}/data", { qos: 1, maxBytes: 64 * 1024 })],
  options: TeltonikaOptions,
  nativeId: {
    pattern: /^[0-9]{15}$/,
    expected: { en: "the tracker's IMEI, 15 digits", "zh-CN": "追踪器的 15 位 IMEI" },
  },
  setUp: (nativeId) => [
    { field: { en: "Protocol", "zh-CN": "协议" }, value: "MQTT, AWS IoT Custom" },
    { field: { en: "Data codec", "zh-CN": "数据编码" }, value: "JSON" },
    { field: { en: "Data topic", "zh-CN": "数据主题" }, value: `teltonika/${nativeId}/data` },
  ],
};
