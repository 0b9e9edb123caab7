import type { CanFrame } from "../can-frame.ts";
import type { ProtocolError } from "../errors.ts";
import { addressWithByte, type IsoTpAddress } from "./addressing.ts";
import { IsoTpReceiver } from "./receiver.ts";

/** Who sent the frames of a message: the id, and the address byte where there is one. */
export type CaptureStream = {
  readonly id: number;
  readonly extended: boolean;
  readonly addressByte?: number;
};

export type CapturedMessage = CaptureStream & {
  readonly payload: Uint8Array;
  /** Positions of its first and last frame in the list, to find times and to put questions and answers in order. */
  readonly firstFrame: number;
  readonly lastFrame: number;
};

export type CaptureResult = {
  /** Whole messages, ordered by the arrival of the first frame of their stream. */
  readonly messages: readonly CapturedMessage[];
  /** Receptions that broke off, and why. */
  readonly aborted: readonly (CaptureStream & { readonly error: ProtocolError })[];
  /** Messages that the capture ends in the middle of, with the bytes that it holds of them. */
  readonly unfinished: readonly (CaptureStream & { readonly length: number; readonly received: Uint8Array })[];
};

export type CaptureOptions = {
  /**
   * Extended or mixed addressing: an address byte stands before the PCI. A number leaves frames with another byte out;
   * "any" keeps the frames of each byte apart, so that both directions of a conversation can be read.
   */
  readonly addressByte?: number | "any";
  /** Longest message that is put together. Default 1 MiB. */
  readonly maxLength?: number;
};

type Stream = {
  readonly name: CaptureStream;
  readonly receiver: IsoTpReceiver;
  readonly messages: CapturedMessage[];
  /** Position of the first frame of the message under way. */
  startedAt: number | undefined;
};

/**
 * Listens only: puts the messages of a recorded or overheard list of frames together, each id for itself, without
 * sending flow control and without time-outs (a capture has no deadline). Recorded flow controls do not matter, and
 * consecutive frames whose first frame was not recorded are left out. What has no end is not reported as whole.
 */
export function reassembleCapture(frames: Iterable<CanFrame>, options: CaptureOptions = {}): CaptureResult {
  const { addressByte, maxLength = 1 << 20 } = options;
  const streams = new Map<string, Stream>();
  const aborted: (CaptureStream & { error: ProtocolError })[] = [];
  let position = -1;
  for (const frame of frames) {
    position += 1;
    const byte = addressByte === "any" ? frame.data[0] : addressByte;
    if (addressByte === "any" && byte === undefined) continue;
    const key = `${frame.extended ? "x" : "s"}${frame.id}/${byte ?? ""}`;
    let stream = streams.get(key);
    if (stream === undefined) {
      const name = { id: frame.id, extended: frame.extended };
      stream = {
        name: byte === undefined ? name : { ...name, addressByte: byte },
        receiver: new IsoTpReceiver(overheard(frame, byte), { maxLength }),
        messages: [],
        startedAt: undefined,
      };
      streams.set(key, stream);
    }
    for (const event of stream.receiver.receive(frame, 0).events) {
      if (event.kind === "started") stream.startedAt = position;
      else {
        const firstFrame = stream.startedAt ?? position;
        stream.startedAt = undefined;
        if (event.kind === "aborted") aborted.push({ ...stream.name, error: event.error });
        else stream.messages.push({ ...stream.name, payload: event.payload, firstFrame, lastFrame: position });
      }
    }
  }
  const all = [...streams.values()];
  return {
    messages: all.flatMap((stream) => stream.messages),
    aborted,
    unfinished: all.flatMap(({ name, receiver }) =>
      receiver.unfinished === undefined ? [] : [{ ...name, ...receiver.unfinished }],
    ),
  };
}

// An overheard conversation has no transmit id; the flow controls made for it are never sent.
function overheard(frame: CanFrame, addressByte: number | undefined): IsoTpAddress {
  const base = { transmitId: frame.id, receiveId: frame.id, extended: frame.extended };
  return addressByte === undefined ? base : addressWithByte(base, addressByte, addressByte);
}
