import { describe, expect, test } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import { firstWorking, NoProviderError, PROVIDERS, type Provider } from "./providers.ts";
import { pauseBeforeStart } from "./worker/back-off.ts";

/** A machine on which only some providers work. */
function machineWith(...working: readonly Provider[]) {
  const tried: Provider[] = [];
  const open = async (provider: Provider) => {
    tried.push(provider);
    if (!working.includes(provider)) throw new Error(`no ${provider} here\nat some place`);
    return `session on ${provider}`;
  };
  return { tried, open };
}

describe("the choice of a provider", () => {
  test("takes the first that works and keeps why the others did not", async () => {
    const { tried, open } = machineWith("cuda", "cpu");
    expect(await firstWorking(PROVIDERS, open)).toEqual({
      session: "session on cuda",
      provider: "cuda",
      refused: [{ provider: "tensorrt", reason: "no tensorrt here" }],
    });
    expect(tried).toEqual(["tensorrt", "cuda"]);
  });

  test("follows the configured order", async () => {
    const { tried, open } = machineWith("cuda", "cpu");
    expect((await firstWorking(["cpu", "cuda"], open)).provider).toBe("cpu");
    expect(tried).toEqual(["cpu"]);
  });

  test("says every reason when none works", async () => {
    const { open } = machineWith();
    const error = await firstWorking(["cuda", "cpu"], open).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NoProviderError);
    expect(error).toMatchObject({ code: "MODEL_NO_PROVIDER", refused: [{ provider: "cuda" }, { provider: "cpu" }] });
  });

  test("does not blame a provider for a model that contradicts its card", async () => {
    const open = async () => {
      throw new GatewayError("MODEL_SHAPE_MISMATCH");
    };
    await expect(firstWorking(PROVIDERS, open)).rejects.toMatchObject({ code: "MODEL_SHAPE_MISMATCH" });
  });
});

describe("the pause before a start", () => {
  test("doubles with each failure up to half a minute, and jitter shortens it by at most half", () => {
    expect([1, 2, 3, 4].map((failures) => pauseBeforeStart(failures, 0))).toEqual([250, 500, 1000, 2000]);
    expect(pauseBeforeStart(50, 0)).toBe(30_000);
    expect(pauseBeforeStart(3, 1)).toBe(500);
  });
});
