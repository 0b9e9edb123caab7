import type { CarOnBus, SimulatedCar } from "./car.ts";

/** A message on K-line or J1850 as it stands on the line: header of three bytes, data, checksum. */
export interface OldMessage {
  readonly header: readonly [number, number, number];
  readonly data: readonly number[];
  readonly checksum: number;
}

type OldLine = NonNullable<SimulatedCar["oldLine"]>;

/** The messages that the units of an old car send in answer to a question. */
export function oldMessages(car: CarOnBus, line: OldLine, request: readonly number[]): OldMessage[] {
  return car.answersTo(request).flatMap(({ ecu, payload }) =>
    messagesOf(payload).map((data) => {
      const header = headerOf(line, data.length, ecu.requestId & 0xff);
      const body = [...header, ...data];
      const checksum = line.startsWith("j1850") ? crc(body) : body.reduce((sum, byte) => (sum + byte) & 0xff, 0);
      return { header, data, checksum };
    }),
  );
}

/** SAE J1979: three codes to a message, filled with zeros; the vehicle's number in five messages of four letters. */
function messagesOf(payload: readonly number[]): number[][] {
  const [service = 0, info = 0] = payload;
  if ([0x43, 0x47, 0x4a].includes(service)) return inPieces(payload.slice(1), 6).map((codes) => [service, ...codes]);
  if (service !== 0x49) return [[...payload]];
  const letters = payload.slice(3);
  const filled = [...Array.from({ length: (4 - (letters.length % 4)) % 4 }, () => 0), ...letters];
  return inPieces(filled, 4).map((piece, index) => [service, info, index + 1, ...piece]);
}

function inPieces(bytes: readonly number[], size: number): number[][] {
  const pieces: number[][] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += size) {
    const piece = bytes.slice(at, at + size);
    pieces.push([...piece, ...Array.from({ length: size - piece.length }, () => 0)]);
  }
  return pieces;
}

function headerOf(line: OldLine, length: number, source: number): [number, number, number] {
  switch (line) {
    case "iso14230-4":
      return [0x80 + length, 0xf1, source];
    case "j1850-pwm":
      return [0x41, 0x6b, source];
    case "iso9141-2":
    case "j1850-vpw":
      return [0x48, 0x6b, source];
  }
}

/** SAE J1850, bit by bit: divisor x⁸+x⁴+x³+x²+1, a register of ones at the beginning, inverted at the end. */
function crc(bytes: readonly number[]): number {
  let register = 0xff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = ((register >> 7) ^ (byte >> bit)) & 1;
      register = (register << 1) & 0xff;
      if (feedback === 1) register ^= 0x1d;
    }
  }
  return ~register & 0xff;
}
