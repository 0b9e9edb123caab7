import type { CanFrame } from "../can-frame.ts";
import type { ProtocolError } from "../errors.ts";
import { addressWithByte, type IsoTpAddress } from "./addressing.ts";
import { IsoTpReceiver } from "./receiver.ts";

export type CapturedMessage = {
  readonly id: number;
  readonly extended: boolean;
  readonly payload: Uint8Array;
};

export type CaptureResult = {
  /** Whole messages, ordered by the arrival of the first frame of their id. */
  readonly messages: readonly CapturedMessage[];
  /** Receptions that broke off, with the id they came from. */
  readonly aborted: readonly { readonly id: number; readonly error: ProtocolError }[];
};

export type CaptureOptions = {
  /** Extended or mixed addressing: the byte before the PCI; frames with another byte are left out. */
  readonly addressByte?: number;
};

/**
 * Listens only: puts the messages of a recorded or overheard list of frames together, each id for itself, without
 * sending flow control and without time-outs (a capture has no deadline). What has no end is not reported as whole.
 */
export function reassembleCapture(frames: Iterable<CanFrame>, options: CaptureOptions = {}): CaptureResult {
  const receivers = new Map<string, { receiver: IsoTpReceiver; messages: CapturedMessage[] }>();
  const aborted: { id: number; error: ProtocolError }[] = [];
  for (const frame of frames) {
    const key = `${frame.extended ? "x" : "s"}${frame.id}`;
    let entry = receivers.get(key);
    if (entry === undefined) {
      entry = { receiver: new IsoTpReceiver(overheard(frame, options.addressByte)), messages: [] };
      receivers.set(key, entry);
    }
    for (const event of entry.receiver.receive(frame, 0).events) {
      if (event.kind === "message") {
        entry.messages.push({ id: frame.id, extended: frame.extended, payload: event.payload });
      } else if (event.kind === "aborted") aborted.push({ id: frame.id, error: event.error });
    }
  }
  return { messages: [...receivers.values()].flatMap((entry) => entry.messages), aborted };
}

// An overheard conversation has no transmit id; the flow controls made for it are never sent.
function overheard(frame: CanFrame, addressByte: number | undefined): IsoTpAddress {
  const base = { transmitId: frame.id, receiveId: frame.id, extended: frame.extended };
  return addressByte === undefined ? base : addressWithByte(base, addressByte, addressByte);
}
