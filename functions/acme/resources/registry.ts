/** Every resource by its first path segment below the endpoint, one line each; another path is 404, another method 405. */
import type { Resource } from "../resource.ts";
import { account } from "./account.ts";
import { authorization } from "./authorization.ts";
import { certificate } from "./certificate.ts";
import { challenge } from "./challenge.ts";
import { directory } from "./directory.ts";
import { finalize } from "./finalize.ts";
import { keyChange } from "./key-change.ts";
import { newAccount } from "./new-account.ts";
import { newAuthz } from "./new-authz.ts";
import { newNonce } from "./new-nonce.ts";
import { newOrder } from "./new-order.ts";
import { order } from "./order.ts";
import { orders } from "./orders.ts";
import { renewalInfo } from "./renewal-info.ts";
import { revokeCert } from "./revoke-cert.ts";

export const resources: Readonly<Record<string, Resource>> = {
  directory: { name: "directory", ids: 0, method: "GET", run: directory },
  "new-nonce": { name: "newNonce", ids: 0, method: "GET", run: newNonce },
  "new-account": { name: "newAccount", ids: 0, method: "POST", by: "key", run: newAccount },
  "new-order": { name: "newOrder", ids: 0, method: "POST", by: "account", run: newOrder },
  "new-authz": { name: "newAuthz", ids: 0, method: "POST", by: "account", run: newAuthz },
  "key-change": { name: "keyChange", ids: 0, method: "POST", by: "account", run: keyChange },
  "revoke-cert": { name: "revokeCert", ids: 0, method: "POST", by: "either", run: revokeCert },
  "renewal-info": { name: "renewalInfo", ids: 1, method: "GET", run: renewalInfo },
  acct: { name: "account", ids: 1, method: "POST", by: "account", run: account },
  orders: { name: "orders", ids: 1, method: "POST", by: "account", run: orders },
  order: { name: "order", ids: 1, method: "POST", by: "account", run: order },
  finalize: { name: "finalize", ids: 1, method: "POST", by: "account", run: finalize },
  authz: { name: "authorization", ids: 1, method: "POST", by: "account", run: authorization },
  chall: { name: "challenge", ids: 2, method: "POST", by: "account", run: challenge },
  cert: { name: "certificate", ids: 1, method: "POST", by: "account", run: certificate },
};
