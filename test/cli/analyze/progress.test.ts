import { describe, expect, test } from 'vitest';
import { isAsciiTerminal, toAscii } from '../../../cli/analyze/ascii.ts';
import { createProgress } from '../../../cli/analyze/progress.ts';

const ESC = String.fromCharCode(27);

function watched(columns: number | null, ascii = false) {
  const written: string[] = [];
  const time = { ms: 0 };
  const progress = createProgress({ write: (text) => written.push(text), columns, ascii, now: () => time.ms });
  const at = (ms: number, done: number): void => {
    time.ms = ms;
    progress.update({ phase: 'reading', done, total: 500_000_000, unit: 'bytes' });
  };
  return { written, progress, at, time };
}

describe('progress', () => {
  test('is silent for a second', () => {
    const { written, progress, at } = watched(80);
    at(999, 100_000_000);
    progress.end();
    expect(written).toEqual([]);
  });

  test('is a bar that is redrawn and taken away on a terminal', () => {
    const { written, progress, at } = watched(80);
    at(1000, 125_000_000);
    at(1050, 126_000_000);
    at(1100, 250_000_000);
    progress.end();
    expect(written).toEqual([
      `\r██████░░░░░░░░░░░░░░░░░░  25 % of 500 MB  reading${ESC}[K`,
      `\r████████████░░░░░░░░░░░░  50 % of 500 MB  reading${ESC}[K`,
      `\r${ESC}[K`,
    ]);
  });

  test('never fills the line of a narrow terminal', () => {
    const { written, at } = watched(20);
    at(1000, 125_000_000);
    expect(written[0]?.replace(`${ESC}[K`, '').replace('\r', '').length).toBeLessThan(20);
  });

  test('is a plain line now and then elsewhere', () => {
    const { written, progress, at } = watched(null);
    for (const [ms, done] of [
      [1000, 50],
      [3000, 60],
      [5999, 70],
      [6000, 80],
    ] as const)
      at(ms, done * 5_000_000);
    progress.end();
    expect(written).toEqual(['reading: 50 % of 500 MB\n', 'reading: 80 % of 500 MB\n']);
  });

  test('names what is worked out, cleaned', () => {
    const { written, progress, time } = watched(null, true);
    progress.about(`kv-a${ESC}[2J`, 1, 3);
    time.ms = 1000;
    progress.update({ phase: 'asking', done: 3, total: 30, unit: 'steps' });
    expect(written).toEqual(['working out kv-a (2 of 3): 10 %\n']);
  });
});

describe('a terminal without UTF-8', () => {
  test.each([
    [{ LANG: 'C' }, true],
    [{ LANG: 'de_DE.ISO-8859-1' }, true],
    [{ LANG: 'C', LC_ALL: 'en_US.UTF-8' }, false],
    [{ LANG: 'C.utf8' }, false],
    [{ LC_CTYPE: 'POSIX', LANG: 'en_US.UTF-8' }, true],
    [{}, false],
    [{ LANG: '' }, false],
  ])('is told by the locale %o: %s', (environment, expected) => {
    expect(isAsciiTerminal(environment)).toBe(expected);
  });

  test('is given one character for each', () => {
    expect(toAscii('▒█╌┤└─ 13 → 0 · 漢 …')).toBe(':#-|+- 13 > 0 | ? ~');
  });
});
