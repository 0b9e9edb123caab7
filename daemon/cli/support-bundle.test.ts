import { describe, expect, it } from "vitest";
import { redact } from "./support-bundle.ts";

describe("the configuration in a support bundle", () => {
  it("loses the value of every key that sounds like a secret, and keeps names of files", () => {
    const yaml = [
      "broker:",
      "  password: hunter2",
      "  - token: abc",
      "headquarters:",
      "  claimCodeFile: /etc/claim",
      "  url: https://hq",
    ].join("\n");
    expect(redact(yaml)).toBe(
      [
        "broker:",
        "  password: [removed]",
        "  - token: [removed]",
        "headquarters:",
        "  claimCodeFile: /etc/claim",
        "  url: https://hq",
      ].join("\n"),
    );
  });

  it("says nothing of a file that is not there", () => {
    expect(redact(null)).toBeNull();
  });
});
