import type { CameraId, DongleId, EquipmentId, ReaderId } from "../../contract/ids.ts";
import type {
  AttentionPayload,
  BayStatePayload,
  BridgeConfig,
  DeviceStatus,
  DongleFrames,
  DongleReadings,
  DongleRequest,
  DongleResponse,
  DongleScan,
  DongleSignals,
  EquipmentEvent,
  GatewayHealth,
  JobStatePayload,
  ReaderTap,
} from "../../contract/payloads.ts";
import type { Stamp } from "../../contract/records.ts";
import type { Principal } from "./rights.ts";

interface Delivered {
  readonly topic: string;
  /** The connection that brought it: the device itself or a bridge. */
  readonly from: Principal;
  /** When it arrived here. */
  readonly at: Stamp;
  /** `dongle/dongle-1`: whose message it is, whoever brought it. With the payload's `messageId` it is unique for ever. */
  readonly source: string;
}

/** A message of a durable topic, understood; it is acknowledged only after it has been taken in. */
export type DurableMessage =
  | (Delivered & { readonly kind: "dongleScan"; readonly device: DongleId; readonly payload: DongleScan })
  | (Delivered & { readonly kind: "equipmentEvent"; readonly device: EquipmentId; readonly payload: EquipmentEvent })
  | (Delivered & { readonly kind: "readerTap"; readonly device: ReaderId; readonly payload: ReaderTap });

/** A message of a durable topic that could not be understood or taken in; acknowledged, since sending it again would not help. */
export interface QuarantinedMessage extends Delivered {
  readonly code: "BROKER_PAYLOAD_INVALID" | "BROKER_INTAKE_FAILED";
  readonly reason: string;
  readonly payload: Uint8Array;
}

/** A change on a device's own connection. */
export interface Presence {
  readonly principal: Principal;
  readonly state: "connected" | "disconnected";
  /** Why it ended: `closed`, `keepalive`, `taken-over`, `guard packet-too-large`, …; `login` when it began. */
  readonly reason: string;
  readonly at: Stamp;
}

export type StatusKind = "camera" | "dongle" | "reader" | "equipment" | "bridge";

/** What the broker hands on. Telemetry goes to the listeners at once and is never kept here. */
export interface BrokerOutlets {
  /**
   * Commits a durable message; the sender gets its acknowledgement after this resolves.
   * Rejecting with a retryable GatewayError (storage) withholds it: the sender is disconnected and sends again.
   */
  readonly intake: (message: DurableMessage) => Promise<"accepted" | "duplicate">;
  /** Keeps what cannot be understood. Rejecting withholds the acknowledgement. */
  readonly quarantine: (message: QuarantinedMessage) => Promise<void>;
  readonly onCameraFrame?: (camera: CameraId, jpeg: Buffer, at: Stamp) => void;
  readonly onStatus?: (kind: StatusKind, id: string, status: DeviceStatus, at: Stamp) => void;
  readonly onSignals?: (dongle: DongleId, signals: DongleSignals, at: Stamp) => void;
  readonly onFrames?: (dongle: DongleId, frames: DongleFrames, at: Stamp) => void;
  readonly onReadings?: (dongle: DongleId, readings: DongleReadings, at: Stamp) => void;
  readonly onResponse?: (dongle: DongleId, response: DongleResponse, at: Stamp) => void;
  readonly onPresence?: (presence: Presence) => void;
}

/** What the gateway itself says, by the row it says it in. */
export interface GatewayMessages {
  dongleRequest: DongleRequest;
  bridgeConfig: BridgeConfig;
  bayState: BayStatePayload;
  jobState: JobStatePayload;
  gatewayHealth: GatewayHealth;
  gatewayAttention: AttentionPayload;
}
