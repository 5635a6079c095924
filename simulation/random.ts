/** Seeded randomness: the same seed plays the same scenario, on every machine. */
export type Random = () => number;

/** A generator of its own for each name, so that adding a caller does not shift the numbers of the others. */
export function seededRandom(seed: number, name = ''): Random {
  let hash = 2166136261 ^ seed;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
  let state = (hash ^ (hash >>> 15)) >>> 0;
  // splitmix32: full period over 32 bits, plenty for one scenario.
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
}

export function between(random: Random, low: number, high: number): number {
  return low + random() * (high - low);
}

/** Waiting time of a Poisson process. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Skewed to the right as service times are: half below `median`, about one in six above `median * e^sigma`. */
export function lognormal(random: Random, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

const HEX = '0123456789abcdef';

export function guid(random: Random): string {
  const hex = (length: number) => {
    let digits = '';
    for (let digit = 0; digit < length; digit += 1) digits += HEX.charAt(Math.floor(random() * 16));
    return digits;
  };
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}

/** Every byte in two digits: to look up a pair is several times quicker than to format a number and fill it up. */
const PAIRS = Array.from({ length: 256 }, (_, byte) => `${HEX.charAt(byte >> 4)}${HEX.charAt(byte & 15)}`);

/** As `guid`, from four numbers instead of one for each digit: for what is made by the ten thousand. */
export function quickGuid(random: Random): string {
  const pair = (byte: number) => PAIRS[byte & 255] ?? '';
  const hex = () => {
    const bits = Math.floor(random() * 4294967296);
    return pair(bits >>> 24) + pair(bits >>> 16) + pair(bits >>> 8) + pair(bits);
  };
  const [a, b, c, d] = [hex(), hex(), hex(), hex()];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** Evenly spread over orders of magnitude: as many draws between 10 and 100 as between 100 and 1,000. */
export function logarithmic(random: Random, low: number, high: number): number {
  return low * (high / low) ** random();
}

/** A whole number from `low` to `high`, both included. */
export function whole(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** One of a list that is not empty. */
export function pick<T>(random: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random() * from.length)] ?? from[0];
}
