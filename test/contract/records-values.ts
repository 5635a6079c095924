import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Records, Revision } from '../../shared/ports.ts';

export const MAX_BYTES = 262_144;

/** Which keys a store takes, and that no two of them meet; `records` is made anew for each test. */
export function keyContract(records: () => Records): void {
  describe('keys', () => {
    test('keys that a store may have to escape do not meet', async () => {
      const odd = [
        'a/b',
        'a\\b',
        'a#b',
        'a?b',
        'a%b',
        'a%2Fb',
        "a'b",
        'a"b',
        'a b',
        'A/B',
        'ä',
        'a\u0308',
        '..',
        '$a',
        '*',
        'a:b~c',
      ];
      const keys = odd.flatMap((text) => [
        { partition: text, id: 'x' },
        { partition: 'p', id: text },
      ]);
      for (const each of keys) expect(await records().put(each, each, 'absent')).not.toBe('conflict');
      for (const each of keys) expect((await records().get(each))?.value).toEqual(each);
    });

    test.each([
      ['an empty one', ''],
      ['a control character', 'a\u0000b'],
      ['a line break', 'a\nb'],
      ['half a surrogate pair', 'a\ud800'],
      ['341 characters', 'a'.repeat(341)],
    ])('%s is invalid as partition and as id', async (_what, text) => {
      for (const bad of [
        { partition: text, id: 'x' },
        { partition: 'p', id: text },
      ]) {
        await expect(records().put(bad, {}, 'absent')).rejects.toMatchObject({ kind: 'invalid' });
        await expect(records().get(bad)).rejects.toMatchObject({ kind: 'invalid' });
        await expect(records().delete(bad, '1')).rejects.toMatchObject({ kind: 'invalid' });
      }
      await expect(records().list(text)).rejects.toMatchObject({ kind: 'invalid' });
    });

    test('340 characters are allowed', async () => {
      const long = { partition: 'ä'.repeat(340), id: 'ä'.repeat(340) };
      await records().put(long, { v: 1 }, 'absent');
      expect((await records().get(long))?.value).toEqual({ v: 1 });
    });
  });
}

/** Which values a store takes, and that it shares none with its callers; `records` is made anew for each test. */
export function valueContract(records: () => Records, runs: number): void {
  const key = { partition: 'incident/a2b3c4d5', id: 'state' };

  async function created(value: unknown): Promise<Revision> {
    const revision = await records().put(key, value, 'absent');
    expect(revision).not.toBe('conflict');
    return revision;
  }

  describe('values', () => {
    test('a value that is changed after the call is kept as it was', async () => {
      const value = { v: 1, callers: ['a'] };
      const writing = records().put(key, value, 'absent');
      value.callers.push('b');
      await writing;
      expect((await records().get(key))?.value).toEqual({ v: 1, callers: ['a'] });
    });

    test('a value that was read can be changed without effect on the store', async () => {
      await created({ v: 1, callers: ['a'] });
      (await records().get<{ callers: string[] }>(key))?.value.callers.push('b');
      (await records().list<{ callers: string[] }>(key.partition))[0]?.value.callers.push('c');
      expect((await records().get(key))?.value).toEqual({ v: 1, callers: ['a'] });
    });

    test('whatever JSON can say comes back', async () => {
      let expected: Revision | 'absent' = 'absent';
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }), async (value) => {
          expected = await records().put(key, value, expected);
          expect((await records().get(key))?.value).toEqual(JSON.parse(JSON.stringify(value)));
        }),
        { numRuns: runs },
      );
    });

    test.each([
      ['plain characters', 'a', 1],
      ['characters of two bytes', 'é', 2],
      ['characters of three bytes', '€', 3],
      ['characters of four bytes', '😀', 4],
    ])('256 KiB of JSON are kept, one byte more is refused: %s', async (_what, character, bytes) => {
      const room = MAX_BYTES - '""'.length;
      const full = character.repeat(Math.floor(room / bytes)) + 'x'.repeat(room % bytes);
      const revision = await created(full);
      expect((await records().get(key))?.value).toBe(full);
      await expect(records().put(key, `${full}x`, revision)).rejects.toMatchObject({ kind: 'too-large' });
      expect((await records().get(key))?.revision).toBe(revision);
    });

    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    test.each([
      ['undefined', undefined],
      ['a function', () => 1],
      ['a big integer', 1n],
      ['a cycle', cycle],
    ])('%s is invalid', async (_what, value) => {
      await expect(records().put(key, value, 'absent')).rejects.toMatchObject({ kind: 'invalid' });
      expect(await records().get(key)).toBeNull();
    });
  });
}
