import type { ServerResponse } from "node:http";
import { GatewayError } from "../../contract/errors.ts";

/** One client of server-sent events: at most one event is on its way, and one newer one per name waits. */
export class EventStream<Owner extends { isEntitled(): boolean }> {
  /** Asked before everything that is sent. */
  readonly owner: Owner;
  readonly #response: ServerResponse;
  readonly #machineMs: () => number;
  readonly #waiting = new Map<string, string>();
  #blockedSinceMs: number | undefined;

  constructor(response: ServerResponse, owner: Owner, machineMs: () => number) {
    this.#response = response;
    this.owner = owner;
    this.#machineMs = machineMs;
    response.on("drain", () => {
      this.#blockedSinceMs = undefined;
      this.#pump();
    });
  }

  begin(): void {
    // How long the browser waits before it comes back.
    this.#write("retry: 1000\n\n");
  }

  offer(name: string, text: string): void {
    this.#waiting.set(name, text);
    this.#pump();
  }

  /** A beat that cannot go at once is worth nothing later. */
  beat(text: string): void {
    if (this.#blockedSinceMs === undefined) this.#write(text);
  }

  /** Whether the socket has not taken yet what was written. */
  get isBlocked(): boolean {
    return this.#blockedSinceMs !== undefined;
  }

  blockedForMs(): number {
    return this.#blockedSinceMs === undefined ? 0 : this.#machineMs() - this.#blockedSinceMs;
  }

  endUnlessEntitled(): boolean {
    if (this.owner.isEntitled()) return true;
    this.end();
    return false;
  }

  end(): void {
    this.#waiting.clear();
    this.#response.end();
  }

  drop(): void {
    this.#waiting.clear();
    this.#response.destroy();
  }

  #pump(): void {
    for (const [name, text] of this.#waiting) {
      if (this.#blockedSinceMs !== undefined) return;
      this.#waiting.delete(name);
      this.#write(text);
    }
  }

  #write(text: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (!this.#response.write(text)) this.#blockedSinceMs = this.#machineMs();
  }
}

/** What is sent is what its schema allows. @throws GatewayError HTTP_ANSWER_INVALID */
export function checked<T>(
  validator: {
    Check(value: unknown): boolean;
    Errors(value: unknown): readonly { readonly instancePath: string; readonly message: string }[];
  },
  view: T,
): T {
  if (validator.Check(view)) return view;
  const first = validator.Errors(view)[0];
  throw new GatewayError("HTTP_ANSWER_INVALID", { detail: `${first?.instancePath ?? ""} ${first?.message ?? ""}` });
}

export function eventText(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
