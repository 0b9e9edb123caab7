import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Aedes } from "aedes";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sceneAt } from "../shop/bay-scene.ts";
import { SHOP_BAYS } from "../shop/stage.ts";
import { SimulatedCamera } from "./camera.ts";

let broker: Aedes;
let server: ReturnType<typeof createServer>;
let camera: SimulatedCamera;
let pictures: Buffer[];
let onLook: () => void;

beforeEach(async () => {
  pictures = [];
  onLook = () => undefined;
  broker = await Aedes.createBroker();
  broker.on("publish", ({ topic, payload }) => {
    if (topic.endsWith("/frame")) pictures.push(Buffer.from(payload));
  });
  server = createServer(broker.handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const stage = SHOP_BAYS[0]?.stage;
  if (stage === undefined) throw new Error("the simulated shop has no bay");
  camera = new SimulatedCamera({
    id: "north",
    login: { brokerUrl: `mqtt://127.0.0.1:${address.port}`, username: "camera/north", password: "any" },
    framesPerSecond: 10,
    // An empty bay before the script has begun: nothing ever changes.
    look: () => {
      onLook();
      return { ...sceneAt(stage, [], Number.NEGATIVE_INFINITY), widthPx: 64, heightPx: 64 };
    },
  });
});

afterEach(async () => {
  await camera.stop();
  await broker.close();
  server.close();
});

test("no two pictures of a still scene are alike, unless the camera is stuck", async () => {
  await camera.start();
  await vi.waitUntil(() => pictures.length >= 4, { timeout: 15_000 });
  expect(new Set(pictures.map((jpeg) => jpeg.toString("base64"))).size).toBe(pictures.length);
  camera.breakDown("stuck");
  // One that was under way may still be another.
  const from = pictures.length + 1;
  await vi.waitUntil(() => pictures.length >= from + 3, { timeout: 15_000 });
  expect(new Set(pictures.slice(from).map((jpeg) => jpeg.toString("base64"))).size).toBe(1);
});

test("stopped in the middle of a shot, it sets no timer for another", async () => {
  await camera.start();
  await vi.waitUntil(() => pictures.length >= 2, { timeout: 15_000 });
  const shooting = new Promise<void>((resolve) => {
    onLook = resolve;
  });
  await shooting;
  await camera.stop();
  await pause(300);
  const timers = vi.spyOn(globalThis, "setTimeout");
  await pause(500);
  expect(timers).not.toHaveBeenCalled();
  timers.mockRestore();
});
