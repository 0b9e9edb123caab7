import Type, { type Static } from "typebox";
import { closedOptions, type DialectRow, fromDongle } from "./rows.ts";

/** How old what the firmware reported of its own may be when somebody asks for a scan. */
export const ReportAgeSeconds = Type.Optional(
  Type.Number({ minimum: 0, maximum: 3600, default: 60, description: "seconds" }),
);

export const AutopiOptions = closedOptions({ scanFromReportsOfSeconds: ReportAgeSeconds });
export type AutopiOptions = Static<typeof AutopiOptions>;

/** AutoPi dongles with the MQTT returner, whose `topic` is set to `autopi/<native id>`; the type of the value comes behind it. */
export const AUTOPI: DialectRow = {
  name: "autopi",
  label: { en: "AutoPi with its MQTT returner", "zh-CN": "AutoPi(MQTT returner)" },
  car: "told",
  topics: [fromDongle("autopi/{native}", { retain: true }), fromDongle("autopi/{native}/#", { retain: true })],
  options: AutopiOptions,
  setUp: (nativeId) => [
    { field: { en: "MQTT returner, topic", "zh-CN": "MQTT returner 的 topic" }, value: `autopi/${nativeId}` },
  ],
};
