import Type from "typebox";

/**
 * Where a device on a byte stream is reached: `tcp://192.168.0.10:35000`, `serial:/dev/ttyUSB0@38400` (without a speed: the dialect's usual one), or
 * `ws://192.168.80.1/ws` where the dialect knows WebSocket.
 */
const TCP = "tcp://[A-Za-z0-9._-]+(:[0-9]{1,5})?";
const SERIAL = "serial:/[^\\s@]+(@[0-9]{3,8})?";
const WEBSOCKET = "wss?://[A-Za-z0-9._-]+(:[0-9]{1,5})?(/[^\\s]*)?";

export const StreamAddress = Type.String({
  maxLength: 200,
  pattern: `^(${TCP}|${SERIAL})$`,
  description: "tcp://HOST:PORT or serial:/dev/NAME@SPEED",
});

export const StreamOrWebSocketAddress = Type.String({
  maxLength: 200,
  pattern: `^(${TCP}|${SERIAL}|${WEBSOCKET})$`,
  description: "tcp://HOST:PORT, serial:/dev/NAME@SPEED or ws://HOST/ws",
});
