/** This deployment as its users reach it, and nothing else: how the canary asks. */
export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface Told {
  readonly status: number;
  readonly body: Uint8Array;
}

export interface FrontDoor {
  /**
   * No redirect is followed, nothing is tried again; the answer is capped in size and time.
   * @param url absolute, or `api:` and a path below the public URL
   * @throws Failure `forbidden` for any other origin than the deployment's own, `unavailable` when nothing comes
   */
  ask(method: "GET" | "POST", url: string, asking?: Asking): Promise<Told>;
}
