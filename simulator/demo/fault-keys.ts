import { emitKeypressEvents } from "node:readline";
import { killVisionWorker } from "../faults/vision-worker.ts";
import type { ShopLife } from "../shop/shop-life.ts";
import type { House } from "./house.ts";

/** The bay whose devices break. */
const BAY = "bay1";

/** Faults that somebody at the keyboard can switch on and off while the demo runs. */
export const FAULT_KEYS = [
  { key: "c", what: "camera of bay 1 dies / is back" },
  { key: "f", what: "camera of bay 1 freezes / is back" },
  { key: "d", what: "dongle of bay 1 falls silent / is back" },
  { key: "h", what: "headquarters is unreachable / is back" },
  { key: "w", what: "the vision worker is killed" },
] as const;

/** Listens to the keyboard where there is one. @returns how to stop listening */
export function listenToFaultKeys(house: House, life: ShopLife, say: (line: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const on = new Set<string>();
  const toggle = (key: string): boolean => {
    const now = !on.has(key);
    if (now) on.add(key);
    else on.delete(key);
    return now;
  };
  const act = async (key: string): Promise<void> => {
    const fault = FAULT_KEYS.find((known) => known.key === key);
    if (fault === undefined) return;
    if (key === "w") {
      say(`  ${fault.what}: ${(await killVisionWorker(house.daemon.pid)) ?? "none was running"}`);
      return;
    }
    const broken = toggle(key);
    if (key === "c") life.camera(BAY).breakDown(broken ? "dead" : "none");
    if (key === "f") life.camera(BAY).breakDown(broken ? "stuck" : "none");
    if (key === "d") life.dongle(BAY).fallSilent(broken);
    if (key === "h" && broken) house.gate.cut();
    if (key === "h" && !broken) house.gate.mend();
    say(`  ${fault.what}: ${broken ? "broken now" : "mended"}`);
  };
  const onKey = (_text: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }) => {
    // A terminal in raw mode gives Ctrl-C as a key.
    if (key.ctrl === true && key.name === "c") process.kill(process.pid, "SIGINT");
    else if (key.name !== undefined) void act(key.name);
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on("keypress", onKey);
  stdin.resume();
  return () => {
    stdin.off("keypress", onKey);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
