import fc from 'fast-check';
import { isObject } from './fixtures.ts';

type Node = Record<string | number, unknown>;
type Change = { where: number; how: 'remove' | 'retype' | 'enlarge' | 'add'; to: unknown; key: string };

const HOSTILE = [
  '',
  '   ',
  '<!channel> *x* [a](http://b)',
  'javascript:alert(1)',
  'https://user:secret@example.com/',
  '\u001b[31mred\u001b[0m\u0007 \u001b]8;;https://b.example\u0007link',
  'left \u202e right \u200b zero \ufeff',
  'half \ud83d pair',
  '9'.repeat(50),
  '1e999',
  'NaN',
  '-0',
  '2026-02-30T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9999999Z',
  '0',
  '/subscriptions/../providers/a/b/c',
  'arn:aws:s3:::*',
  '{"a":',
  '[]',
  'null',
  'a'.repeat(70_000),
  '\u{1F600}'.repeat(3_000),
  '\u0000'.repeat(5_000),
];

const key = fc.constantFrom('__proto__', 'constructor', 'toString', '\u001b[1mname', 'k'.repeat(5_000), 'resource', '');

const change: fc.Arbitrary<Change> = fc.record({
  where: fc.nat(1_000_000),
  how: fc.constantFrom<Change['how']>('remove', 'retype', 'add'),
  to: fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.constantFrom(null, true, 0, -1, 1.5, 1e308, 1e15, [], {}, [[]], [null], { name: 1 }, [{}]),
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
  ),
  key,
});

/**
 * Clones of one of the bodies with one to six fields removed, retyped or added and at most one enlarged (several would
 * multiply past any memory), also inside an SNS message.
 */
export function mangled(bodies: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(
      fc.constantFrom(...bodies),
      fc.array(change, { maxLength: 5 }),
      fc.nat(1_000_000),
      fc.constantFrom<Change['how']>('remove', 'retype', 'enlarge', 'add'),
    )
    .map(([body, changes, where, how]) => {
      const all: Change[] = [...changes, { where, how, to: null, key: 'resource' }];
      return closeMessages(all.reduce(apply, openMessages(structuredClone(body))));
    });
}

function apply(body: unknown, { where, how, to, key: name }: Change): unknown {
  const places = placesOf(body, []);
  const place = places[where % places.length];
  if (place === undefined) return structuredClone(to);
  const { parent, at } = place;
  const value = parent[at];
  if (how === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(at), 1);
    else delete parent[at];
  } else if (how === 'retype') put(parent, at, structuredClone(to));
  else if (how === 'enlarge') put(parent, at, enlarge(value));
  else if (isObject(value) && !Array.isArray(value)) put(value, name, structuredClone(to));
  return body;
}

/** As JSON.parse does it: `__proto__` becomes a property like any other. */
function put(parent: object, at: string | number, value: unknown): void {
  Object.defineProperty(parent, at, { value, enumerable: true, configurable: true, writable: true });
}

function enlarge(value: unknown): unknown {
  if (typeof value === 'string') return value.repeat(2_000).slice(0, 200_000);
  if (Array.isArray(value))
    return Array.from({ length: 1_200 }, (_, index) => structuredClone(value[index % (value.length || 1)] ?? index));
  if (typeof value === 'number') return value * 1e300;
  if (isObject(value)) {
    const more = Array.from({ length: 300 }, (_, index) => [`more-${index}`, 'x'.repeat(400)]);
    return { ...value, ...Object.fromEntries(more) };
  }
  return [value];
}

type Place = { parent: Node; at: string | number };

function placesOf(value: unknown, found: Place[]): Place[] {
  if (!isObject(value) || found.length > 5_000) return found;
  for (const at of Object.keys(value)) {
    found.push({ parent: value, at });
    placesOf(value[at], found);
  }
  return found;
}

/** SNS carries the alarm as text: opened for the changes, closed again after them. */
function openMessages(body: unknown): unknown {
  for (const { parent, at } of placesOf(body, [])) {
    const value = parent[at];
    if (at === 'Message' && typeof value === 'string') put(parent, at, JSON.parse(value));
  }
  return body;
}

function closeMessages(body: unknown): unknown {
  for (const { parent, at } of placesOf(body, [])) {
    const value = parent[at];
    if (at === 'Message' && isObject(value)) put(parent, at, JSON.stringify(value));
  }
  return body;
}
