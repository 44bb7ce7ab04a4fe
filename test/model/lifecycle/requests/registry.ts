/** Every request that changes something; one line each. */
import { mintToken, offboard, putMember, revokeToken } from "./access.ts";
import { issue, revoke } from "./certificates.ts";
import { createIdentity, moveIdentity } from "./identities.ts";
import { createIssuer, retireIssuer } from "./issuers.ts";
import { createOwner, deleteOwner, updateOwner } from "./owners.ts";

export const makers = {
  createOwner,
  updateOwner,
  deleteOwner,
  createIdentity,
  moveIdentity,
  issue,
  revoke,
  createIssuer,
  retireIssuer,
  putMember,
  offboard,
  mintToken,
  revokeToken,
} as const;
