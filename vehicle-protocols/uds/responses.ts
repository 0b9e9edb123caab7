import { type Decoded, decoded, refused } from "../errors.ts";
import { type NegativeResponse, parseNegativeResponse } from "../exchange/negative-response.ts";
import { standardIdentifierLength } from "./data-identifiers.ts";
import { type DtcReport, type DtcReportOptions, decodeDtcReport } from "./dtc-reports.ts";
import { obdIdentifierLengths } from "./obd-on-uds.ts";
import { type IdentifiedData, type ReadDataOptions, splitIdentifiedData } from "./read-data.ts";
import type { UdsRequest } from "./requests.ts";
import { decodeSessionAnswer, type SessionAnswer } from "./session.ts";

export type UdsResponse =
  | { readonly service: 0x10; readonly session: SessionAnswer }
  | { readonly service: 0x3e }
  | { readonly service: 0x19; readonly report: DtcReport }
  | { readonly service: 0x22; readonly values: readonly IdentifiedData[] }
  | { readonly service: "negative"; readonly refusal: NegativeResponse };

export type UdsResponseOptions = Pick<DtcReportOptions, "format"> & ReadDataOptions;

/**
 * Decodes one whole answer of an ECU to a request (ISO 14229-1). Never throws.
 * @returns error `truncated` for answers cut short, `unexpected-service` for answers to something else, `ambiguous` where an answer to several
 *   identifiers cannot be cut safely
 */
export function decodeUdsResponse(
  request: UdsRequest,
  payload: Uint8Array,
  options: UdsResponseOptions = {},
): Decoded<UdsResponse> {
  const negative = parseNegativeResponse(payload);
  if (negative !== undefined) {
    if (negative.service === request.service) return decoded({ service: "negative", refusal: negative });
    return refused("unexpected-service", "the refusal is of another service");
  }
  const oneLength = (did: number) => options.didLength?.(did) ?? standardIdentifierLength(did);
  switch (request.service) {
    case 0x10: {
      const session = decodeSessionAnswer(payload);
      return session.ok ? decoded({ service: 0x10, session: session.value }) : session;
    }
    case 0x3e:
      return payload[0] === 0x7e
        ? decoded({ service: 0x3e })
        : refused("unexpected-service", "this is no answer of TesterPresent");
    case 0x19: {
      const singleRecord = "record" in request && request.record !== 0xff;
      const didLength = (did: number) => oneLength(did) ?? obdIdentifierLengths(did);
      const report = decodeDtcReport(payload, { ...options, didLength, singleRecord });
      if (!report.ok) return report;
      if (report.value.report !== request.report) return refused("unexpected-service", "the report is another one");
      return decoded({ service: 0x19, report: report.value });
    }
    case 0x22: {
      const didLength = (did: number) => {
        const [length, other] = obdIdentifierLengths(did);
        return oneLength(did) ?? (other === undefined ? length : undefined);
      };
      const values = splitIdentifiedData(payload, request.dids, { didLength });
      return values.ok ? decoded({ service: 0x22, values: values.value }) : values;
    }
  }
}
