import { describe, expect, it } from "vitest";
import { CarOnBus, type SimulatedCar, type SimulatedEcu } from "../../simulator/dongle/car.ts";
import { ElmDongle } from "../../simulator/dongle/elm.ts";
import type { ElmPersonalityName } from "../../simulator/dongle/elm-personalities.ts";
import { serveTcp } from "../../simulator/dongle/serve.ts";
import { BoundedCar } from "../bounded-car.ts";
import { CarLink } from "../car-link.ts";
import type { CarConversation } from "../dialect.ts";
import { CarMemory } from "../scan/car-memory.ts";
import { scanCar } from "../scan/index.ts";
import { tryAdapter, until } from "../stream.fixture.ts";
import { elm327 } from "./index.ts";

const SOUND: Pick<SimulatedEcu, "confirmed" | "pending" | "permanent" | "monitorBytes"> = {
  confirmed: [],
  pending: [],
  permanent: [],
  monitorBytes: [0x04, 0, 0],
};
const ascii = (letters: string) => [...Buffer.from(letters)];
const VIN = "LFV3A23C2J3000051";

/** A plug-in hybrid: an engine unit with OBD and UDS, a gearbox that takes its time, a battery unit with ninety-six cells, one unit behind a secure gateway. */
const HYBRID: SimulatedCar = {
  vin: VIN,
  ecus: [
    {
      ...SOUND,
      requestId: 0x7e0,
      name: "ECM-EngineControl",
      confirmed: ["P0299", "P0420"],
      pending: ["P0171"],
      permanent: ["P0420"],
      freezeFrame: { loadPercent: 40, coolantC: 88, rpm: 2150, kmh: 61 },
      monitorBytes: [0x07, 0xe5, 0x01],
      uds: {
        faults: [
          { code: "P0299-00", status: 0x2f, snapshot: [{ identifier: 0xf40c, data: [0x21, 0x98] }] },
          { code: "P0420-00", status: 0x0a },
        ],
        data: { 61831: ascii("06K906016"), 61840: ascii(VIN), 61845: ascii("0042") },
      },
    },
    {
      ...SOUND,
      requestId: 0x7e1,
      name: "TCM-TransmisCtrl",
      uds: { faults: [{ code: "U0100-87", status: 0x08 }], data: { 61831: ascii("0GC300013") }, announces: 1 },
    },
    {
      ...SOUND,
      requestId: 0x7e4,
      name: "BECM-B+EnergyCtrl",
      uds: {
        only: true,
        faults: [{ code: "P0A7E-00", status: 0x09 }],
        // Cell voltages in fiftieths of a volt: an answer of 99 bytes in fifteen frames.
        data: { 258: Array.from({ length: 96 }, (_, cell) => 185 + (cell % 3)), 61831: ascii("5QE915591") },
      },
    },
    { ...SOUND, requestId: 0x7e6, name: "gateway", uds: { only: true, faults: [], data: {}, locked: true } },
  ],
};

/** The same car without a chip in between. */
function bareCar(): CarConversation {
  const bus = new CarOnBus(HYBRID);
  const free = { approve: () => undefined, approveGroup: () => undefined, withdraw: () => undefined };
  const link: CarLink = new CarLink(free, {
    send: ({ id, data }) => {
      for (const { afterMs, ...answer } of bus.receive({ id, data: [...data] })) {
        const frame = { id: answer.id, extended: false, data: Uint8Array.from(answer.data) };
        setTimeout(() => link.receive(frame), afterMs);
      }
    },
  });
  return link;
}

async function scanned(car: CarConversation) {
  // Units that know UDS only do not hear questions to all.
  const addresses = [0x7e4, 0x7e6].map((requestId) => ({ requestId, extended: false }));
  const wishes = { addresses, sweep: false, monitorResults: false, memory: new CarMemory(), now: () => 0 };
  return scanCar(new BoundedCar(car, 60_000), wishes);
}

describe("a scan through an ELM327", () => {
  // Each waits most of the time for timers of its chip.
  it.concurrent.each(["genuine-2.3", "clone-1.5", "clone-2.1", "wican"] as ElmPersonalityName[])(
    "%s: finds what a scan over raw frames finds",
    async (personality) => {
      const dongle = new ElmDongle({ personality });
      dongle.plugInto(HYBRID);
      const served = await serveTcp(dongle);
      const trial = tryAdapter(elm327, { address: served.address });
      try {
        trial.adapter.start();
        await until(() => trial.statuses.at(-1)?.state === "online", "the dongle online");
        const [throughChip, overFrames] = await Promise.all([scanned(trial.car), scanned(bareCar())]);
        expect(throughChip).toEqual(overFrames);
        expect(throughChip.vin).toBe(VIN);
        expect(throughChip.ecus.map(({ address, reach }) => `${address} ${reach ?? "answered"}`)).toEqual([
          "7E8 answered",
          "7E9 answered",
          "7EC answered",
          "7EE secure-gateway",
        ]);
      } finally {
        trial.stop();
        await served.close();
      }
    },
    90_000,
  );
});
