import Type, { type Static } from "typebox";
import { closedOptions, type DialectRow, fromDongle } from "./rows.ts";

export const FreematicsOptions = closedOptions({
  /** The firmware itself speaks UDP. Without this, its text is expected on its MQTT topic from whatever carries it there. */
  udp: Type.Optional(
    closedOptions({
      /** The bridge's machine alone, unless an address of the device network is written here. */
      address: Type.Optional(
        Type.String({ maxLength: 60, default: "127.0.0.1", description: "IP address to listen on" }),
      ),
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, default: 8081 })),
    }),
  ),
});
export type FreematicsOptions = Static<typeof FreematicsOptions>;

/** Freematics ONE+ and relatives: text telemetry, `<device id>#<pid>:<value>,…*<checksum>`. */
export const FREEMATICS: DialectRow = {
  name: "freematics",
  label: { en: "Freematics, text by UDP or MQTT", "zh-CN": "Freematics,UDP 或 MQTT 文本" },
  car: "told",
  topics: [fromDongle("freematics/{native}/data")],
  options: FreematicsOptions,
  nativeId: {
    pattern: /^[A-Za-z0-9_]{5,32}$/,
    expected: {
      en: "the device id that the firmware prints, 5 to 32 letters and digits",
      "zh-CN": "固件显示的设备编号,5–32 位字母或数字",
    },
  },
};
