import type { Static } from "typebox";
import { ReportAgeSeconds } from "./autopi.ts";
import { closedOptions, type DialectRow, fromDongle, unheard } from "./rows.ts";

export const Obd2MqttOptions = closedOptions({ scanFromReportsOfSeconds: ReportAgeSeconds });
export type Obd2MqttOptions = Static<typeof Obd2MqttOptions>;

/**
 * obd2-mqtt (adlerre). Behind its main topic the firmware writes `<VIN or Bluetooth address>_<field>`, so only the main topic can tell one dongle from another:
 * it is the native id. What the firmware would do on `…_clearDTC/ctrl` nobody may ask.
 */
export const OBD2_MQTT: DialectRow = {
  name: "obd2-mqtt",
  label: { en: "obd2-mqtt (ESP32 with an ELM327 by Bluetooth)", "zh-CN": "obd2-mqtt(ESP32 + 蓝牙 ELM327)" },
  car: "told",
  topics: [
    fromDongle("{native}/+", { retain: true }),
    fromDongle("{native}/+/attributes", { retain: true }),
    // Announcements for Home Assistant; refused, they would use up the firmware's credit of mistakes.
    unheard("homeassistant/+/{native}/+/config", { retain: true }),
  ],
  options: Obd2MqttOptions,
  nativeId: {
    pattern: /^obd2mqtt[A-Za-z0-9_-]{0,32}$/,
    expected: {
      en: 'the main topic set in the firmware, which begins with "obd2mqtt"',
      "zh-CN": "固件中设置的主主题,以 obd2mqtt 开头",
    },
  },
  setUp: (nativeId) => [
    { field: { en: "MQTT main topic", "zh-CN": "MQTT 主主题" }, value: nativeId },
    { field: { en: "Measurement system", "zh-CN": "单位制" }, value: "metric" },
  ],
};
