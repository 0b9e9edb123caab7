import { test } from "vitest";
import type { CanFrame } from "../can-frame.ts";
import { mutateBytes, mutateList, type Random, surviveMutations } from "../mutations.fixture.ts";
import {
  decodeComponentIdentification,
  decodeName,
  decodeReadiness,
  decodeSoftwareIdentification,
  decodeTroubleCodeList,
  decodeVehicleIdentification,
  J1939Receiver,
  readRequest,
} from "./index.ts";
import { abort, broadcast, clearToSend, dataPackets, endOfMessage, requestToSend } from "./sender.fixture.ts";

const data = Uint8Array.from({ length: 30 }, (_, n) => n);
const message = { pgn: 65226, source: 3, destination: 249, data };
const SEEDS: readonly (readonly CanFrame[])[] = [
  broadcast(message),
  [requestToSend(message, 3), clearToSend(message, 3, 1), ...dataPackets(message, 1, 5), endOfMessage(message)],
  [requestToSend({ ...message, destination: 0 }), ...dataPackets({ ...message, destination: 0 }), abort(message)],
];

function mutateFrame(frame: CanFrame, random: Random): CanFrame {
  if (random(4) === 0) return { ...frame, id: (frame.id ^ (1 << random(29))) & 0x1fffffff };
  return { ...frame, data: mutateBytes(frame.data, random, []) };
}

test("the receiver survives damaged frames", { timeout: 120_000 }, () => {
  surviveMutations({
    seeds: SEEDS,
    mutate: mutateList(mutateFrame),
    parse: (frames) => {
      const receiver = new J1939Receiver({ address: 249 });
      return [frames.map((frame, n) => receiver.receive(frame, n * 200)), receiver.tick(1e6), receiver.tick(2e6)];
    },
  });
});

test("the decoders survive damaged data", { timeout: 120_000 }, () => {
  surviveMutations({
    seeds: [Buffer.from("04FF640001056E000303", "hex"), Buffer.from("\x02CMMNS*6C*8001**", "latin1"), data],
    mutate: mutateBytes,
    parse: (bytes) => [
      decodeTroubleCodeList(bytes),
      decodeReadiness(bytes),
      decodeName(bytes),
      decodeVehicleIdentification(bytes),
      decodeComponentIdentification(bytes),
      decodeSoftwareIdentification(bytes),
      readRequest({ pgn: 59904, data: bytes }),
    ],
  });
});
