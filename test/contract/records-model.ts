import fc from 'fast-check';
import { expect } from 'vitest';
import type { Records, Revision } from '../../shared/ports.ts';

/** What should be there. */
type Model = Map<string, { id: string; partition: string; value: unknown }>;

/** The store, and every revision it has given for a record, oldest first. */
type Real = { records: Records; revisions: Map<string, Revision[]> };

type Command = fc.AsyncCommand<Model, Real>;
type Key = { partition: string; id: string };

/** `expected`: what the writer believes stands there; stale: one revision before. */
class Put implements Command {
  readonly key: Key;
  readonly value: unknown;
  readonly expected: 'absent' | 'current' | 'stale';
  constructor(key: Key, value: unknown, expected: 'absent' | 'current' | 'stale') {
    this.key = key;
    this.value = value;
    this.expected = expected;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const name = nameOf(this.key);
    const given = real.revisions.get(name) ?? [];
    const expected =
      this.expected === 'absent' ? 'absent' : (given.at(this.expected === 'current' ? -1 : -2) ?? 'none');
    const exists = model.has(name);
    const answer = await real.records.put(this.key, this.value, expected);
    const allowed = this.expected === 'absent' ? !exists : this.expected === 'current' && exists;
    expect(answer === 'conflict').toBe(!allowed);
    if (answer === 'conflict') return;
    expect(given).not.toContain(answer);
    real.revisions.set(name, [...given, answer]);
    model.set(name, { ...this.key, value: this.value });
  }
  toString(): string {
    return `put(${nameOf(this.key)}, ${this.expected})`;
  }
}

class Delete implements Command {
  readonly key: Key;
  readonly expected: 'current' | 'stale';
  constructor(key: Key, expected: 'current' | 'stale') {
    this.key = key;
    this.expected = expected;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const name = nameOf(this.key);
    const given = real.revisions.get(name) ?? [];
    const expected = given.at(this.expected === 'current' ? -1 : -2) ?? 'none';
    const answer = await real.records.delete(this.key, expected);
    const allowed = this.expected === 'current' || !model.has(name);
    expect(answer).toBe(allowed ? 'deleted' : 'conflict');
    if (allowed) model.delete(name);
  }
  toString(): string {
    return `delete(${nameOf(this.key)}, ${this.expected})`;
  }
}

class Get implements Command {
  readonly key: Key;
  constructor(key: Key) {
    this.key = key;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const known = model.get(nameOf(this.key));
    const stored = await real.records.get(this.key);
    expect(stored?.value).toEqual(known?.value);
    expect(stored?.revision).toBe(known && real.revisions.get(nameOf(this.key))?.at(-1));
  }
  toString(): string {
    return `get(${nameOf(this.key)})`;
  }
}

class List implements Command {
  readonly partition: string;
  readonly after: string | undefined;
  readonly limit: number;
  constructor(partition: string, after: string | undefined, limit: number) {
    this.partition = partition;
    this.after = after;
    this.limit = limit;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const { partition, after, limit } = this;
    const page = await real.records.list(partition, after === undefined ? { limit } : { after, limit });
    const known = [...model.values()]
      .filter((entry) => entry.partition === partition && entry.id > (after ?? ''))
      .sort((left, right) => (left.id < right.id ? -1 : 1))
      .slice(0, limit);
    expect(page.map(({ id, value }) => ({ id, value }))).toEqual(known.map(({ id, value }) => ({ id, value })));
  }
  toString(): string {
    return `list(${this.partition}, ${this.after}, ${this.limit})`;
  }
}

function nameOf({ partition, id }: Key): string {
  return `${partition} ${id}`;
}

/** Histories over few keys, so that they meet. */
export function recordCommands(): fc.Arbitrary<Iterable<Command>> {
  const partition = fc.constantFrom('inbox/2026-11-20T14', 'open');
  const id = fc.constantFrom('a', 'b', 'c', 'b~1');
  const key = fc.record({ partition, id });
  const value = fc.record({ v: fc.constant(1), n: fc.integer(), text: fc.string({ maxLength: 20 }) });
  return fc.commands(
    [
      fc.tuple(key, value, fc.constantFrom('absent', 'current', 'current', 'stale')).map((given) => new Put(...given)),
      fc.tuple(key, fc.constantFrom('current', 'stale')).map((given) => new Delete(...given)),
      key.map((given) => new Get(given)),
      fc
        .tuple(partition, fc.option(id, { nil: undefined }), fc.integer({ min: 1, max: 5 }))
        .map((given) => new List(...given)),
    ],
    { maxCommands: 40 },
  );
}
