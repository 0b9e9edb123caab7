import Type, { type Static } from "typebox";
import { GatewayId, Nullable, OneOf, Sha256 } from "./ids.ts";
import { WallMs } from "./payloads.ts";
import { RecordOnTheWire, STREAMS } from "./records.ts";

/**
 * The protocol between gateway and headquarters, over HTTPS with mutual TLS. Headquarters takes the gateway's name from its
 * certificate; a path that says otherwise gets 403. Enrolment alone is done without a client certificate.
 */
const closed = { additionalProperties: false } as const;

export const StreamName = OneOf(STREAMS);

/** `POST /v1/enrol` */
export const EnrolRequest = Type.Object(
  {
    /** One-time code that headquarters gave out for one gateway. */
    claimCode: Type.String({ minLength: 8, maxLength: 64 }),
    /** PKCS #10, PEM; the key is made on the box and never leaves it. */
    csr: Type.String({ maxLength: 8192 }),
  },
  closed,
);
export type EnrolRequest = Static<typeof EnrolRequest>;

export const EnrolResponse = Type.Object(
  { gateway: GatewayId, certificate: Type.String(), authority: Type.String(), serverTime: WallMs },
  closed,
);
export type EnrolResponse = Static<typeof EnrolResponse>;

/** `POST /v1/gateways/{gateway}/renew`, with the present certificate; one that ran out while the box was offline is still good for this alone, for a time of grace. */
export const RenewRequest = Type.Object({ csr: Type.String({ maxLength: 8192 }) }, closed);
export type RenewRequest = Static<typeof RenewRequest>;

/** Sequence and hash of the last record of a stream; zero and empty where there is none. */
export const StreamHead = Type.Object({ seq: Type.Integer({ minimum: 0 }), hash: Type.Union([Sha256, Type.Literal("")]) }, closed);
export type StreamHead = Static<typeof StreamHead>;

/** `POST /v1/gateways/{gateway}/epochs/{epoch}/hello`: the hand-shake at start and after an outage. */
export const HelloRequest = Type.Object(
  { version: Type.String({ maxLength: 40 }), heads: Type.Record(StreamName, StreamHead), /** The gateway's record hash at headquarters' mark is asked back, if it differs this disk is an older copy. */ hashesAt: Type.Optional(Type.Record(StreamName, StreamHead)) },
  closed,
);
export type HelloRequest = Static<typeof HelloRequest>;

export const HelloResponse = Type.Object(
  {
    serverTime: WallMs,
    /** `older-copy`: headquarters holds more than this disk says it has written; the gateway must begin a new epoch. */
    verdict: OneOf(["ok", "older-copy"]),
    marks: Type.Record(StreamName, StreamHead),
  },
  closed,
);
export type HelloResponse = Static<typeof HelloResponse>;

/** Bounds of one batch, before compression. */
export const BATCH_MAX_RECORDS = 500;
export const BATCH_MAX_BYTES = 256 * 1024;

/** `POST /v1/gateways/{gateway}/epochs/{epoch}/streams/{stream}`, `content-encoding: zstd` or `gzip`. Records in order, without gaps. */
export const BatchRequest = Type.Object({ records: Type.Array(RecordOnTheWire, { minItems: 1, maxItems: BATCH_MAX_RECORDS }) }, closed);
export type BatchRequest = Static<typeof BatchRequest>;

/** Sent after the database commit. Everything up to the mark is at headquarters for good. */
export const BatchResponse = Type.Object(
  { highWaterMark: Type.Integer({ minimum: 0 }), hash: Type.Union([Sha256, Type.Literal("")]), serverTime: WallMs, retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })) },
  closed,
);
export type BatchResponse = Static<typeof BatchResponse>;

/** Body of every refusal. 409 names the first record that headquarters holds with another content, or the gap it sees. */
export const Refusal = Type.Object(
  { code: Type.String({ maxLength: 60 }), message: Type.String({ maxLength: 500 }), seq: Type.Optional(Type.Integer({ minimum: 1 })), highWaterMark: Type.Optional(Nullable(Type.Integer({ minimum: 0 }))) },
  closed,
);
export type Refusal = Static<typeof Refusal>;
