import { describe, expect, it } from "vitest";
import { Failure, failureCodes } from "#shared/kernel/failure";
import { failureInfoBits } from "#shared/pki/cmp/status";
import { meaning, refuse, refusedBy } from "./refusal.ts";

describe("refusals", () => {
  it.each(failureCodes)("%s has one bit of PKIFailureInfo and a sentence", (code) => {
    const { info, decision } = refusedBy(new Failure(code, "what went wrong"));
    expect(info.status).toBe("rejection");
    expect(info.failInfo.map((name) => failureInfoBits[name])).toEqual([expect.any(Number)]);
    expect(info.text).toBe(decision === "error" ? "internal error; try again later" : "what went wrong");
  });

  it("the bit of RFC 9810 5.2.3, whatever the code", () => {
    expect(refusedBy(refuse("badPOP", "no proof"))).toMatchObject({ info: { failInfo: ["badPOP"] }, decision: "deny" });
    const foreign = new Failure("unprocessable", "no", { extensions: { failInfo: "constructor" } });
    expect(refusedBy(foreign).info.failInfo).toEqual(["badCertTemplate"]);
  });

  it("defects say nothing of themselves", () => {
    const { info, decision } = refusedBy(new TypeError("secret at 0x1234"));
    expect(info).toEqual({ status: "rejection", text: "internal error; try again later", failInfo: ["systemFailure"] });
    expect(decision).toBe("error");
  });

  it("a meaning is put on what is wrong with the request, and on nothing else", async () => {
    const failing = (code: "malformed" | "unavailable") => () => Promise.reject(new Failure(code, "x"));
    await expect(meaning("badAlg", failing("malformed"))).rejects.toMatchObject({ extensions: { failInfo: "badAlg" } });
    await expect(meaning("badAlg", failing("unavailable"))).rejects.toMatchObject({ code: "unavailable" });
    expect(await meaning("badAlg", () => 1)).toBe(1);
  });
});
