/**
 * A token that we are logged in to, and sessions on it: each does one thing at a time. When the token goes away all of
 * them are dropped, and the next caller logs in again; a PIN that was refused is never tried twice, for tokens count.
 */
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { utf8Text } from "#shared/kernel/bytes";
import { CKF, CKR, CKU, codeOf, type Cryptoki, type Handle, initialize, loadCryptoki } from "./cryptoki.ts";

export interface TokenSettings {
  /** Path of the vendor's library. */
  readonly module: string;
  /** CKA label of the token. */
  readonly label: string;
  /** Held as long as the signer runs, for the next login; the addon takes it as a string, for that moment. */
  readonly pin: SecretBytes;
}

/** @param login counts them: object handles are those of one */
export type Work<T> = (cryptoki: Cryptoki, session: Handle, login: number) => Promise<T>;

export interface Token {
  readonly label: string;
  /** What it can do (CKM values). @throws Failure as `use` */
  mechanisms(): Promise<ReadonlySet<number>>;
  /**
   * Runs on a session of its own, once more on a new one when the token had gone away.
   * @throws Failure `unavailable`, `misconfigured`, or the token's own error
   */
  use<T>(work: Work<T>): Promise<T>;
}

/** After these nothing that was open is there any more. */
const gone: ReadonlySet<number> = new Set([
  CKR.SESSION_CLOSED,
  CKR.SESSION_HANDLE_INVALID,
  CKR.KEY_HANDLE_INVALID,
  CKR.OBJECT_HANDLE_INVALID,
  CKR.USER_NOT_LOGGED_IN,
  CKR.TOKEN_NOT_PRESENT,
  CKR.TOKEN_NOT_RECOGNIZED,
  CKR.SLOT_ID_INVALID,
  CKR.DEVICE_REMOVED,
  CKR.DEVICE_ERROR,
  CKR.CRYPTOKI_NOT_INITIALIZED,
]);

const pinRefused: ReadonlySet<number> = new Set([
  CKR.PIN_INCORRECT,
  CKR.PIN_INVALID,
  CKR.PIN_LEN_RANGE,
  CKR.PIN_EXPIRED,
  CKR.PIN_LOCKED,
  CKR.USER_PIN_NOT_INITIALIZED,
]);

/** Labels are padded with blanks (CK_TOKEN_INFO). */
const trimmed = (label: string): string => label.replace(/[ \0]+$/, "");

interface Connection {
  readonly slot: Handle;
  readonly login: number;
  readonly idle: Handle[];
}

export function openToken({ module: path, label, pin }: TokenSettings): Token {
  const cryptoki = loadCryptoki(path);
  let connection: Connection | undefined;
  let refused: Failure | undefined;
  let inUse = 0;
  let logins = 0;

  function slotOf(): Handle {
    const labels: string[] = [];
    for (const slot of cryptoki.C_GetSlotList(true)) {
      const info = trimmed(cryptoki.C_GetTokenInfo(slot).label);
      if (info === label) return slot;
      if (info !== "") labels.push(JSON.stringify(info));
    }
    throw new Failure(
      "unavailable",
      `there is no PKCS#11 token ${JSON.stringify(label)} (${labels.length === 0 ? "there is none" : `there are ${labels.join(", ")}`}); connect it, or set TRSTCTL_PKCS11_TOKEN to its label`,
      { retryAfter: 5 },
    );
  }

  function login(session: Handle): void {
    if (refused !== undefined) throw refused;
    try {
      cryptoki.C_Login(session, CKU.USER, utf8Text(pin.reveal()));
    } catch (error) {
      const code = codeOf(error);
      if (code === CKR.USER_ALREADY_LOGGED_IN) return;
      if (code === undefined || !pinRefused.has(code)) throw error;
      refused = new Failure(
        "misconfigured",
        `token ${JSON.stringify(label)} refuses the PIN (${error instanceof Error ? error.message : code}), and is not asked again before the next start; put the right one into TRSTCTL_PKCS11_PIN_FILE, or have it unlocked`,
      );
      throw refused;
    }
  }

  function connect(): Connection {
    const slot = slotOf();
    // Never closed, so that the login lasts: it ends with the last session.
    const anchor = cryptoki.C_OpenSession(slot, CKF.SERIAL_SESSION | CKF.RW_SESSION);
    try {
      login(anchor);
    } catch (error) {
      cryptoki.C_CloseSession(anchor);
      throw error;
    }
    return { slot, login: ++logins, idle: [] };
  }

  /** Some modules see a token that came back only when they are initialised anew, which nobody may be using them for. */
  function connectAnew(): Connection {
    try {
      return connect();
    } catch (error) {
      const code = codeOf(error);
      const away = error instanceof Failure ? error.code === "unavailable" : code !== undefined && gone.has(code);
      if (!away || inUse > 1) throw error;
      attempt(() => cryptoki.C_Finalize());
      initialize(cryptoki);
      return connect();
    }
  }

  function connected(): Connection {
    try {
      connection ??= connectAnew();
      return connection;
    } catch (error) {
      throw troubled(error);
    }
  }

  const troubled = (error: unknown): unknown => {
    const code = codeOf(error);
    if (error instanceof Failure || code === undefined) return error;
    return new Failure(
      "unavailable",
      `token ${JSON.stringify(label)} answers ${error instanceof Error ? error.message : code}; try again, and look at the token if it stays so`,
      { retryAfter: 5, cause: error },
    );
  };

  function drop(lost: Connection): void {
    if (connection === lost) connection = undefined;
    attempt(() => cryptoki.C_CloseAllSessions(lost.slot));
  }

  async function once<T>(work: Work<T>): Promise<T> {
    const current = connected();
    const session = current.idle.pop() ?? cryptoki.C_OpenSession(current.slot, CKF.SERIAL_SESSION | CKF.RW_SESSION);
    try {
      const result = await work(cryptoki, session, current.login);
      if (connection === current) current.idle.push(session);
      return result;
    } catch (error) {
      // Whatever was begun on it may still be open.
      attempt(() => cryptoki.C_CloseSession(session));
      const code = codeOf(error);
      if (code !== undefined && gone.has(code)) drop(current);
      throw error;
    }
  }

  async function use<T>(work: Work<T>): Promise<T> {
    inUse++;
    try {
      try {
        return await once(work);
      } catch (error) {
        const code = codeOf(error);
        if (code === undefined || !gone.has(code)) throw error;
        return await once(work);
      }
    } catch (error) {
      throw troubled(error);
    } finally {
      inUse--;
    }
  }

  return {
    label,
    use,
    mechanisms: () => use(async () => new Set(cryptoki.C_GetMechanismList(connected().slot))),
  };
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // it is gone already
  }
}
