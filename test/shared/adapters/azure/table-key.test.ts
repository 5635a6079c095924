import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTableKey, encodeTableKey } from '../../../../shared/adapters/azure/table-key.ts';

/** Any text that a key may be, with those characters often that are escaped or lie beside them. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...' !"#$%&\'()*+,-./0189:;<=>?@AMZ[\\]^_`amz{|}~\u00a0é\ud7fe\ud7ff\ue000\uffee\uffff😀'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 20,
});

describe('keys of a table', () => {
  test.each([
    ['a2b3c4d5', 'a2b3c4d5'],
    ['dead~00ff', 'dead~00ff'],
    ['2026-11-20T14:00:00.000Z~0k3j', '2026-11-20T14:00:00.2e000Z~0k3j'],
    ['incident/a2b3', 'incident.2fa2b3'],
    ['a\\b#c?d%e', 'a[5cb!23c;3fd!25e'],
    ['kö', 'kö'],
    ['😀', '\ud7ff01f600'],
  ])('%s stands as %s', (key, encoded) => {
    expect(encodeTableKey(key)).toBe(encoded);
  });

  test('hold nothing that a table refuses', () => {
    fc.assert(fc.property(text, (key) => !/[/\\#?%\p{Cc}\p{Cs}]/u.test(encodeTableKey(key))));
  });

  test('are read back as they were', () => {
    fc.assert(fc.property(text, (key) => decodeTableKey(encodeTableKey(key)) === key));
  });

  test('compared by UTF-16 units, sort as their texts do by code points', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        const [a, b] = [encodeTableKey(left), encodeTableKey(right)];
        const encoded = a < b ? -1 : Number(a > b);
        expect(encoded).toBe(Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right))));
      }),
      { numRuns: 1_000 },
    );
  });
});
