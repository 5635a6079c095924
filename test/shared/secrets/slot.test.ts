import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSlotTable } from '../../../shared/secrets/slot.ts';

const id = (name: string) => ({ origin: 'https://kv.vault.azure.net', name, version: undefined });
const namesOf = (table: ReturnType<typeof createSlotTable>): string[] => [...table.all()].map((slot) => slot.id.name);

describe('the slots of secrets', () => {
  test('one secret has one slot, whoever asks; a version is a secret of its own', () => {
    const table = createSlotTable();
    expect(table.named(id('a'))).toBe(table.of(id('a')));
    expect(table.of({ ...id('a'), version: '1' })).not.toBe(table.of(id('a')));
  });

  test('beyond the bound the one longest not named makes room', () => {
    const table = createSlotTable(2);
    for (const name of ['a', 'b', 'a', 'c']) table.named(id(name));
    expect(namesOf(table)).toEqual(['a', 'c']);
  });

  test('what something refers to is kept, and does not count against the bound', () => {
    const table = createSlotTable(2);
    const slot = table.of(id('kept'));
    table.retain(new Set([slot]));
    for (const name of ['kept', 'a', 'b', 'c']) table.named(id(name));
    expect(namesOf(table).sort()).toEqual(['b', 'c', 'kept']);
    expect(table.of(id('kept'))).toBe(slot);
  });

  test('what nothing refers to any more is forgotten, unless a caller named it', () => {
    const table = createSlotTable();
    const [a] = ['a', 'b'].map((name) => table.of(id(name)));
    table.named(id('c'));
    table.retain(new Set(a === undefined ? [] : [a]));
    expect(namesOf(table)).toEqual(['a', 'c']);
  });

  test('whatever callers name, the table holds no more than the bound and what is referred to', () => {
    const step = fc.record({ kind: fc.constantFrom('name', 'refer', 'retain'), name: fc.integer({ min: 0, max: 30 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = createSlotTable(5);
        let referred = new Set<ReturnType<typeof table.of>>();
        for (const { kind, name } of steps) {
          if (kind === 'name') expect(table.named(id(`n${name}`))).toBe(table.of(id(`n${name}`)));
          else {
            if (kind === 'retain') referred = new Set();
            referred.add(table.of(id(`n${name}`)));
            table.retain(referred);
          }
          expect(namesOf(table).length).toBeLessThanOrEqual(5 + referred.size);
          for (const slot of referred) expect(table.of(slot.id)).toBe(slot);
        }
      }),
    );
  });
});
