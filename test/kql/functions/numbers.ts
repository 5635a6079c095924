import { createHash } from 'node:crypto';
import { KqlError } from '../error.ts';
import { cast, commonType, computed, type Expression, type ScalarFunction, strict } from '../expression.ts';
import { binDatetime } from '../time.ts';
import { compareValues, exact, isWhole, type Type, type Value } from '../values.ts';

function ofNumbers(type: Type, compute: (...numbers: number[]) => Value): ScalarFunction {
  return (args) => strict(type, args, (values) => compute(...values.map(Number)));
}

function typeOf(expression: Expression | undefined): Type {
  if (expression === undefined) throw new KqlError('an argument is missing');
  return expression.type;
}

/** `bin(value, size)`: null where the size is not above zero. */
const bin: ScalarFunction = ([value, size]) => {
  if (value === undefined || size === undefined) throw new KqlError('bin takes a value and a size');
  const type = isWhole(value.type) && isWhole(size.type) ? 'long' : isWhole(value.type) ? 'real' : value.type;
  return strict(type, [value, size], ([at, width]) => {
    const [number, each] = [Number(at), Number(width)];
    if (each <= 0) return null;
    return type === 'datetime' ? binDatetime(number, each) : exactIf(type, Math.floor(number / each) * each);
  });
};

const binAt: ScalarFunction = ([value, size, fixed]) => {
  if (value === undefined || size === undefined || fixed === undefined) throw new KqlError('bin_at takes three values');
  const type = commonBin(value.type, size.type);
  return strict(type, [value, size, fixed], ([at, width, point]) => {
    const [number, each, from] = [Number(at), Number(width), Number(point)];
    return each <= 0 ? null : exactIf(type, from + Math.floor((number - from) / each) * each);
  });
};

function commonBin(value: Type, size: Type): Type {
  if (value === 'datetime' || value === 'timespan') return value;
  return isWhole(value) && isWhole(size) ? 'long' : 'real';
}

function exactIf(type: Type, value: number): number {
  return type === 'real' ? value : exact(value);
}

/** `round(value, digits)`: half away from zero. */
const round: ScalarFunction = (args) =>
  strict('real', args, ([value, digits]) => {
    const scale = 10 ** Number(digits ?? 0);
    const number = Number(value);
    return (Math.sign(number) * Math.round(Math.abs(number) * scale)) / scale;
  });

const abs: ScalarFunction = (args) => {
  const type = typeOf(args[0]) === 'int' ? 'long' : typeOf(args[0]);
  return strict(type, args, ([value]) => Math.abs(Number(value)));
};

/** The largest or smallest argument that is not null. */
function extreme(sign: 1 | -1): ScalarFunction {
  return (args) =>
    computed(commonType(args.map(({ type }) => type)), args, (values) => {
      let best: Value = null;
      for (const value of values)
        if (value !== null && (best === null || sign * compareValues(value, best) > 0)) best = value;
      return best;
    });
}

/**
 * 53 bits of the text's MD5 below a sign of its own, so that half are negative as the service's are. Its own are xxhash64:
 * nothing may depend on which number it is, only that it is the same for the same text. With `mod` from 0 to below it.
 */
const hash: ScalarFunction = ([value, mod]) => {
  if (value === undefined) throw new KqlError('hash of nothing');
  const source = cast(value, 'string');
  return computed('long', mod === undefined ? [source] : [source, mod], ([text, divisor]) => {
    const digest = createHash('md5').update(String(text)).digest();
    const size = Number(digest.readBigUInt64LE(8) & LOW_53_BITS);
    const hashed = size > 0 && ((digest[0] ?? 0) & 1) === 1 ? size - 2 ** 53 : size;
    return divisor === undefined ? hashed : ((hashed % Number(divisor)) + Number(divisor)) % Number(divisor);
  });
};

const LOW_53_BITS = 2n ** 53n - 1n;

function bitwise(compute: (a: bigint, b: bigint) => bigint): ScalarFunction {
  return (args) =>
    strict('long', args, ([a, b]) => exact(Number(BigInt.asIntN(64, compute(BigInt(Number(a)), BigInt(Number(b)))))));
}

/** @see https://learn.microsoft.com/kusto/query/scalar-functions#mathematical-functions */
export const NUMBER_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  bin,
  floor: bin,
  bin_at: binAt,
  round,
  abs,
  hash,
  binary_and: bitwise((a, b) => a & b),
  binary_or: bitwise((a, b) => a | b),
  binary_xor: bitwise((a, b) => a ^ b),
  binary_shift_left: bitwise((a, b) => a << (b % 64n)),
  binary_shift_right: bitwise((a, b) => a >> (b % 64n)),
  max_of: extreme(1),
  min_of: extreme(-1),
  ceiling: ofNumbers('real', (value) => Math.ceil(value)),
  sqrt: ofNumbers('real', (value) => (value < 0 ? null : Math.sqrt(value))),
  pow: ofNumbers('real', (base, exponent = 1) => base ** exponent),
  exp: ofNumbers('real', Math.exp),
  exp2: ofNumbers('real', (value) => 2 ** value),
  log: ofNumbers('real', (value) => (value <= 0 ? null : Math.log(value))),
  log2: ofNumbers('real', (value) => (value <= 0 ? null : Math.log2(value))),
  log10: ofNumbers('real', (value) => (value <= 0 ? null : Math.log10(value))),
  sign: ofNumbers('real', Math.sign),
  isnan: ofNumbers('bool', Number.isNaN),
  isinf: ofNumbers('bool', (value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  isfinite: ofNumbers('bool', Number.isFinite),
};
