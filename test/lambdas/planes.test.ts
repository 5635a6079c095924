import { beforeEach, expect, test, vi } from 'vitest';
import { startTrial } from '../trial.ts';
import { takeWrittenLog } from '../written-log.ts';

const ACTOR_CLIENT_ID = '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11';
const ACTOR_ROLE = 'arn:aws:iam::123456789012:role/Headroom-Actor1A2B3C';

beforeEach(async () => {
  const trial = await startTrial();
  takeWrittenLog();
  const levers = { HEADROOM_LEVERS_ENDPOINT: 'https://levers.azconfig.example' };
  for (const [name, value] of Object.entries({ ...trial.environment, ...levers, AWS_REGION: 'eu-west-1' }))
    vi.stubEnv(name, value);
  // Composed anew for each environment.
  vi.resetModules();
  return async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await trial.remove();
  };
});

test.each([
  [{ HEADROOM_ACTIONS: 'on', HEADROOM_ACTOR_ROLE: ACTOR_ROLE }, ['mute-rule']],
  [{ HEADROOM_ACTIONS: 'on', HEADROOM_ACTOR_CLIENT_ID: ACTOR_CLIENT_ID }, ['lever']],
  [
    { HEADROOM_ACTIONS: 'on', HEADROOM_ACTOR_ROLE: ACTOR_ROLE, HEADROOM_ACTOR_CLIENT_ID: ACTOR_CLIENT_ID },
    ['lever', 'mute-rule'],
  ],
  [{ HEADROOM_ACTIONS: 'off', HEADROOM_ACTOR_ROLE: ACTOR_ROLE }, []],
])('with %j the lambdas change nothing as who reads: %j', async (environment, kinds) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { workDeps } = await import('../../lambdas/deps.ts');
  const { actions } = await workDeps();
  expect((actions?.planes ?? []).map(({ kind }) => kind)).toEqual(kinds);
});
