import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EgressRefusal } from "./refusal.ts";
import { kernelBytesOf, kernelFrameOf } from "./socketcan.ts";
import type { LineEvents, Place, RawLine } from "./transports.ts";

/** Why a line to a CAN interface is closed. */
export type CanLineEnd =
  | "can-package-missing"
  /** There is no such interface, or it is none of CAN. */
  | "can-interface-missing"
  | "can-interface-down"
  /** The kernel refuses what should be possible. */
  | "can-not-opened"
  /** The interface's queue is full or it went down: nobody on the bus acknowledges what is sent. */
  | "can-frame-not-taken"
  | "closed";

type CanPackage = Pick<typeof import("socketcan"), "createRawChannelWithOptions">;
type CanChannel = ReturnType<CanPackage["createRawChannelWithOptions"]>;

/** What of the machine the line stands on. */
export interface CanMachine {
  load(): Promise<CanPackage>;
  /** Where the kernel describes its network interfaces. */
  readonly interfaces: string;
  readonly lookEveryMs: number;
}

/** The package is optional and native: it is loaded when the first interface is opened. */
const THIS_MACHINE: CanMachine = { load: () => import("socketcan"), interfaces: "/sys/class/net", lookEveryMs: 1_000 };

/** linux/if_arp.h ARPHRD_CAN and linux/if.h IFF_UP. */
const TYPE_CAN = 280;
const FLAG_UP = 0x1;

/**
 * Opens a CAN interface; frames travel as the kernel's own `can_frame` and `canfd_frame`, one each time. The package is silent when an interface goes down,
 * so that is looked for every second in what the kernel tells of it.
 */
export function openSocketCan(
  { interface: name, listenOnly }: Extract<Place, { kind: "socketcan" }>,
  events: LineEvents,
  machine: CanMachine = THIS_MACHINE,
): RawLine {
  let channel: CanChannel | undefined;
  let look: NodeJS.Timeout | undefined;
  let ended = false;
  const end = (reason: CanLineEnd) => {
    if (ended) return;
    ended = true;
    clearInterval(look);
    const open = channel;
    channel = undefined;
    open?.stop();
    events.closed(reason);
  };
  const start = async ({ createRawChannelWithOptions }: CanPackage): Promise<void> => {
    const absent = await whyAbsent(machine, name);
    if (ended) return;
    if (absent !== undefined) {
      end(absent);
      return;
    }
    try {
      const opened = createRawChannelWithOptions(name, { non_block_send: true });
      opened.addListener("onMessage", (message) => {
        if (!ended) events.received(kernelBytesOf(message));
      });
      opened.addListener("onStopped", () => {
        // The package is stopping the channel itself, and stopping it again would call this again.
        channel = undefined;
        end("can-interface-missing");
      });
      opened.start();
      channel = opened;
    } catch {
      end("can-not-opened");
      return;
    }
    look = setInterval(() => {
      void whyAbsent(machine, name).then((reason) => {
        if (reason !== undefined) end(reason);
      });
    }, machine.lookEveryMs);
    events.opened();
  };
  void machine.load().then(start, () => end("can-package-missing"));
  return {
    write: (bytes) => {
      if (listenOnly) throw new EgressRefusal("command", `${name} is only listened to`);
      if (channel === undefined) throw new EgressRefusal("closed", `${name} is not open`);
      const { id, extended, data, fd } = kernelFrameOf(bytes);
      const message = { id, ext: extended, data: Buffer.from(data) };
      const taken = fd === true ? channel.sendFD({ ...message, fd_brs: true }) : channel.send(message);
      if (taken < 0) end("can-frame-not-taken");
    },
    close: () => end("closed"),
  };
}

async function whyAbsent({ interfaces }: CanMachine, name: string): Promise<CanLineEnd | undefined> {
  try {
    const [type, flags] = await Promise.all(
      ["type", "flags"].map((fact) => readFile(join(interfaces, name, fact), "utf8")),
    );
    if (Number(type) !== TYPE_CAN) return "can-interface-missing";
    return (Number(flags) & FLAG_UP) === 0 ? "can-interface-down" : undefined;
  } catch {
    return "can-interface-missing";
  }
}
