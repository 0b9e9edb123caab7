import type { ClearAuthority } from "../../contract/payloads.ts";
import { EgressGate, type Question } from "./approvals.ts";
import type { DatagramEvents, Port } from "./datagrams.ts";
import { DATAGRAM_GUARDS, LINE_GUARDS, NATIVE_GUARDS } from "./guards.ts";
import { EgressRefusal } from "./refusal.ts";
import type { LineEvents, Place, Transports } from "./transports.ts";

/** An open line to a device. Whatever is written passes its protocol's guard first. */
export interface Outlet {
  /**
   * Writes one or more whole commands of the line's protocol.
   * @throws EgressRefusal when any of it may not leave; then none of it has left
   */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** An open port to which devices send. */
export interface DatagramOutlet {
  /**
   * Answers a sender.
   * @throws EgressRefusal when it may not be said
   */
  send(bytes: Uint8Array, to: string): void;
  close(): void;
}

/** What an adapter has of the egress: the only way to its device. */
export interface AdapterEgress {
  /**
   * Announces the question that is asked next, in place of the one before. Adapters call it once for each question, before they encode anything.
   * @throws EgressRefusal when it may not be asked
   */
  approve(question: Question): void;
  /**
   * The same for a parameter group of SAE J1939 that is asked of all controllers.
   * @throws EgressRefusal when it does not only read
   */
  approveGroup(pgn: number): void;
  /** The question is over: nothing more of it may leave. */
  withdraw(): void;
  /**
   * Sends to a native topic of this device over the broker.
   * @throws EgressRefusal when the dialect's guard does not let it pass
   */
  publish(topic: string, payload: string): void;
  /**
   * Opens a line under the guard of its protocol. `closed` tells when it is gone, also when it never opened; whoever wants it back opens again.
   * @throws EgressRefusal for a protocol without a guard
   */
  open(protocol: string, place: Place, events: LineEvents): Outlet;
  /**
   * Listens on a port of ours, which all devices of the kind share.
   * @throws EgressRefusal for a protocol without a guard
   */
  listen(protocol: string, port: Port, events: DatagramEvents): DatagramOutlet;
}

export interface DeviceEgressOptions {
  readonly dialect: string;
  readonly nativeId: string;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly transports: Transports;
  readonly publish: (topic: string, payload: string) => void;
  /** Runs what an adapter does with an event, so that its mistake stays its own. */
  readonly guarded: (action: () => void) => void;
}

/** Everything that leaves for one device, and the authority to clear, which adapters do not see. */
export class DeviceEgress implements AdapterEgress {
  readonly #options: DeviceEgressOptions;
  readonly #gate: EgressGate;
  readonly #open = new Set<{ close(): void }>();

  constructor(options: DeviceEgressOptions) {
    this.#options = options;
    this.#gate = new EgressGate(options.now);
  }

  approve(question: Question): void {
    this.#gate.approve(question);
  }

  approveGroup(pgn: number): void {
    this.#gate.approveGroup(pgn);
  }

  withdraw(): void {
    this.#gate.withdraw();
  }

  publish(topic: string, payload: string): void {
    const { dialect, nativeId, publish } = this.#options;
    const guard = NATIVE_GUARDS.get(dialect);
    if (guard === undefined) throw new EgressRefusal("command", `${dialect} says nothing over the broker`);
    guard(topic, payload, nativeId, this.#gate);
    publish(topic, payload);
  }

  open(protocol: string, place: Place, events: LineEvents): Outlet {
    const makeGuard = LINE_GUARDS.get(protocol);
    if (makeGuard === undefined) throw new EgressRefusal("command", `no guard for ${protocol}`);
    const guard = makeGuard(this.#gate);
    const { transports, guarded } = this.#options;
    let open = true;
    const line = transports.open(place, {
      opened: () => guarded(() => events.opened()),
      received: (bytes) => guarded(() => events.received(bytes)),
      closed: (reason) => {
        open = false;
        this.#open.delete(outlet);
        guarded(() => events.closed(reason));
      },
    });
    const outlet: Outlet = {
      write: (bytes) => {
        if (!open) throw new EgressRefusal("closed", "the line is closed");
        guard.check(bytes);
        line.write(bytes);
      },
      close: () => line.close(),
    };
    this.#open.add(outlet);
    return outlet;
  }

  listen(protocol: string, port: Port, events: DatagramEvents): DatagramOutlet {
    const check = DATAGRAM_GUARDS.get(protocol);
    if (check === undefined) throw new EgressRefusal("command", `no guard for ${protocol}`);
    const { transports, guarded } = this.#options;
    const raw = transports.listen(port, {
      received: (bytes, from) => guarded(() => events.received(bytes, from)),
      closed: (reason) => {
        this.#open.delete(outlet);
        guarded(() => events.closed(reason));
      },
    });
    const outlet: DatagramOutlet = {
      send: (bytes, to) => {
        check(bytes);
        raw.send(bytes, to);
      },
      close: () => {
        this.#open.delete(outlet);
        raw.close();
      },
    };
    this.#open.add(outlet);
    return outlet;
  }

  /**
   * Opens the way for clearing codes until the result is called or the authority has aged.
   * @throws EgressRefusal `authority`
   */
  openClearing(transaction: string, authority: ClearAuthority): () => void {
    return this.#gate.openClearing(transaction, authority);
  }

  /** Closes every line. */
  close(): void {
    this.#gate.withdraw();
    for (const outlet of this.#open) outlet.close();
  }
}
