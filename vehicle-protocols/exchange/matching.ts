/**
 * Whether a payload is the positive answer to a request: the service plus 40 hex, and the identifier that the
 * service echoes. A late answer to an earlier question must not pass for this one.
 * @param request the request as sent, service id first
 * @param payload a whole message of an ECU
 */
export function answersRequest(request: Uint8Array, payload: Uint8Array): boolean {
  const service = request[0];
  if (service === undefined || payload[0] !== service + 0x40) return false;
  switch (service) {
    // SAE J1979: up to six PIDs in one request, answered in any order, unsupported ones left out.
    case 0x01:
    case 0x06:
    case 0x09:
      return payload[1] !== undefined && request.indexOf(payload[1], 1) > 0;
    // Requests are pairs of PID and frame number; the answer begins with one of the pairs.
    case 0x02:
      for (let i = 1; i + 1 < request.length; i += 2) {
        if (request[i] === payload[1] && request[i + 1] === payload[2]) return true;
      }
      return false;
    // ISO 14229: sub-function, without the bit that suppresses the positive response.
    case 0x10:
    case 0x19:
    case 0x3e:
      return request[1] !== undefined && payload[1] === (request[1] & 0x7f);
    // ISO 14229: data identifiers of two bytes; the answer begins with the first one that the ECU knows.
    case 0x22:
      for (let i = 1; i + 1 < request.length; i += 2) {
        if (request[i] === payload[1] && request[i + 1] === payload[2]) return true;
      }
      return false;
    default:
      return true;
  }
}
