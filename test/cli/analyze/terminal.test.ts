import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { main } from '../../../cli/main.ts';
import { SAMPLE_FILE } from '../../../samples/make.ts';
import { openWorkplace } from './kit.ts';

const { folder, home, answered } = openWorkplace();

describe('a terminal', () => {
  async function onTerminal(environment: Record<string, string>): Promise<string> {
    const out: string[] = [];
    await main(['analyze', SAMPLE_FILE], {
      out: (text) => out.push(text),
      err: () => undefined,
      environment: { HEADROOM_HOME: home, ...environment },
      columns: 100,
      errColumns: null,
      onStop: () => () => undefined,
    });
    return out.join('');
  }
  const ESC = String.fromCharCode(27);

  test('is coloured unless NO_COLOR says otherwise', async () => {
    expect(await onTerminal({})).toContain(ESC);
    expect(await onTerminal({ NO_COLOR: '1' })).toBe(await answered(SAMPLE_FILE));
  });

  test('that knows no UTF-8 gets the same lines in ASCII', async () => {
    const text = await onTerminal({ LANG: 'C', NO_COLOR: '1' });
    expect(text).toMatch(/^[\n\x20-\x7e]+$/);
    const lengths = (of: string): number[] => of.split('\n').map((each) => each.length);
    expect(lengths(text)).toEqual(lengths(await answered(SAMPLE_FILE)));
  });

  test('that is told to stop ends with 130 and leaves nothing behind', async () => {
    const out: string[] = [];
    const code = await main(['analyze', SAMPLE_FILE], {
      out: (text) => out.push(text),
      err: () => undefined,
      environment: { HEADROOM_HOME: home },
      columns: null,
      errColumns: null,
      onStop(stop) {
        setImmediate(stop);
        return () => undefined;
      },
    });
    expect([code, out]).toEqual([130, []]);
    expect(readdirSync(folder)).not.toContain('home');
  });
});
