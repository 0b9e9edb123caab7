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
const StreamHead = Type.Object(
  { seq: Type.Integer({ minimum: 0 }), hash: Type.Union([Sha256, Type.Literal("")]) },
  closed,
);

/** One head for every stream. */
export const StreamHeads = Type.Object(
  { labour: StreamHead, work: StreamHead, diagnostics: StreamHead, findings: StreamHead, operations: StreamHead },
  closed,
);
export type StreamHeads = Static<typeof StreamHeads>;

/** `POST /v1/gateways/{gateway}/epochs/{epoch}/hello`: the hand-shake at start, after an outage and now and then. */
export const HelloRequest = Type.Object(
  {
    version: Type.String({ maxLength: 40 }),
    /** The last record that stands on this disk. */
    heads: StreamHeads,
    /** Number and hash of the gateway's own record at the mark it knows of; where headquarters holds another one, this disk is an older copy. */
    hashesAt: Type.Optional(StreamHeads),
    /**
     * The epoch in the path holds what was left unsent of an earlier one when the next began (restore, older copy). It begins behind these heads and keeps the
     * earlier epoch's numbers and chain. Records that headquarters already holds, alike, under the earlier epoch count as held and are not kept twice.
     */
    remainderOf: Type.Optional(
      Type.Object({ epoch: Type.String({ minLength: 1, maxLength: 64 }), after: StreamHeads }, closed),
    ),
  },
  closed,
);
export type HelloRequest = Static<typeof HelloRequest>;

export const HelloResponse = Type.Object(
  {
    serverTime: WallMs,
    /**
     * `older-copy`: headquarters holds more than this disk says it has written, or something else, or knows a later epoch; the gateway must begin a new epoch.
     * The gateway comes to the same verdict by itself when its record at a mark has another hash.
     */
    verdict: OneOf(["ok", "older-copy"]),
    /** What headquarters holds for good, with the hash of the record at each mark. */
    marks: StreamHeads,
  },
  closed,
);
export type HelloResponse = Static<typeof HelloResponse>;

/** Bounds of one batch, before compression. */
export const BATCH_MAX_RECORDS = 500;
export const BATCH_MAX_BYTES = 256 * 1024;
/** A record that is larger than a batch may be travels alone, up to this. Nothing larger is taken. */
export const RECORD_MAX_BYTES = 1024 * 1024;
/** Tombstones that one batch may bring for the gaps in it. */
export const BATCH_MAX_TOMBSTONES = 64;
/** Bytes of a request body as it arrives, before it is unpacked. */
export const REQUEST_MAX_BYTES = RECORD_MAX_BYTES + 64 * 1024;
/** Nesting of a request body: deeper text is refused before it is parsed. */
export const REQUEST_MAX_DEPTH = 40;

/**
 * `POST /v1/gateways/{gateway}/epochs/{epoch}/streams/{stream}`, `content-encoding: zstd`, `gzip` or none. Records in order; each names
 * the hash of the one before it.
 *
 * A gap is taken only with its reason. The record that states a loss stands at the head of the stream, later than the gap, so it
 * rides ahead in `tombstones`, whole, as it stands in the journal (not needed where the batch itself reaches it). Headquarters checks its hash, and takes the record after the gap when
 * the tombstones cover every missing number and that record's `prevHash` is the `hash` of the tombstone that ends just before it. The loss
 * record then comes once more in its own place and must be the same one.
 */
export const BatchRequest = Type.Object(
  {
    records: Type.Array(RecordOnTheWire, { minItems: 1, maxItems: BATCH_MAX_RECORDS }),
    tombstones: Type.Optional(Type.Array(RecordOnTheWire, { maxItems: BATCH_MAX_TOMBSTONES })),
  },
  closed,
);
export type BatchRequest = Static<typeof BatchRequest>;

/**
 * Sent after the database commit. Everything up to the mark is at headquarters for good; `hash` is that of the record at the mark, the
 * gateway's proof that headquarters means the same record.
 */
export const BatchResponse = Type.Object(
  {
    highWaterMark: Type.Integer({ minimum: 0 }),
    hash: Type.Union([Sha256, Type.Literal("")]),
    serverTime: WallMs,
    retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type BatchResponse = Static<typeof BatchResponse>;

/** Why headquarters refuses, with the status that carries it. */
export const REFUSALS = {
  "body-unreadable": 400,
  "claim-refused": 401,
  "certificate-missing": 401,
  "certificate-refused": 401,
  "operator-refused": 401,
  "other-gateway": 403,
  "unknown-route": 404,
  /** Headquarters holds another record under this key. Never merged. */
  "record-conflict": 409,
  /** Numbers are missing and no tombstone says why; `highWaterMark` says where to go on. */
  gap: 409,
  /** The record does not follow on the one before it. */
  "chain-broken": 409,
  /** A batch before the hand-shake of its epoch. */
  "epoch-unknown": 409,
  /** The gateway has begun a later epoch. */
  "epoch-superseded": 409,
  "too-large": 413,
  "encoding-unknown": 415,
  /** The record breaks its schema or its own hash; sent again it will be refused again. */
  "record-invalid": 422,
  "csr-invalid": 422,
  "too-many-requests": 429,
  "internal-error": 500,
  busy: 503,
} as const satisfies Record<string, number>;
export type RefusalCode = keyof typeof REFUSALS;

/**
 * Body of every refusal. `seq` names the record that is to blame; `retryAfterMs` stands with 429 and 503. A code that the reader does not know counts by its
 * status alone.
 */
export const Refusal = Type.Object(
  {
    code: Type.String({ maxLength: 60 }),
    message: Type.String({ maxLength: 500 }),
    seq: Type.Optional(Type.Integer({ minimum: 1 })),
    highWaterMark: Type.Optional(Nullable(Type.Integer({ minimum: 0 }))),
    retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type Refusal = Static<typeof Refusal>;
