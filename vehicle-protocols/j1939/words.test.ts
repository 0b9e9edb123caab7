import { expect, test } from "vitest";
import { describeController } from "./controllers.ts";
import { describeFailureMode } from "./failure-modes.ts";
import { describeParameter } from "./parameters.ts";
import { ENGINE_PARAMETERS } from "./parameters-engine.ts";
import { VEHICLE_PARAMETERS } from "./parameters-vehicle.ts";

const PARAMETERS = [...ENGINE_PARAMETERS, ...VEHICLE_PARAMETERS];

test("the parameters that vans and trucks show have a name in both languages, each number once", () => {
  expect(PARAMETERS.length).toBeGreaterThan(150);
  expect(new Set(PARAMETERS.map(([spn]) => spn)).size).toBe(PARAMETERS.length);
  for (const [spn, en, zh] of PARAMETERS) {
    expect(en, String(spn)).toMatch(/^[\x20-\x7e]+$/);
    expect(zh, String(spn)).toMatch(/[\u4e00-\u9fff]|ABS|SCR/);
  }
  expect(describeParameter(100)).toEqual({ en: "Engine oil pressure", "zh-CN": "机油压力" });
  expect(describeParameter(3364)["zh-CN"]).toBe("尿素品质");
});

test("a parameter without a name is shown as what it is", () => {
  expect(describeParameter(2003).en).toBe("Messages of: Transmission");
  expect(describeParameter(2255).en).toBe("Messages of: All controllers");
  expect(describeParameter(7777).en).toBe("Parameter 7777");
  expect(describeParameter(520_200)["zh-CN"]).toBe("厂家自定义参数 520200");
});

test("every failure mode has words, the reserved ones say so", () => {
  for (let fmi = 0; fmi <= 31; fmi++) expect(describeFailureMode(fmi)["zh-CN"]).not.toBe("");
  expect(describeFailureMode(3).en).toContain("short to supply");
  expect(describeFailureMode(25).en).toContain("reserved");
});

test("controllers are named by their usual address", () => {
  expect(describeController(0)).toEqual({ en: "Engine 1", "zh-CN": "发动机 1" });
  expect(describeController(200).en).toBe("Controller 200");
});
