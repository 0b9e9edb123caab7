import type { TopicMatch } from "../../contract/topics.ts";
import type { Logger } from "../../machine/log.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { type DeviceCredentials, principalOf } from "./credentials.ts";
import { LoginPacing } from "./login-pacing.ts";
import { type DeviceRights, isConfigured, type Principal, rightsOf } from "./rights.ts";

/** A last will as CONNECT brings it. */
export interface Will {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos?: number;
  readonly retain?: boolean;
}

/** CONNACK return codes of MQTT 3.1.1 table 3.1 that we use. */
export const REFUSALS = {
  "no-user-name": 4,
  "wrong-password": 4,
  "unknown-device": 4,
  "too-many-failures": 3,
  busy: 3,
  "not-configured": 5,
  "will-denied": 5,
} as const;
export type Refusal = keyof typeof REFUSALS;

export type LoginResult =
  | { readonly ok: true; readonly principal: Principal; readonly rights: DeviceRights; readonly fingerprint: string }
  | { readonly ok: false; readonly refusal: Refusal };

export interface LoginAttempt {
  readonly address: string;
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly will: Will | undefined;
}

/** Decides who a connection is. The credential alone names the device; rights follow from the topic table and the configuration. */
export class Login {
  readonly #configuration: Configuration;
  readonly #credentials: DeviceCredentials;
  readonly #pacing = new LoginPacing();
  readonly #log: Logger;

  constructor(options: {
    readonly configuration: Configuration;
    readonly credentials: DeviceCredentials;
    readonly log: Logger;
  }) {
    this.#configuration = options.configuration;
    this.#credentials = options.credentials;
    this.#log = options.log;
  }

  /** @throws GatewayError CREDENTIALS_UNREADABLE */
  async decide(attempt: LoginAttempt): Promise<LoginResult> {
    const result = await this.#decide(attempt);
    if (!result.ok) {
      const { address, userName, will } = attempt;
      this.#log.warn(
        {
          address,
          user: userName?.slice(0, 80),
          refusal: result.refusal,
          ...(result.refusal === "will-denied" ? { topic: will?.topic } : {}),
        },
        "a device was not let in",
      );
    }
    return result;
  }

  async #decide({ address, userName = "", password, will }: LoginAttempt): Promise<LoginResult> {
    const principal = principalOf(userName);
    if (principal === undefined || password === undefined) return refused("no-user-name");
    if (!(await this.#credentials.remembers(principal, password))) {
      if (this.#pacing.refuses(address, userName)) return refused("too-many-failures");
      const verdict = await this.#credentials.verify(principal, password);
      if (verdict === "busy") return refused("busy");
      if (verdict !== "ok") {
        this.#pacing.failed(address, userName);
        return refused(verdict === "wrong" ? "wrong-password" : "unknown-device");
      }
    }
    this.#pacing.succeeded(address, userName);
    if (!isConfigured(this.#configuration, principal)) return refused("not-configured");
    const rights = rightsOf(this.#configuration, principal);
    if (will !== undefined && !mayLeave(rights, will)) return refused("will-denied");
    const fingerprint = this.#credentials.fingerprint(principal) ?? "";
    return { ok: true, principal, rights, fingerprint };
  }
}

/** A will is what others are told of a device that is gone: only rows with a retained state have that meaning. */
function mayLeave(rights: DeviceRights, will: Will): boolean {
  const match: TopicMatch | undefined = rights.publishes(will.topic);
  return (
    match?.row.retain === true &&
    !match.row.durable &&
    Buffer.byteLength(will.payload) <= match.row.maxBytes &&
    (will.qos ?? 0) < 2
  );
}

function refused(refusal: Refusal): LoginResult {
  return { ok: false, refusal };
}
