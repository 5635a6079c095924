import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openStores } from '../../shared/adapters/stores.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { auditKey } from '../../shared/pipeline/keys.ts';
import { folderForTest } from '../shared/adapters/folder.ts';
import { run } from './kit.ts';

const CHOICES = { records: { kind: 'sqlite' }, queue: { kind: 'sqlite' }, payloads: { kind: 'file' } };

let home: string;
beforeEach(() => {
  home = folderForTest();
});

/** A store in which one person has done one thing. */
async function keep(by: string): Promise<void> {
  const stores = await openStores({ home, ...CHOICES }, systemClock);
  const at = new Date(systemClock.now()).toISOString();
  const entry = { v: 1, at, by, name: 'Ann', action: 'doctor', outcome: 'done' };
  await stores.records.put(auditKey(at, 0.5), entry, 'absent');
  await stores.close();
}

describe('headroom forget', () => {
  test('says first where the person occurs, then forgets them, then finds nothing', async () => {
    await keep('ann@example.org');
    const environment = { HEADROOM_HOME: home };
    const dry = await run(['forget', 'ann@example.org', '--dry-run'], environment);
    expect([dry.code, dry.out]).toEqual([
      0,
      expect.stringMatching(/^audit\/\S+ audit~\S+ {2}2\noccurs in 2 places of 1 records\n$/),
    ]);
    const done = await run(['forget', 'ann@example.org'], environment);
    expect([done.code, done.out]).toEqual([0, expect.stringMatching(/\nforgotten in 2 places of 1 records\n$/)]);
    const again = await run(['forget', 'ann@example.org', '--json'], environment);
    expect([again.code, JSON.parse(again.out)]).toEqual([0, { found: [], left: [] }]);
  });

  test('finds the person by another id that the settings link', async () => {
    await keep('slack:T0123/U0456789');
    const settings = join(home, 'headroom.json');
    writeFileSync(settings, JSON.stringify({ identities: [{ slack: 'T0123/U0456789', email: 'ann@example.org' }] }));
    const environment = { HEADROOM_HOME: home, HEADROOM_SETTINGS: settings };
    expect((await run(['forget', 'ann@example.org', '--dry-run'], environment)).out).toContain('occurs in 2 places');
  });

  test.each([
    ['nobody', [], /say whom to forget/],
    ['a word that is in everything', ['ann'], /too short/],
  ])('of %s is a wrong command line', async (_what, names, said) => {
    const { code, err } = await run(['forget', ...names], { HEADROOM_HOME: home });
    expect([code, err]).toEqual([2, expect.stringMatching(said)]);
  });

  test('makes no store where there is none, and says which is asked for', async () => {
    const { code, err } = await run(['forget', 'ann@example.org'], { HEADROOM_HOME: join(home, 'nothing') });
    expect([code, err]).toEqual([1, expect.stringMatching(/there is no store in .*nothing yet\nnext: /)]);
  });
});
