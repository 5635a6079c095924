import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Time } from '../../shared/model.ts';
import type { PayloadStore } from '../../shared/ports.ts';

/** A store with nothing in it. */
export type PayloadStoreSubject = {
  payloads: PayloadStore;
  /** By the store's clock. */
  now(): Time;
  /** Lets time pass: by the store's own clock where it is given one, else by waiting. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
};

/** More than the second in which blob stores count. */
const APART_MS = 2_500;

/**
 * What every `PayloadStore` must do.
 *
 * @param options.runs random payloads to keep, default 50; fewer where a call is slow
 */
export function payloadStoreContract(
  name: string,
  make: () => Promise<PayloadStoreSubject>,
  options: { runs?: number } = {},
): void {
  describe(`${name} as PayloadStore`, () => {
    let subject: PayloadStoreSubject;
    let payloads: PayloadStore;
    beforeEach(async () => {
      subject = await make();
      payloads = subject.payloads;
    });
    afterEach(() => subject.close());

    const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

    test('a payload that was never put is null', async () => {
      expect(await payloads.get('payload-1')).toBeNull();
    });

    test('any bytes come back as they were', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
          await payloads.put('payload-1', bytes);
          expect(await payloads.get('payload-1')).toEqual(bytes);
        }),
        { numRuns: options.runs ?? 50 },
      );
    });

    test.each([
      ['no bytes', new Uint8Array(0)],
      [
        '5 MB that cannot be packed',
        Uint8Array.from({ length: 5_000_000 }, (_, n) => Math.imul(n, 2_654_435_761) >>> 13),
      ],
      ['part of a larger buffer', new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4)],
      ['a Buffer', Buffer.from('kv-payments')],
    ])('%s come back as plain bytes', async (_what, bytes) => {
      await payloads.put('payload-1', bytes);
      const kept = await payloads.get('payload-1');
      expect([kept?.constructor, kept?.byteLength]).toEqual([Uint8Array, bytes.byteLength]);
      expect(Buffer.compare(kept ?? Buffer.of(0), bytes)).toBe(0);
    });

    test('a second put replaces the first', async () => {
      await payloads.put('payload-1', bytesOf('a longer first payload'));
      await payloads.put('payload-1', bytesOf('second'));
      expect(await payloads.get('payload-1')).toEqual(bytesOf('second'));
    });

    test('bytes that are changed after the call are kept as they were', async () => {
      const bytes = Buffer.from('as it was');
      const writing = payloads.put('payload-1', bytes);
      bytes.fill(0);
      await writing;
      (await payloads.get('payload-1'))?.fill(0);
      expect(await payloads.get('payload-1')).toEqual(bytesOf('as it was'));
    });

    test('a deleted payload is gone, and deleting it again is no error', async () => {
      await payloads.put('payload-1', bytesOf('x'));
      await payloads.delete('payload-1');
      await payloads.delete('payload-1');
      expect(await payloads.get('payload-1')).toBeNull();
    });

    test('of many puts of one id at once, one stands whole', async () => {
      const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(10_000));
      await Promise.all(texts.map((text) => payloads.put('payload-1', bytesOf(text))));
      const bytes = await payloads.get('payload-1');
      expect(texts).toContain(new TextDecoder().decode(bytes ?? undefined));
    });

    test('a reader beside a writer sees the old or the new, never a part', async () => {
      const [old, fresh] = ['o'.repeat(100_000), 'n'.repeat(100_000)];
      await payloads.put('payload-1', bytesOf(old));
      const [, ...seen] = await Promise.all([
        payloads.put('payload-1', bytesOf(fresh)),
        ...Array.from({ length: 10 }, () => payloads.get('payload-1')),
      ]);
      for (const bytes of seen) expect([old, fresh]).toContain(new TextDecoder().decode(bytes ?? undefined));
    });

    describe('ids', () => {
      const ALLOWED = [
        'a',
        'payload-0a1b',
        'evidence/a2b3c4d5',
        'a/b/c',
        'a.gz',
        'a.gz/b',
        'A_b.c-d',
        '0',
        'a..b',
        'x'.repeat(200),
      ];

      test('ids that a folder may confuse are apart', async () => {
        for (const id of ALLOWED) await payloads.put(id, bytesOf(id));
        for (const id of ALLOWED) expect(await payloads.get(id)).toEqual(bytesOf(id));
        await subject.advance(APART_MS);
        expect((await payloads.olderThan(subject.now(), 100)).sort()).toEqual(ALLOWED.toSorted());
      });

      test.each([
        '',
        '.',
        '..',
        '../a',
        'a/../b',
        '/a',
        'a/',
        'a//b',
        '.hidden',
        'a/.hidden',
        '-a',
        'a\\b',
        'C:a',
        'a b',
        'a\u0000',
        'a\n',
        'a~b',
        'ä',
        'a%2e%2e',
        'x'.repeat(201),
      ])('%j is invalid', async (id) => {
        await expect(payloads.put(id, bytesOf('x'))).rejects.toMatchObject({ kind: 'invalid' });
        await expect(payloads.get(id)).rejects.toMatchObject({ kind: 'invalid' });
        await expect(payloads.delete(id)).rejects.toMatchObject({ kind: 'invalid' });
      });
    });

    describe('age', () => {
      test('what was put before the time is listed, what was put after is not', async () => {
        await payloads.put('old-1', bytesOf('x'));
        await payloads.put('old-2', bytesOf('x'));
        await subject.advance(APART_MS);
        const cut = subject.now();
        await subject.advance(APART_MS);
        await payloads.put('new', bytesOf('x'));
        expect((await payloads.olderThan(cut, 10)).sort()).toEqual(['old-1', 'old-2']);
        expect(await payloads.olderThan(cut, 1)).toHaveLength(1);
      });

      test('a payload that is replaced is young again', async () => {
        await payloads.put('a', bytesOf('x'));
        await subject.advance(APART_MS);
        const cut = subject.now();
        await subject.advance(APART_MS);
        await payloads.put('a', bytesOf('y'));
        expect(await payloads.olderThan(cut, 10)).toEqual([]);
      });

      test('what was deleted is not listed', async () => {
        await payloads.put('a', bytesOf('x'));
        await subject.advance(APART_MS);
        await payloads.delete('a');
        expect(await payloads.olderThan(subject.now(), 10)).toEqual([]);
      });

      test.each([0, -1, 1.5, Number.NaN])('a limit of %s is invalid', async (limit) => {
        await expect(payloads.olderThan(subject.now(), limit)).rejects.toMatchObject({ kind: 'invalid' });
      });
    });
  });
}
