import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Records, Revision } from '../../shared/ports.ts';
import { recordCommands } from './records-model.ts';
import { keyContract, MAX_BYTES, valueContract } from './records-values.ts';

/** A store with nothing in it. */
export type RecordsSubject = { records: Records; close(): Promise<void> };

/**
 * What every `Records` must do.
 *
 * @param options.modelRuns random histories to compare with a Map, default 100; fewer where a call is slow
 */
export function recordsContract(
  name: string,
  make: () => Promise<RecordsSubject>,
  options: { modelRuns?: number } = {},
): void {
  describe(`${name} as Records`, () => {
    let subject: RecordsSubject;
    let records: Records;
    beforeEach(async () => {
      subject = await make();
      records = subject.records;
    });
    afterEach(() => subject.close());

    const key = { partition: 'incident/a2b3c4d5', id: 'state' };

    async function created(value: unknown = { v: 1 }): Promise<Revision> {
      const revision = await records.put(key, value, 'absent');
      expect(revision).not.toBe('conflict');
      return revision;
    }

    test('a record that was never put is null', async () => {
      expect(await records.get(key)).toBeNull();
    });

    test('what was put is read back with its id and revision', async () => {
      const revision = await created({ v: 1, name: 'kv-payments' });
      expect(await records.get(key)).toEqual({ id: 'state', revision, value: { v: 1, name: 'kv-payments' } });
    });

    test('a record that exists is not created again', async () => {
      await created({ v: 1, by: 'first' });
      expect(await records.put(key, { v: 1, by: 'second' }, 'absent')).toBe('conflict');
      expect((await records.get(key))?.value).toEqual({ v: 1, by: 'first' });
    });

    test('the revision that was read allows one write, not two', async () => {
      const first = await created();
      const second = await records.put(key, { v: 1, step: 2 }, first);
      expect(second).not.toBe(first);
      expect(await records.put(key, { v: 1, step: 3 }, first)).toBe('conflict');
      expect(await records.get(key)).toEqual({ id: 'state', revision: second, value: { v: 1, step: 2 } });
    });

    test('a missing record is not replaced', async () => {
      const revision = await created();
      await records.delete(key, revision);
      expect(await records.put(key, { v: 1 }, revision)).toBe('conflict');
      expect(await records.get(key)).toBeNull();
    });

    test('a record that was deleted and made anew does not answer to its old revision', async () => {
      const old = await created();
      await records.delete(key, old);
      const fresh = await created();
      expect(fresh).not.toBe(old);
      expect(await records.put(key, { v: 1, step: 2 }, old)).toBe('conflict');
      expect(await records.delete(key, old)).toBe('conflict');
    });

    test('a delete needs the revision that stands there', async () => {
      const old = await created();
      const now = await records.put(key, { v: 1, step: 2 }, old);
      expect(await records.delete(key, old)).toBe('conflict');
      expect(await records.delete(key, now)).toBe('deleted');
      expect(await records.get(key)).toBeNull();
    });

    test('deleting what is not there is no error', async () => {
      const revision = await created();
      await records.delete(key, revision);
      expect(await records.delete(key, revision)).toBe('deleted');
    });

    describe('lists', () => {
      async function fill(partition: string, ids: readonly string[]): Promise<void> {
        await Promise.all(ids.map((id) => records.put({ partition, id }, { v: 1, id }, 'absent')));
      }
      const idsOf = async (options?: { after?: string; limit?: number }): Promise<string[]> =>
        (await records.list('index/2026-11-20', options)).map((stored) => stored.id);

      test('a partition without records is empty', async () => {
        expect(await idsOf()).toEqual([]);
      });

      test('ids come in ascending order, each with value and revision', async () => {
        await fill('index/2026-11-20', ['b', 'a', 'c']);
        const page = await records.list('index/2026-11-20');
        expect(page.map((stored) => stored.value)).toEqual(['a', 'b', 'c'].map((id) => ({ v: 1, id })));
        expect(page[0]).toEqual(await records.get({ partition: 'index/2026-11-20', id: 'a' }));
      });

      test('the order is that of code points', async () => {
        const ids = ['-', '0', '10', '9', ':', 'A', 'Z', '_', 'a', 'aa', 'z', '~', 'é', '\uffee', '😀'];
        await fill('index/2026-11-20', ids.toReversed());
        expect(await idsOf()).toEqual(ids);
      });

      test('a page begins strictly after the given id, whether or not that exists', async () => {
        await fill('index/2026-11-20', ['a', 'b', 'd']);
        expect(await idsOf({ after: 'a' })).toEqual(['b', 'd']);
        expect(await idsOf({ after: 'c' })).toEqual(['d']);
        expect(await idsOf({ after: 'd' })).toEqual([]);
      });

      test('pages of any size give every id once', async () => {
        const ids = Array.from({ length: 25 }, (_, index) => String(index).padStart(3, '0'));
        await fill('index/2026-11-20', ids);
        const seen: string[] = [];
        for (let pages = 0, after = ''; pages < 10; pages += 1) {
          seen.push(...(await idsOf({ limit: 7, after })));
          after = seen.at(-1) ?? '';
        }
        expect(seen).toEqual(ids);
      });

      test('a page holds 100 unless more are asked for', async () => {
        const ids = Array.from({ length: 130 }, (_, index) => String(index).padStart(3, '0'));
        await fill('index/2026-11-20', ids);
        expect(await idsOf()).toEqual(ids.slice(0, 100));
        expect(await idsOf({ limit: 1_000 })).toEqual(ids);
      });

      test('partitions that begin alike are apart', async () => {
        await fill('index/2026-11-20', ['a']);
        await fill('index/2026-11-2', ['b']);
        await fill('index/2026-11-20/x', ['c']);
        expect(await idsOf()).toEqual(['a']);
      });

      test.each([0, -1, 1.5, 1_001, Number.NaN])('a limit of %s is invalid', async (limit) => {
        await expect(records.list('index/2026-11-20', { limit })).rejects.toMatchObject({ kind: 'invalid' });
      });
    });

    keyContract(() => records);
    valueContract(() => records, Math.min(50, options.modelRuns ?? 50));

    describe('at once', () => {
      test('100 increments with retry on conflict make exactly 100', async () => {
        await created({ count: 0 });
        const increment = async (): Promise<void> => {
          for (let tries = 0; tries < 1_000; tries += 1) {
            const stored = await records.get<{ count: number }>(key);
            if (stored === null) throw new Error('the record is gone');
            const next = { count: stored.value.count + 1 };
            if ((await records.put(key, next, stored.revision)) !== 'conflict') return;
          }
          throw new Error('nobody ever wins');
        };
        await Promise.all(Array.from({ length: 100 }, increment));
        expect((await records.get(key))?.value).toEqual({ count: 100 });
      });

      test('of 100 that create one record, one wins and all then read the same', async () => {
        const getOrPut = async (_: unknown, by: number): Promise<boolean> =>
          (await records.put(key, { by }, 'absent')) !== 'conflict';
        const won = await Promise.all(Array.from({ length: 100 }, getOrPut));
        expect(won.filter(Boolean)).toHaveLength(1);
        expect((await records.get(key))?.value).toEqual({ by: won.indexOf(true) });
      });

      test('of a replacement and a deletion of one revision, one wins', async () => {
        const revision = await created();
        const [put, deleted] = await Promise.all([records.put(key, { v: 2 }, revision), records.delete(key, revision)]);
        const value = (await records.get(key))?.value;
        if (put === 'conflict') expect([deleted, value]).toEqual(['deleted', undefined]);
        else expect([deleted, value]).toEqual(['conflict', { v: 2 }]);
      });

      test('a write that is refused takes no other with it', async () => {
        const settled = await Promise.allSettled([
          records.put({ partition: 'p', id: 'before' }, { v: 1 }, 'absent'),
          records.put({ partition: 'p', id: 'large' }, 'x'.repeat(MAX_BYTES), 'absent'),
          records.put({ partition: 'p', id: 'after' }, { v: 1 }, 'absent'),
        ]);
        expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect((await records.list('p')).map(({ id }) => id)).toEqual(['after', 'before']);
      });

      test('what a call has answered, the next call sees', async () => {
        await Promise.all(
          Array.from({ length: 50 }, async (_, n) => {
            const own = { partition: 'own', id: `n${n}` };
            const first = await records.put(own, { n }, 'absent');
            expect(await records.get(own)).toEqual({ id: own.id, revision: first, value: { n } });
            const second = await records.put(own, { n, again: true }, first);
            expect((await records.get(own))?.revision).toBe(second);
            expect(await records.delete(own, second)).toBe('deleted');
            expect(await records.get(own)).toBeNull();
          }),
        );
      });
    });

    test('any history gives what a Map would', async () => {
      await fc.assert(
        fc.asyncProperty(recordCommands(), async (commands) => {
          const fresh = await make();
          try {
            await fc.asyncModelRun(
              () => ({ model: new Map(), real: { records: fresh.records, revisions: new Map() } }),
              commands,
            );
          } finally {
            await fresh.close();
          }
        }),
        { numRuns: options.modelRuns ?? 100 },
      );
    });
  });
}
