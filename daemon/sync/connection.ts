import { readFile } from "node:fs/promises";
import { GatewayError } from "../../contract/errors.ts";
import type { Logger } from "../../machine/log.ts";
import { enrol, isDueForRenewal, renew } from "./enrolment.ts";
import { type Identity, IdentityStore } from "./identity.ts";
import { Line } from "./line.ts";

export interface ConnectionOptions {
  readonly url: string;
  readonly authorityFile: string;
  readonly claimCodeFile?: string;
  readonly gateway: string;
  readonly directory: string;
  readonly timeoutMs: number;
  readonly clockTrusted: () => boolean;
  /** Headquarters' wall clock as far as it is known, by which certificates live. */
  readonly nowMs: () => number;
  /** Headquarters said what time it is. */
  readonly onServerTime: (serverMs: number) => void;
  readonly log: Logger;
}

/** Who the box is at headquarters, and the line that shows it: enrols, renews, and opens the line anew after every failure. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #store: IdentityStore;
  #identity: Identity | undefined;
  #line: Line | undefined;
  #wasRefused = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#store = new IdentityStore(options.directory);
  }

  get enrolled(): boolean {
    return this.#identity !== undefined;
  }

  /** @throws GatewayError HEADQUARTERS_UNREACHABLE while it is closed */
  get line(): Line {
    if (this.#line === undefined) throw new GatewayError("HEADQUARTERS_UNREACHABLE", { detail: "the line is closed" });
    return this.#line;
  }

  /**
   * Makes sure that there is an identity that has not run out, and a line that uses it.
   * @throws GatewayError of the identity, the enrolment or the line
   */
  async open(): Promise<void> {
    this.#identity ??= await this.#store.load();
    if (this.#identity === undefined) await this.#enrol();
    else if (this.#line === undefined) await this.#use(this.#identity);
    if (this.#wasRefused) await this.#askAgain();
    else await this.#renewIfDue();
  }

  /** Headquarters does not take this certificate: at the next `open` a renewal is tried, and a claim code where there is one. */
  refused(): void {
    this.#wasRefused = true;
  }

  /** Ends the connection and what is under way on it. */
  async close(): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    await line?.close();
  }

  async #enrol(): Promise<void> {
    const { gateway, claimCodeFile, log, onServerTime } = this.#options;
    const line = await this.#openLine(undefined);
    const { identity, serverTime } = await enrol(line, this.#store, gateway, claimCodeFile);
    log.info({ gateway, until: new Date(identity.notAfterMs).toISOString() }, "enrolled at headquarters");
    onServerTime(serverTime);
    await this.#use(identity);
  }

  async #renewIfDue(): Promise<void> {
    const identity = this.#identity;
    const nowMs = this.#options.nowMs();
    if (identity === undefined || !isDueForRenewal(identity, nowMs)) return;
    try {
      await this.#renew(identity);
    } catch (error) {
      if (nowMs >= identity.notAfterMs) throw error;
      this.#options.log.warn({ err: error }, "the certificate could not be renewed yet");
    }
  }

  async #renew(identity: Identity): Promise<void> {
    const renewed = await renew(this.line, this.#store, identity);
    this.#options.log.info({ until: new Date(renewed.identity.notAfterMs).toISOString() }, "certificate renewed");
    this.#options.onServerTime(renewed.serverTime);
    await this.#use(renewed.identity);
  }

  /** The certificate may have run out without our knowing (a clock that stands in 1970), or a person has brought a new claim code. */
  async #askAgain(): Promise<void> {
    const identity = this.#identity;
    if (identity === undefined) return;
    this.#wasRefused = false;
    try {
      await this.#renew(identity);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== "HEADQUARTERS_REFUSES_GATEWAY") throw error;
      this.#wasRefused = true;
      try {
        await this.#enrol();
      } catch (enrolError) {
        // No code, or a used one: what counts is that headquarters refuses the box.
        this.#options.log.debug({ err: enrolError }, "no new enrolment");
        throw error;
      }
      this.#wasRefused = false;
    }
  }

  async #use(identity: Identity): Promise<void> {
    const { gateway } = this.#options;
    if (identity.gateway !== gateway)
      throw new GatewayError("HEADQUARTERS_OTHER_GATEWAY", { details: { here: gateway, there: identity.gateway } });
    this.#identity = identity;
    await this.#openLine(identity);
  }

  async #openLine(identity: Identity | undefined): Promise<Line> {
    await this.close();
    const { url, authorityFile, timeoutMs, clockTrusted } = this.#options;
    const authorityPem = await readAuthority(authorityFile);
    const line = new Line({
      url,
      authorityPem,
      ...(identity === undefined ? {} : { identity }),
      timeoutMs,
      clockTrusted,
    });
    this.#line = line;
    return line;
  }
}

async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new GatewayError("HEADQUARTERS_NOT_TRUSTED", {
      detail: "the authority's file cannot be read",
      cause,
      details: { file },
    });
  }
}
