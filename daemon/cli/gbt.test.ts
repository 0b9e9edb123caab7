import { describe, expect, it } from "vitest";
import { encodePacket, packetOf } from "../../vehicle-protocols/gbt32960/index.ts";
import { REPORT_2016 } from "../../vehicle-protocols/gbt32960/own-packets.fixture.ts";
import { toHex } from "../../vehicle-protocols/index.ts";
import { jsonLines, spawnBaygate } from "./run-baygate.fixture.ts";

const VIN = "LGXC16DF0A0000001";

describe("baygate gbt decode", { timeout: 120_000 }, () => {
  it("reads packets over line ends, with their values in the vocabulary's words and alarms in the asked language", async () => {
    const report = toHex(encodePacket(packetOf(VIN, 2016, { kind: "report", value: REPORT_2016 })));
    const heartbeat = packetOf(VIN, 2016, { kind: "heartbeat" });
    const encrypted = { ...heartbeat, command: 2, encryption: 3, data: Uint8Array.of(1, 2) };
    const input = [
      report.slice(0, 20),
      `${report.slice(20)} 23 23`,
      "nothing",
      toHex(encodePacket(heartbeat)),
      toHex(encodePacket(encrypted)),
    ];
    const { code, out } = await spawnBaygate(["gbt", "decode", "--lang", "zh-CN"], input.join("\r\n"));
    expect(jsonLines(out)).toEqual([
      { packets: [], skipped: 0 },
      {
        packets: [
          {
            edition: 2016,
            vin: VIN,
            kind: "report",
            at: Date.UTC(2026, 2, 3, 21, 6, 7),
            values: expect.objectContaining({ "pack-voltage": 381.1, "cell-voltage.1": 4.139 }),
            alarms: [{ word: "temperature-spread", title: "电池温差过大" }],
            blocks: expect.arrayContaining([{ kind: "custom", type: 0x80, value: "010203" }]),
          },
        ],
        skipped: 0,
      },
      { error: expect.objectContaining({ code: "GBT_LINE_INVALID" }) },
      { packets: [{ edition: 2016, vin: VIN, kind: "heartbeat" }], skipped: 2 },
      {
        packets: [
          { edition: 2016, vin: VIN, kind: "encrypted", command: 2, response: 254, encryption: 3, bytes: "0102" },
        ],
        skipped: 0,
      },
    ]);
    expect(code).toBe(1);
  });
});
