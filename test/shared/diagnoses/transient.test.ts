import { expect, test } from 'vitest';
import { transient } from '../../../shared/diagnoses/transient.ts';
import type { Evidence } from '../../../shared/model.ts';
import { type Asked, FROM, gatherFrom, line, TO, VAULT, withFiles } from '../evidence/kit.ts';
import { tell } from '../scenario.ts';
import { diagnoseBy, without } from './kit.ts';

/** A minute of quiet, then refusals from 300 s for so many seconds, each served a second later unless given up. */
async function refusedFor(
  seconds: number,
  options: { gaveUp?: number; servedBeside?: number } = {},
): Promise<Evidence> {
  const asked: Asked[] = [{ at: 10 }, { at: 60 }];
  for (let second = 0; second < seconds; second++) {
    const secret = `s${second}`;
    asked.push({ at: 300 + second, secret, status: 429 });
    if (second >= (options.gaveUp ?? 0)) asked.push({ at: 301 + second, secret });
    for (let beside = 0; beside < (options.servedBeside ?? 2); beside++)
      asked.push({ at: 300 + second, secret: `other${beside}`, appId: 'app-b', address: '10.0.0.2' });
  }
  return withFiles({ 'log.json': asked.map(line).join('\n') }, (folder) =>
    gatherFrom([folder], { resource: VAULT, from: FROM, to: TO }),
  );
}

test.each([
  ['one refusal', 1, {}, 1],
  ['twenty seconds', 20, {}, 1],
  ['twenty-one seconds', 21, {}, 0],
  ['a read that was never served', 10, { gaveUp: 1 }, 0],
  ['one of twenty that was never served: its client gave up', 20, { gaveUp: 1 }, 1],
  ['one of nineteen', 19, { gaveUp: 1 }, 0],
  ['two of twenty', 20, { gaveUp: 2 }, 0],
  ['more refused than served while it lasts', 10, { gaveUp: 0, servedBeside: 0 }, 0],
])('%s gives what is over or not', async (_what, seconds, options, causes) => {
  expect(diagnoseBy(transient, await refusedFor(seconds, options))).toHaveLength(causes);
});

test('of few refusals says surely how long it lasted and that nothing is to be mended', async () => {
  const [cause] = diagnoseBy(transient, await refusedFor(4));
  expect(cause).toMatchObject({
    kind: 'transient',
    role: 'condition',
    verdict: 'confirmed',
    explains: 1,
    summary: 'over after 4 s, and all that was refused was served on a retry',
  });
  expect(cause?.caller).toBeUndefined();
  expect(transient.fixes).toEqual([]);
});

test('a storm of minutes, a healthy log and one that could not be read are not transient', async () => {
  expect(diagnoseBy(transient, (await tell('storm', { seed: 6 })).evidence)).toEqual([]);
  expect(diagnoseBy(transient, (await tell('healthy', { seed: 6 })).evidence)).toEqual([]);
  expect(diagnoseBy(transient, without(await refusedFor(4), ['retries']))).toEqual([]);
});
