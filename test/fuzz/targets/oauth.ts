/** Forms that anybody may send to the device grant. */
import { oauthErrorAnswer, OAuthError, readForm } from "#functions/sign-in/oauth";
import { deviceClientId, deviceGrantType } from "#shared/contracts/device-grant";
import { utf8 } from "#shared/kernel/bytes";
import { shownUserCode, userCodeOf } from "#shared/usecases/user-code";
import { holds, type Target } from "../target.ts";

export const form: Target = {
  async run(input) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const request = new Request("https://localhost/auth/device", {
      method: "POST",
      headers,
      body: new Uint8Array(input),
    });
    let read: Readonly<Record<string, string>>;
    try {
      read = await readForm(request);
    } catch (error) {
      const { body, status } = oauthErrorAnswer(error);
      holds(status >= 400 && /^[\x20-\x7e]+$/.test(String(body)), "a refusal that is none");
      if (error instanceof OAuthError) return;
      throw error;
    }
    const again = new URLSearchParams(read);
    holds(
      Object.entries(read).every(([name, value]) => value !== "" && again.get(name) === value),
      "read otherwise",
    );
    const code = userCodeOf(read["user_code"] ?? "");
    holds(code === undefined || userCodeOf(shownUserCode(code)) === code, "a code that is another when it is shown");
  },
  refusals: ["too_large"],
  seeds: () => [
    utf8(`client_id=${deviceClientId}&scope=certs%3Aread+owners%3Aread&client_name=a`),
    utf8(`client_id=${deviceClientId}&grant_type=${encodeURIComponent(deviceGrantType)}&device_code=x`),
    utf8("user_code=wdjb-mjht"),
  ],
  dictionary: ["&", "=", "%", "+", "client_id", "device_code", "user_code", "WDJBMJHT"],
};
