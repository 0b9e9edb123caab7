/** MQTT 3.1.1 packets by hand, for tests that send what no client library would. */

/** §2.2.3: seven bits a byte, least significant first. */
export function remainingLength(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

export function packet(first: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([first, ...remainingLength(body.length)]), body]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

export function publishPacket(topic: string, payload: Buffer, qos = 0): Buffer {
  return packet(
    0x30 | (qos << 1),
    Buffer.concat([text(topic), qos > 0 ? Buffer.from([0, 7]) : Buffer.alloc(0), payload]),
  );
}

/** Clean session, keepalive 60 s. */
export function connectPacket(clientId: string, login?: { readonly user: string; readonly password: string }): Buffer {
  const flags = 0x02 | (login === undefined ? 0 : 0xc0);
  const head = Buffer.concat([text("MQTT"), Buffer.from([4, flags, 0, 60])]);
  return packet(
    0x10,
    Buffer.concat([head, text(clientId), ...(login === undefined ? [] : [text(login.user), text(login.password)])]),
  );
}

export function subscribePacket(filter: string): Buffer {
  return packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([0])]));
}

export const PINGREQ = Buffer.from([0xc0, 0]);
