/** Service 22 names its data by two bytes, all others by one. */
const READ_DATA_BY_IDENTIFIER = 0x22;
/** Looking for the one way to cut a hostile answer must end. */
const MOST_STEPS = 10_000;

/** How much data stands behind an identifier: the lengths that it may have, or the least where they are not known. */
export type DataLength = { readonly exactly: readonly number[] } | { readonly atLeast: number };

/**
 * The parts of a positive answer, each beginning with its echoed identifier. An answer to one identifier, or to an unknown
 * request, is one part. Where the request named several, the answer does not say how long each one's data is: it is cut
 * where the next requested identifier stands, so that as many of them as possible are found.
 * @param payload the answer, response service id first
 * @param request the request, service id first
 * @param lengthOf data length of a part that begins with this identifier
 * @returns nothing if an answer to several identifiers can be cut in several equal ways or in none
 */
export function answerParts(
  payload: Uint8Array,
  request: Uint8Array | undefined,
  lengthOf: (identified: Uint8Array) => DataLength,
): readonly Uint8Array[] {
  const width = request?.[0] === READ_DATA_BY_IDENTIFIER ? 2 : 1;
  const whole = payload.subarray(1);
  if (request === undefined || request.length - 1 < 2 * width || request[0] !== (payload[0] ?? 0) - 0x40)
    return [whole];
  const identifiers = Array.from({ length: Math.floor((request.length - 1) / width) }, (_, index) =>
    request.subarray(1 + index * width, 1 + (index + 1) * width),
  );
  return bestCut(whole, identifiers, width, lengthOf);
}

function bestCut(
  whole: Uint8Array,
  identifiers: readonly Uint8Array[],
  width: number,
  lengthOf: (identified: Uint8Array) => DataLength,
): readonly Uint8Array[] {
  let best: readonly Uint8Array[] = [];
  let equals = 0;
  let steps = 0;
  const cutFrom = (start: number, next: number, parts: readonly Uint8Array[]): void => {
    steps += 1;
    if (steps > MOST_STEPS) return;
    // ECUs leave out what they do not know, but keep the order of the request.
    for (let index = next; index < identifiers.length; index++) {
      if (!standsAt(whole, start, identifiers[index])) continue;
      const length = lengthOf(whole.subarray(start));
      const data = start + width;
      const ends =
        "exactly" in length ? length.exactly.map((bytes) => data + bytes) : range(data + length.atLeast, whole.length);
      for (const end of ends) {
        if (end > whole.length) continue;
        const longer = [...parts, whole.subarray(start, end)];
        if (end < whole.length) cutFrom(end, index + 1, longer);
        else if (longer.length > best.length) [best, equals] = [longer, 0];
        else if (longer.length === best.length) equals += 1;
      }
    }
  };
  cutFrom(0, 0, []);
  return steps > MOST_STEPS || equals > 0 ? [] : best;
}

function standsAt(bytes: Uint8Array, at: number, identifier: Uint8Array | undefined): boolean {
  return identifier?.every((byte, index) => bytes[at + index] === byte) ?? false;
}

function range(from: number, to: number): number[] {
  return from > to ? [] : Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
