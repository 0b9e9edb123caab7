import { describe, expect, it } from "vitest";
import { knownPids, pidSignals } from "../../vehicle-protocols/index.ts";
import { inChinese } from "./j1979-words.ts";
import { nameOfAcronym, wordsOf } from "./words.ts";

describe("the words for a value", () => {
  it("are the vocabulary's, also for one of many", () => {
    expect(wordsOf("engine-speed")).toMatchObject({ label: { en: "Engine speed" }, unit: "rpm", group: "engine" });
    expect(wordsOf("cell-voltage.7")).toMatchObject({
      label: { en: "Cell voltage 7", "zh-CN": "单体电压 7" },
      digits: 3,
    });
    expect(wordsOf("tyre-pressure.front-left").label).toEqual({ en: "Tyre pressure front left", "zh-CN": "胎压 左前" });
  });

  it("are those of SAE J1979 for what the vocabulary does not name", () => {
    expect(wordsOf("CATEMP21").label).toEqual({
      en: "Catalyst temperature, bank 2 sensor 1",
      "zh-CN": "催化器温度 2排 传感器1",
    });
    expect(wordsOf("EGR_A_ERR").label["zh-CN"]).toBe("EGR A 偏差");
    expect(wordsOf("LAMBDA").unit).toBe("");
  });

  it("are the firmware's own where nobody here knows the name, whatever the name is", () => {
    for (const name of ["WhiskyLevel", "constructor", "__proto__", "", "."])
      expect(wordsOf(name, "l")).toMatchObject({ label: { en: name, "zh-CN": name }, unit: "l", group: "other" });
  });

  it("are Chinese for every standard value, with its numbers in place", () => {
    for (const pid of knownPids()) {
      for (const { id, name } of pidSignals(pid)) {
        const chinese = inChinese(name);
        expect([id, chinese]).not.toEqual([id, name]);
        expect(chinese).toMatch(/\p{Script=Han}/u);
        expect(chinese).not.toMatch(/[#@]|undefined/);
        const numbers = (text: string) => text.match(/\d+/g)?.join() ?? "";
        if (/\d/.test(name)) expect([id, numbers(chinese)]).toEqual([id, numbers(name)]);
      }
    }
  });

  it("call a standard value by the vocabulary's name where it means the same", () => {
    expect(nameOfAcronym("RPM")).toBe("engine-speed");
    expect(nameOfAcronym("LAMBDA")).toBe("LAMBDA");
  });
});
