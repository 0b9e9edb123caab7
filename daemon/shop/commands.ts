import type { BayId, EquipmentId, JobId, PersonId, ReaderId } from "../../contract/ids.ts";
import type { EquipmentEvent } from "../../contract/payloads.ts";
import type { Actor, Draft, DraftOf, EvidenceSegment, Stamp } from "../../contract/records.ts";
import type { BayChange } from "../bays/facts.ts";
import type { DiagnosticsCommand } from "../diagnostics/commands.ts";
import type { InspectionCommand } from "../inspection/inspection.ts";
import type { JobCommand } from "../jobs/jobs.ts";

/** Which job a person means: chosen on the page, named by its number at a reader, or the one that stands at the reader's bay; a reader of no bay means none. */
export type JobTarget =
  | { readonly by: "id"; readonly jobId: JobId }
  | { readonly by: "number"; readonly number: string }
  | { readonly by: "bay"; readonly bayId: BayId | null };

/** The tap behind a command, so that a refusal can be recorded without the badge itself. */
export interface Tap {
  readonly readerId: ReaderId;
  /** SHA-256 of the badge, lower-case hex. */
  readonly badgeHash: string;
}

/**
 * `technicianId` is undefined where nobody has the badge: the edge looks it up, the domain refuses it.
 * Clocking on to the job that runs already is accepted and makes no record; to another job it ends the first one.
 */
export type LabourCommand =
  | {
      readonly kind: "clock-on";
      readonly technicianId: PersonId | undefined;
      readonly target: JobTarget;
      readonly by: Actor;
      readonly tap?: Tap;
    }
  | {
      readonly kind: "clock-off";
      readonly technicianId: PersonId | undefined;
      readonly by: Actor;
      readonly tap?: Tap;
    };

/** What a bay's watch has concluded: a change of state, stretches of evidence, or both; committed together. */
export interface ObserveBay {
  readonly kind: "observe-bay";
  readonly bayId: BayId;
  readonly change?: BayChange;
  readonly segments?: readonly EvidenceSegment[];
}

export type DeviceCommand =
  | {
      readonly kind: "equipment-event";
      readonly equipmentId: EquipmentId;
      readonly bayId: BayId | null;
      readonly event: EquipmentEvent;
    }
  | ({ readonly kind: "device-changed" } & Pick<DraftOf<"device.changed">["body"], "state" | "deviceId"> & {
        readonly device: DraftOf<"device.changed">["body"]["kind"];
      });

type GatewayCommand =
  | {
      readonly kind: "gateway-started";
      readonly version: string;
      readonly nodeVersion: string;
      readonly clean: boolean;
      readonly lastSignOfLife: Stamp | null;
      readonly clockScale: number;
    }
  | { readonly kind: "gateway-stopped"; readonly reason: string }
  | { readonly kind: "clock-jumped"; readonly byMs: number; readonly trusted: boolean }
  /** Something happened that the shop only writes down. */
  | { readonly kind: "note"; readonly record: NotedRecord }
  /** Time passes: sent every few seconds, so that what becomes true by waiting is found. */
  | { readonly kind: "tick" };

type NotedRecord = Extract<
  Draft,
  {
    type:
      | "message.quarantined"
      | "configuration.applied"
      | "camera.zone-changed"
      | "vision.worker-restarted"
      | "person.changed"
      | "picture.dropped"
      | "picture.seen"
      | "session.signed-in"
      | "session.refused";
  }
>;

export type ShopCommand =
  | JobCommand
  | LabourCommand
  | ObserveBay
  | DiagnosticsCommand
  | InspectionCommand
  | DeviceCommand
  | GatewayCommand;
