import { useQuery } from "@tanstack/react-query";
import { call, ApiError } from "../../api/client.ts";
import type { Profile } from "./spec.ts";

/** The version of a profile that is active now; the API gives it in its list. */
export function useActiveProfile(name: string) {
  return useQuery<Profile>({
    queryKey: ["profiles.list", "active", name],
    async queryFn({ signal }) {
      for (let cursor: string | undefined; ; ) {
        const query = { limit: 100, ...(cursor !== undefined && { cursor }) };
        const page = await call("profiles.list", { query, signal });
        const found = page.items.find((profile) => profile.name === name);
        if (found !== undefined) return found;
        if (page.next_cursor === null) break;
        cursor = page.next_cursor;
      }
      throw new ApiError(404, {
        type: "urn:trstctl:problem:not_found",
        title: "Not Found",
        status: 404,
        code: "not_found",
        detail: `There is no profile ${name}.`,
      });
    },
  });
}
