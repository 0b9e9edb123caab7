import { connect, type MqttClient } from "mqtt";

export interface DeviceLogin {
  readonly brokerUrl: string;
  /** e.g. `camera/bay1-north` */
  readonly username: string;
  readonly password: string;
}

/** A device's line to the broker, as simple firmware has it: reconnects for ever, one client id. Resolves when connected. */
export async function connectDevice(
  login: DeviceLogin,
  will?: { topic: string; payload: string },
): Promise<MqttClient> {
  const client = connect(login.brokerUrl, {
    clientId: login.username.replace("/", "-"),
    username: login.username,
    password: login.password,
    clean: true,
    reconnectPeriod: 500,
    ...(will === undefined
      ? {}
      : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: true } }),
  });
  // Firmware has nowhere to complain; the next try comes anyway.
  client.on("error", () => undefined);
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  return client;
}
