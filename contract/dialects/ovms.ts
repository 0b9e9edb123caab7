import Type, { type Static } from "typebox";
import { closedOptions, type DialectRow, fromDongle, toDongle, unheard } from "./rows.ts";

export const OvmsOptions = closedOptions({
  /** The module writes many values at once and then nothing for minutes: only `s/v3/connected` says that it is gone. */
  askWhenLookedAt: Type.Optional(
    Type.Boolean({ default: true, description: "ask for values while somebody looks at them" }),
  ),
});
export type OvmsOptions = Static<typeof OvmsOptions>;

/**
 * OVMS v3 modules. The topic prefix is set in the module to `ovms/baygate/<vehicle id>/`; any one level stands in the middle. Of what a client may say
 * to a module only "I am here" and "send these metrics" exist in this table: `client/<id>/command/…` is the module's shell and belongs to nobody.
 */
export const OVMS: DialectRow = {
  name: "ovms",
  label: { en: "OVMS v3 over MQTT (server V3)", "zh-CN": "OVMS v3,MQTT 接入(server V3)" },
  car: "told",
  topics: [
    fromDongle("ovms/+/{native}/metric/#", { retain: true }),
    fromDongle("ovms/+/{native}/notify/#", { qos: 1 }),
    unheard("ovms/+/{native}/event"),
    unheard("ovms/+/{native}/event/#"),
    toDongle("ovms/+/{native}/client/baygate/active", { qos: 1 }),
    toDongle("ovms/+/{native}/client/baygate/request/metric", { qos: 1 }),
  ],
  options: OvmsOptions,
  setUp: (nativeId) => [
    { field: { en: "Vehicle ID", "zh-CN": "车辆 ID" }, value: nativeId },
    {
      field: { en: "Config, server.v3, topic.prefix", "zh-CN": "配置 server.v3 的 topic.prefix" },
      value: `ovms/baygate/${nativeId}/`,
    },
    {
      field: { en: "Config, server.v3, updatetime.connected", "zh-CN": "配置 server.v3 的 updatetime.connected" },
      value: "10",
    },
  ],
};
