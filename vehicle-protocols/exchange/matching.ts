/** ISO 14229-1 services whose second byte is a sub-function, with the bit that suppresses the positive response. */
const SUB_FUNCTION_SERVICES: ReadonlySet<number> = new Set([0x10, 0x19, 0x3e]);
const SUPPRESS_POSITIVE_RESPONSE = 0x80;

/** Whether a request asks its ECU to stay silent when all is well, such as `3E 80`. */
export function suppressesAnswer(request: Uint8Array): boolean {
  const [service = 0, subFunction = 0] = request;
  return SUB_FUNCTION_SERVICES.has(service) && (subFunction & SUPPRESS_POSITIVE_RESPONSE) !== 0;
}

/**
 * Whether a payload is the positive answer to a request: the service plus 40 hex, and the identifier that the
 * service echoes. A late answer to an earlier question must not pass for this one.
 * @param request the request as sent, service id first
 * @param payload a whole message of an ECU
 */
export function answersRequest(request: Uint8Array, payload: Uint8Array): boolean {
  const service = request[0];
  if (service === undefined || payload[0] !== service + 0x40) return false;
  if (SUB_FUNCTION_SERVICES.has(service)) {
    return request[1] !== undefined && payload[1] === (request[1] & ~SUPPRESS_POSITIVE_RESPONSE);
  }
  switch (service) {
    // SAE J1979: up to six PIDs in one request, answered in any order, unsupported ones left out.
    case 0x01:
    case 0x06:
    case 0x09:
      return payload[1] !== undefined && request.indexOf(payload[1], 1) > 0;
    // Pairs of PID and frame number, or (ISO 14229) data identifiers of two bytes; the answer begins with one that was asked.
    case 0x02:
    case 0x22:
      for (let i = 1; i + 1 < request.length; i += 2) {
        if (request[i] === payload[1] && request[i + 1] === payload[2]) return true;
      }
      return false;
    default:
      return true;
  }
}
