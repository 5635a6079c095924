import { expect, test } from 'vitest';
import { ATTEMPT_WORK, attempts } from '../../../shared/evidence/attempts.ts';
import { ask, FROM, line } from './kit.ts';

const LEAD_S = 300;

test('holds each try around the refusals, in order of time, whatever order the log has', async () => {
  const rows = await ask(attempts, [
    line({ at: 402, status: 200, durationMs: '9' }),
    line({ at: 400, status: 429, durationMs: '2' }),
    line({ at: 401.5, appId: 'app-b', secret: 'two' }),
    line({ at: 10, secret: 'long ago' }),
    line({ at: 401, status: 401, appId: null }),
  ]);
  const fromSecond = Date.parse(FROM) / 1000 + 400 - LEAD_S;
  expect(rows.map(({ caller, class: name }) => [caller, name])).toEqual([
    ['app-a', 'secret'],
    ['app-b', 'secret'],
  ]);
  const [own, other] = rows;
  expect(own).toMatchObject({ fromSecond, logSecond: fromSecond - 90, status: [429, 200], durationMs: [2, 9] });
  expect(own?.atMs.map(Math.round)).toEqual([300_000, 302_000]);
  expect(new Set(own?.address).size).toBe(1);
  expect(own?.target[0]).toBe(own?.target[1]);
  expect(other?.target[0]).not.toBe(own?.target[0]);
  expect(other?.address[0]).not.toBe(own?.address[0]);
});

test('takes the log to begin in the hour before the window, whatever another day holds', async () => {
  const yesterday = line({ at: 400 - 86_400 });
  const [row] = await ask(attempts, [yesterday, line({ at: 390 }), line({ at: 400, status: 429 })]);
  expect(row?.logSecond).toBe(Date.parse(FROM) / 1000 + 390);
});

test.each([
  ['SecretGet', ATTEMPT_WORK.other],
  ['SecretList', ATTEMPT_WORK.list],
  ['KeyVerify', ATTEMPT_WORK.byPublicKey],
  ['KeyWrap', ATTEMPT_WORK.byPublicKey],
  ['KeyUnwrap', ATTEMPT_WORK.byDataKey],
  ['KeySign', ATTEMPT_WORK.sign],
])('says what kind of work %s is', async (operation, work) => {
  const [row] = await ask(attempts, [line({ at: 400, status: 429, operation })]);
  expect(row?.work).toEqual([work]);
});

test('holds nothing where nothing was refused', async () => {
  expect(await ask(attempts, [line({ at: 400 })])).toEqual([]);
});
