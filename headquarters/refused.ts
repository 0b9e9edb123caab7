import { REFUSALS, type Refusal, type RefusalCode } from "../contract/headquarters.ts";

/** Why a request is not granted; the HTTP layer turns it into the refusal's status and body. */
export class Refused extends Error {
  readonly code: RefusalCode;
  readonly seq: number | undefined;
  readonly highWaterMark: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: RefusalCode,
    message: string,
    more: { readonly seq?: number; readonly highWaterMark?: number; readonly retryAfterMs?: number } = {},
  ) {
    super(message);
    this.name = "Refused";
    this.code = code;
    this.seq = more.seq;
    this.highWaterMark = more.highWaterMark;
    this.retryAfterMs = more.retryAfterMs;
  }

  get status(): number {
    return REFUSALS[this.code];
  }

  get body(): Refusal {
    return {
      code: this.code,
      message: this.message.slice(0, 500),
      ...(this.seq === undefined ? {} : { seq: this.seq }),
      ...(this.highWaterMark === undefined ? {} : { highWaterMark: this.highWaterMark }),
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
    };
  }
}
