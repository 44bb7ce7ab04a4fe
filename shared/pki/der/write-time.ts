/** Times of certificates, CRLs and OCSP; fractions of a second are cut off (RFC 5280 4.1.2.5). */

const pair = (out: Uint8Array, at: number, value: number): void => {
  const tens = (value / 10) | 0;
  out[at] = 0x30 + tens;
  out[at + 1] = 0x30 + value - tens * 10;
};

function write(tag: number, date: Date, year: number): Uint8Array {
  const yearDigits = tag === 0x17 ? 2 : 4;
  const out = new Uint8Array(2 + yearDigits + 11);
  out[0] = tag;
  out[1] = yearDigits + 11;
  let at = 2;
  if (yearDigits === 4) {
    pair(out, at, (year / 100) | 0);
    at += 2;
  }
  pair(out, at, year % 100);
  pair(out, at + 2, date.getUTCMonth() + 1);
  pair(out, at + 4, date.getUTCDate());
  pair(out, at + 6, date.getUTCHours());
  pair(out, at + 8, date.getUTCMinutes());
  pair(out, at + 10, date.getUTCSeconds());
  out[at + 12] = 0x5a;
  return out;
}

function dated(ms: number): { date: Date; year: number } {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new TypeError(`time: expected milliseconds of a year 0 to 9999, got ${ms}`);
  return { date, year };
}

/** UTCTime for 1950 to 2049, GeneralizedTime outside. @param ms milliseconds since 1970 */
export function utcOrGeneralizedTime(ms: number): Uint8Array {
  const { date, year } = dated(ms);
  return write(year >= 1950 && year < 2050 ? 0x17 : 0x18, date, year);
}

export function generalizedTime(ms: number): Uint8Array {
  const { date, year } = dated(ms);
  return write(0x18, date, year);
}
