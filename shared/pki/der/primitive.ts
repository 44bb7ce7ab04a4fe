/** Rules that X.690 puts on the content of universal primitive types, checked once while the tree is walked. */

type Fail = (at: number, detail: string) => never;

const integer = (bytes: Uint8Array, at: number, stop: number, fail: Fail): void => {
  if (stop === at) fail(at, "empty INTEGER");
  const first = bytes[at] as number;
  if (stop - at > 1 && (first === 0 || first === 0xff) && first >> 7 === (bytes[at + 1] as number) >> 7)
    fail(at, "INTEGER is not minimal");
};

const oid = (bytes: Uint8Array, at: number, stop: number, fail: Fail): void => {
  if (stop === at) fail(at, "empty OBJECT IDENTIFIER");
  if (stop - at > 64) fail(at, "OBJECT IDENTIFIER longer than 64 octets");
  if ((bytes[stop - 1] as number) >= 0x80) fail(at, "OBJECT IDENTIFIER ends within an arc");
  for (let i = at; i < stop; i++)
    if (bytes[i] === 0x80 && (i === at || (bytes[i - 1] as number) < 0x80))
      fail(i, "OBJECT IDENTIFIER arc is not minimal");
};

const bitString = (bytes: Uint8Array, at: number, stop: number, fail: Fail): void => {
  if (stop === at) fail(at, "empty BIT STRING");
  const unused = bytes[at] as number;
  if (unused > 7 || (stop - at === 1 && unused !== 0)) fail(at, `BIT STRING with ${unused} unused bits`);
  if (unused > 0 && ((bytes[stop - 1] as number) & ((1 << unused) - 1)) !== 0)
    fail(at, "BIT STRING unused bits are not zero");
};

/** X.690 8.2, 8.3, 8.6, 8.8, 8.19, 8.23, 11.1, 11.2. Context tags hide their type; their readers check them. */
export function checkPrimitive(tag: number, bytes: Uint8Array, at: number, stop: number, fail: Fail): void {
  switch (tag) {
    case 0x01:
      if (stop - at !== 1 || (bytes[at] !== 0x00 && bytes[at] !== 0xff)) fail(at, "BOOLEAN is neither 00 nor FF");
      return;
    case 0x02:
    case 0x0a:
      return integer(bytes, at, stop, fail);
    case 0x03:
      return bitString(bytes, at, stop, fail);
    case 0x05:
      if (stop !== at) fail(at, "NULL with content");
      return;
    case 0x1c:
      if ((stop - at) % 4 !== 0) fail(at, "UniversalString that is not of whole characters");
      return;
    case 0x1e:
      if ((stop - at) % 2 !== 0) fail(at, "BMPString that is not of whole characters");
      return;
    case 0x06:
      return oid(bytes, at, stop, fail);
    case 0x07: // ObjectDescriptor
    case 0x08: // EXTERNAL
    case 0x09: // REAL
    case 0x0b: // EMBEDDED PDV
    case 0x0d: // RELATIVE-OID
    case 0x0e: // TIME
    case 0x0f: // reserved
      fail(at, `universal tag ${tag} has no place in what is read here`);
    case 0x00:
    case 0x10:
    case 0x11:
      fail(at, "end-of-contents, or a primitive SEQUENCE or SET");
  }
}
