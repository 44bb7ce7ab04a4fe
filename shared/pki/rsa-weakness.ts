/** RSA moduli that somebody can factor (CA/B BR 6.1.1.3, 6.1.6). */

function primesBelow(limit: number): number[] {
  const composite = new Uint8Array(limit);
  const primes: number[] = [];
  for (let n = 2; n < limit; n++) {
    if (composite[n] === 1) continue;
    primes.push(n);
    for (let multiple = n * n; multiple < limit; multiple += n) composite[multiple] = 1;
  }
  return primes;
}

const oddPrimes = primesBelow(752).slice(1);

/** One division of the large number for as many primes as a double holds the product of. */
const batches: readonly { readonly product: bigint; readonly primes: readonly number[] }[] = (() => {
  const out: { product: bigint; primes: number[] }[] = [];
  let product = 1;
  let primes: number[] = [];
  for (const prime of oddPrimes) {
    if (product * prime > Number.MAX_SAFE_INTEGER) {
      out.push({ product: BigInt(product), primes });
      product = 1;
      primes = [];
    }
    product *= prime;
    primes.push(prime);
  }
  out.push({ product: BigInt(product), primes });
  return out;
})();

/** @returns an odd prime below 752 that divides it, or 2 */
export function smallFactor(modulus: bigint): number | undefined {
  if ((modulus & 1n) === 0n) return 2;
  for (const { product, primes } of batches) {
    const rest = Number(modulus % product);
    for (const prime of primes) if (rest % prime === 0) return prime;
  }
  return undefined;
}

/** For each prime the residues that powers of 65537 have. */
const rocaResidues: readonly (readonly [prime: bigint, residues: ReadonlySet<number>])[] = oddPrimes
  .filter((prime) => prime >= 11 && prime <= 167)
  .map((prime) => {
    const residues = new Set<number>();
    for (let value = 1; !residues.has(value); value = (value * 65_537) % prime) residues.add(value);
    return [BigInt(prime), residues] as const;
  })
  // Where every residue is one, nothing is learnt.
  .filter(([prime, residues]) => residues.size < Number(prime) - 1);

/** CVE-2017-15361: the modulus is a power of 65537 modulo every small prime; another has that by chance once in 2^27. */
export const hasRocaForm = (modulus: bigint): boolean =>
  rocaResidues.every(([prime, residues]) => residues.has(Number(modulus % prime)));

function squareRoot(n: bigint): bigint {
  let x = 1n << BigInt((n.toString(16).length * 4 + 1) >> 1);
  for (let next = (x + n / x) >> 1n; next < x; next = (x + n / x) >> 1n) x = next;
  return x;
}

const rounds = 100;
/** Squares end in few ways: most others are told by their last six bits. */
const squareEnds: ReadonlySet<number> = new Set(Array.from({ length: 64 }, (_, n) => (n * n) % 64));

/** 100 rounds of Fermat's factorisation find the primes. */
export function hasClosePrimes(modulus: bigint): boolean {
  let a = squareRoot(modulus);
  if (a * a < modulus) a++;
  let difference = a * a - modulus;
  for (let round = 0; round < rounds; round++) {
    if (squareEnds.has(Number(difference & 63n)) && squareRoot(difference) ** 2n === difference) return true;
    difference += 2n * a + 1n;
    a++;
  }
  return false;
}
