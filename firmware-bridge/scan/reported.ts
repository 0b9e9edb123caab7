import { checkVin } from "../../vehicle-protocols/index.ts";
import type { ScanFindings } from "./index.ts";

/** Lists that firmware which reports codes does not tell apart, or does not read at all (SAE J1979). */
const NOT_REPORTED = ["01", "07", "09", "0A"] as const;

/**
 * A scan made of what firmware reported by itself: one unit that nobody can name, and everything that a scan would have asked beside it noted as not asked.
 * Firmware of this kind reads service 03, so its codes are confirmed ones.
 */
export function reportedFindings(codes: readonly string[], vin: string | undefined): ScanFindings {
  return {
    protocol: "reported-by-firmware",
    vin: vin ?? null,
    vinDoubts: vin === undefined ? ["not-readable"] : checkVin(vin).problems.map((problem) => problem.code),
    ecus: [
      {
        address: "unknown",
        dtcs: codes.map((code) => ({ code, status: "confirmed" })),
        unanswered: NOT_REPORTED.map((service) => ({ service, reason: "not-reported" })),
      },
    ],
    readiness: null,
  };
}
