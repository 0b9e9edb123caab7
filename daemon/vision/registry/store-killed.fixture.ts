import { loadBundle } from "./bundle.ts";
import { ModelStore } from "./store.ts";

/** Adds a bundle in a process of its own and dies before the step whose number is given, as in a power cut: `node … STORE SHIPPED BUNDLE NUMBER`. */
const [directory = "", shipped = "", folder = "", number = ""] = process.argv.slice(2);
let steps = 0;
const store = new ModelStore({
  directory,
  shipped,
  onStep: () => {
    if (++steps === Number(number)) process.kill(process.pid, "SIGKILL");
  },
});
await store.add(await loadBundle(folder), undefined, async () => ({}));
