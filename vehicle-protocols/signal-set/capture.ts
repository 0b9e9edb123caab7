import type { CanFrame } from "../can-frame.ts";
import { type CapturedMessage, reassembleCapture } from "../iso-tp/index.ts";
import { answerBytes } from "./addressing.ts";
import { type CommandText, parseCommandText } from "./command-text.ts";
import type { SignalDecoder, SignalReading } from "./compile.ts";
import type { CommandAddress } from "./signal-set.ts";

/** What was heard on the bus after a question. */
export type DiagnosticCapture = {
  /** The question as the capture names it, for example `7E0.7E8.22F190`. It may be empty. */
  readonly command: string;
  readonly frames: readonly CanFrame[];
};

export type CapturedPayload = { readonly id: number; readonly extended: boolean; readonly payload: Uint8Array };

export type DecodedCapture = {
  /** Whole messages in the order in which their ids first appear. */
  readonly payloads: readonly CapturedPayload[];
  /** Signals of all positive answers; where two ECUs answer for the same signal, the later answer counts. */
  readonly readings: readonly SignalReading[];
};

/** Puts the frames of a capture together and reads their signals. Never throws, whatever was captured. */
export function decodeCapture(decoder: SignalDecoder, capture: DiagnosticCapture): DecodedCapture {
  const command = parseCommandText(capture.command);
  const payloads = reassemble(decoder, command, capture.frames);
  const readings = new Map<string, SignalReading>();
  for (const answer of payloads.toSorted((a, b) => a.lastFrame - b.lastFrame))
    for (const decoded of decoder.decode(answer, command.request))
      for (const reading of decoded.readings) readings.set(reading.signal.id, reading);
  return { payloads, readings: [...readings.values()] };
}

function reassemble(
  decoder: SignalDecoder,
  command: CommandText,
  frames: readonly CanFrame[],
): readonly CapturedMessage[] {
  const expected = expectedBytes(decoder, command);
  const present = bytesBeforePci(frames).filter((byte) => expected.includes(byte));
  if (present.length > 0) return present.flatMap((byte) => withAddressByte(frames, byte));
  const { messages } = reassembleCapture(frames);
  if (messages.some(({ payload }) => answers(payload, command))) return messages;
  // Nobody said so, but the frames may carry an address byte all the same: then it is the same in all of them.
  const [only, ...others] = bytesBeforePci(frames);
  if (only === undefined || others.length > 0) return messages;
  const addressed = withAddressByte(frames, only);
  return addressed.some(({ payload }) => answers(payload, command)) ? addressed : messages;
}

/** Address bytes that the answers may carry, from the command's own name or from the sets that know it. */
function expectedBytes(decoder: SignalDecoder, { header, receiveAddress, request, properties }: CommandText): number[] {
  const named = [properties.get("e"), properties.get("ta")].flatMap((text) => hexByte(text));
  if (properties.has("e")) return [...named, TESTER];
  return decoder.commands
    .filter(
      ({ definition: { address, service, parameter } }) =>
        address.targetByte !== undefined &&
        request !== undefined &&
        [service, ...parameter].every((byte, at) => request[at] === byte) &&
        isAt(address, header, receiveAddress),
    )
    .flatMap(({ definition }) => answerBytes(definition.address));
}

const TESTER = 0xf1;

function isAt(address: CommandAddress, header: string | undefined, receiveAddress: string | undefined): boolean {
  const matches = (text: string | undefined, id: number | undefined) =>
    text === undefined || id === undefined || id.toString(16).toUpperCase().includes(text.replace(/^0+/, ""));
  return matches(header, address.requestId) && matches(receiveAddress, address.responseId);
}

/** First data bytes of the frames, each once, in the order of their appearance. */
function bytesBeforePci(frames: readonly CanFrame[]): number[] {
  return [...new Set(frames.flatMap(({ data }) => (data[0] === undefined ? [] : [data[0]])))];
}

function withAddressByte(frames: readonly CanFrame[], addressByte: number): readonly CapturedMessage[] {
  return reassembleCapture(frames, { addressByte }).messages;
}

/** Whether a payload is an answer, positive or negative, to the request (or to any, if the request is not known). */
function answers(payload: Uint8Array, { request }: CommandText): boolean {
  const [first = 0, second = 0] = payload;
  const service = request?.[0];
  if (service === undefined) return first > 0x40;
  return first === service + 0x40 || (first === 0x7f && second === service);
}

function hexByte(text: string | undefined): number[] {
  return text !== undefined && /^[0-9a-fA-F]{1,2}$/.test(text) ? [Number.parseInt(text, 16)] : [];
}

/**
 * A frame as captures write it: `7E803410D00`, `18DAF110 03 41 0D 00`, `7E8#03410D00`, `18 DA F1 10 03 41 0D 00`. Without
 * a separator the number of digits tells the width: three digits of an 11-bit id make it odd, eight of a 29-bit id even.
 * @param command the capture's command; a three-digit header speaks for 11-bit ids written with leading zeros
 * @returns undefined for anything else
 */
export function parseCaptureFrame(text: string, command = ""): CanFrame | undefined {
  const [idText, dataText] = splitFrame(text, parseCommandText(command).header?.length === 3);
  if (!/^[0-9a-fA-F]{3,8}$/.test(idText) || !/^(?:[0-9a-fA-F]{2})*$/.test(dataText)) return undefined;
  if (dataText.length > 2 * 64) return undefined;
  const id = Number.parseInt(idText, 16);
  const extended = idText.length === 8 && id > 0x7ff;
  if (id > (extended ? 0x1fffffff : 0x7ff)) return undefined;
  const data = Uint8Array.from({ length: dataText.length / 2 }, (_, i) =>
    Number.parseInt(dataText.slice(2 * i, 2 * i + 2), 16),
  );
  return { id, extended, data };
}

function splitFrame(text: string, shortIds: boolean): readonly [id: string, data: string] {
  const trimmed = text.trim().replace(/^0x/i, "");
  const marked = /^([^#:|]*)[#:|](.*)$/s.exec(trimmed);
  if (marked !== null) return [tight(marked[1] ?? ""), tight(marked[2] ?? "")];
  const [first = "", ...rest] = trimmed.split(/\s+/);
  // `7E8 03 41 …`, but not `18 DA F1 10 03 41 …`, where the id stands in pieces of two.
  if (rest.length > 0 && first.length > 2) return [first, rest.join("")];
  const digits = tight(trimmed);
  const width = digits.length % 2 === 1 ? 3 : shortIds && /^0[0-7]/.test(digits) ? 4 : 8;
  return [digits.slice(0, width), digits.slice(width)];
}

function tight(text: string): string {
  return text.replace(/\s+/g, "");
}
