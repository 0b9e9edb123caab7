/**
 * What we use of the optional package `socketcan` 4.3. Its own declarations lead into a binary that exists only where it was compiled, and
 * call the results of sending `void`; these follow its `native/can.cc`.
 */
declare module "socketcan" {
  interface CanMessage {
    id: number;
    ext?: boolean;
    rtr?: boolean;
    /** The controller's report of an error; `id` then holds the class of it, without the kernel's flag. */
    err?: boolean;
    data: Buffer;
  }

  interface RawChannel {
    addListener(event: "onMessage", listener: (message: CanMessage) => void): void;
    /** The channel is dead; also called within `stop()`. It must not be stopped from here. */
    addListener(event: "onStopped", listener: () => void): void;
    start(): void;
    /** @throws Error when it was not started, or is dead */
    stop(): void;
    /** Bytes that the kernel took, or -1. */
    send(message: CanMessage): number;
    /** Lengths between those of CAN FD are filled up with zeros. */
    sendFD(message: CanMessage & { fd_brs?: boolean }): number;
  }

  /** @throws Error whatever the reason: no CAN in the kernel, no such interface, no rights */
  function createRawChannelWithOptions(name: string, options: { non_block_send?: boolean }): RawChannel;
}
