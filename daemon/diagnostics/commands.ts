import type { BayId, DongleId, JobId, PersonId } from "../../contract/ids.ts";
import type { DongleResponse, DongleScan } from "../../contract/payloads.ts";
import type { Actor, DraftOf } from "../../contract/records.ts";

/** What dongles tell and people want of them. */
export type DiagnosticsCommand =
  | {
      readonly kind: "scan";
      readonly dongleId: DongleId;
      readonly bayId: BayId | null;
      readonly scan: DongleScan;
    }
  | {
      readonly kind: "scan-failed";
      readonly dongleId: DongleId;
      readonly transaction: string;
      readonly bayId: BayId | null;
      /** A code of the registry, or the bridge's own. */
      readonly code: string;
    }
  /** Before there is an arrival scan of the right car it asks for that, afterwards for a departure scan. */
  | { readonly kind: "request-scan"; readonly jobId: JobId; readonly by: Actor }
  | { readonly kind: "clear-codes"; readonly jobId: JobId; readonly technicianId: PersonId; readonly by: Actor }
  | { readonly kind: "clear-answered"; readonly dongleId: DongleId; readonly response: DongleResponse }
  /** The deadline of a clearing has passed. */
  | { readonly kind: "clear-unanswered"; readonly dongleId: DongleId; readonly transaction: string }
  | { readonly kind: "switch-polling"; readonly enabled: boolean; readonly by: Actor }
  /** What a battery's watch has concluded at the bay where the dongle is. */
  | ({ readonly kind: "battery-alert" } & Omit<DraftOf<"battery.alerted">["body"], "jobId" | "at">)
  | ({ readonly kind: "record-signals" } & Omit<DraftOf<"signals.recorded">["body"], "at">);
