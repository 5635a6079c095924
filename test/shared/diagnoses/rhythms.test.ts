import { expect, test } from 'vitest';
import { clientPerCall } from '../../../shared/diagnoses/client-per-call.ts';
import { failingLoop } from '../../../shared/diagnoses/failing-loop.ts';
import { identityOutage } from '../../../shared/diagnoses/identity-outage.ts';
import { polling } from '../../../shared/diagnoses/polling.ts';
import { restartLoop } from '../../../shared/diagnoses/restart-loop.ts';
import { FROM } from '../evidence/kit.ts';
import {
  background,
  cached,
  clientPerCallFleet,
  evidenceOf,
  failingFleet,
  loop,
  outageFleet,
  type Process,
  pollingFleet,
  restartingFleet,
  work,
} from './fleet.ts';
import { diagnoseBy } from './kit.ts';

const ALL = [restartLoop, polling, failingLoop, clientPerCall, identityOutage];

type Said = { kind: string; role: string; caller: string | null; onsetS: number };

async function said(processes: readonly Process[]): Promise<Said[]> {
  const evidence = await evidenceOf([...background(), ...processes]);
  return ALL.flatMap((diagnosis) => diagnoseBy(diagnosis, evidence)).map((cause) => ({
    kind: cause.kind,
    role: cause.role,
    caller: cause.caller?.appId ?? null,
    onsetS: Math.round((Date.parse(cause.onset ?? '') - Date.parse(FROM)) / 1000),
  }));
}

/** Most of the limit is used up all along; then somebody else comes. */
function timerAsEver(): Process[] {
  const more = work({ appId: 'other', instances: 5, secrets: 2, everyS: 0.8, fresh: false, fromS: 600 });
  return [...pollingFleet({ everyS: 50, phaseS: 50 }), ...more];
}

test.each<[string, () => Process[], Omit<Said, 'onsetS'>, number]>([
  ['a crash loop', restartingFleet, { kind: 'restart-loop', role: 'trigger', caller: 'app' }, 400],
  ['a new timer', () => pollingFleet({ fromS: 300 }), { kind: 'polling', role: 'trigger', caller: 'app' }, 300],
  ['a timer as ever', timerAsEver, { kind: 'polling', role: 'condition', caller: 'app' }, 600],
  ['a role that is gone', failingFleet, { kind: 'failing-loop', role: 'trigger', caller: 'app' }, 600],
  ['a client for each call', clientPerCallFleet, { kind: 'client-per-call', role: 'trigger', caller: 'app' }, 600],
  ['tokens that fail', outageFleet, { kind: 'identity-outage', role: 'trigger', caller: null }, 300],
])('%s is told as what it is and as nothing else', async (_what, fleet, cause, onsetS) => {
  const causes = await said(fleet());
  expect(causes.map(({ onsetS: _onset, ...rest }) => rest)).toEqual([cause]);
  expect(Math.abs((causes[0]?.onsetS ?? Number.NaN) - onsetS)).toBeLessThan(90);
});

test.each<[string, () => Process[]]>([
  [
    'a stampede, which reads its set once',
    () =>
      loop({ appId: 'app', instances: 40, secrets: 30, everyS: 9_999, fresh: true, runs: 1, fromS: 600, phaseS: 5 }),
  ],
  [
    'a missing cache, whose reads have no rhythm',
    () => work({ appId: 'app', instances: 12, secrets: 5, everyS: 3, fresh: false, fromS: 600 }),
  ],
  [
    'many that cache, each entry on its own time',
    () => cached({ appId: 'app', instances: 12, secrets: 12, ttlS: 8, fromS: 0 }),
  ],
])('%s, is none of these', async (_what, fleet) => {
  expect(await said(fleet())).toEqual([]);
});

test('what polls a little beside a stampede is not named', async () => {
  const small = loop({ appId: 'small', instances: 3, secrets: 4, everyS: 60, fresh: false });
  const stampede = loop({
    appId: 'app',
    instances: 40,
    secrets: 30,
    everyS: 9_999,
    fresh: true,
    runs: 1,
    fromS: 600,
    phaseS: 5,
  });
  expect(await said([...small, ...stampede])).toEqual([]);
});

test('nothing is said where nothing was refused', async () => {
  const fleets = [pollingFleet({}), restartingFleet(), failingFleet()].flat();
  const evidence = await evidenceOf([...background(), ...fleets], 1_000_000);
  expect(ALL.flatMap((diagnosis) => diagnoseBy(diagnosis, evidence))).toEqual([]);
});
