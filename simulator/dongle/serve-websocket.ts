import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { Served, StreamDevice } from "./serve.ts";

/** RFC 6455: what a server answers to the client's key. */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;

/**
 * The device behind a WebSocket at `/ws`, as WiCAN's page has it. What the device says goes out in text frames or binary ones, as firmware pleases; both
 * kinds are taken.
 */
export async function serveWebSocket(device: StreamDevice, speaks: "text" | "binary"): Promise<Served> {
  let current: Socket | undefined;
  const server = createServer((_request, response) => response.writeHead(404).end());
  server.on("upgrade", (request, socket: Socket) => {
    const key = request.headers["sec-websocket-key"];
    if (request.url !== "/ws" || key === undefined) {
      socket.destroy();
      return;
    }
    current?.destroy();
    current = socket;
    const accept = createHash("sha1").update(`${key}${MAGIC}`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    device.pickUp((bytes) => socket.write(frameOf(speaks === "text" ? TEXT : BINARY, bytes)));
    let held = Buffer.alloc(0);
    socket.on("data", (bytes) => {
      held = Buffer.concat([held, bytes]);
      for (let frame = readFrame(held); frame !== undefined; frame = readFrame(held)) {
        held = held.subarray(frame.length);
        if (frame.opcode === CLOSE) socket.end(frameOf(CLOSE, frame.payload));
        else device.receive(frame.payload);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (current === socket) device.hangUp();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    address: `ws://127.0.0.1:${address.port}/ws`,
    breakLine: () => current?.destroy(),
    close: async () => {
      current?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One whole frame; what a dongle says fits 65,535 bytes. */
function frameOf(opcode: number, payload: Uint8Array): Buffer {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Uint8Array.of(0x80 | opcode, ...length), payload]);
}

/** A frame of a client, which is always masked; undefined while it is not whole. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  const [first = 0, second = 0] = bytes;
  const isLong = (second & 0x7f) === 126;
  const head = isLong ? 8 : 6;
  if (bytes.length < head) return undefined;
  const size = isLong ? bytes.readUInt16BE(2) : second & 0x7f;
  if (bytes.length < head + size) return undefined;
  const mask = bytes.subarray(head - 4, head);
  const payload = Buffer.from(bytes.subarray(head, head + size).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return { opcode: first & 0x0f, payload, length: head + size };
}
