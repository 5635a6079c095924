import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { reconcile } from '../../../shared/pipeline/reconcile.ts';
import { GRACE_MS } from '../../../shared/pipeline/reconcile-rules.ts';
import { type WatchDeps, watch } from '../../../shared/pipeline/watch.ts';
import type { FiringAlert, FiringAlerts } from '../../../shared/ports.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  incidentsOf,
  moveOn,
  POLICY,
  pass,
  receive,
  theIncident,
  type World,
  workOff,
} from './kit.ts';

const MINUTE_MS = 60_000;
const GROUP = '/subscriptions/s/resourcegroups/rg/providers/microsoft.insights/actiongroups/headroom';
const FIRED_AT = '2026-11-20T14:01:00.000Z';

type Sketch = {
  firedAt?: string;
  rule?: string;
  vault?: string;
  custom?: Record<string, string>;
} & Partial<FiringAlert>;

/** As the cloud lists it: what the action group would have sent, and the mark. */
function firingAlert(sketch: Sketch = {}): (mark: { name: string; value: string }) => FiringAlert {
  const { firedAt = FIRED_AT, rule = 'kv-throttled', vault = 'kv-contoso', custom = {}, ...given } = sketch;
  return ({ name, value }) => ({
    source: 'azure',
    body: azureAlert({ firedAt, rule, vaults: [vault], custom: { ...custom, [name]: value } }),
    rule,
    firedAt,
    notifies: [GROUP],
    ...given,
  });
}

type Cloud = FiringAlerts & {
  firing: ReturnType<typeof firingAlert>[];
  since: string[];
  complete: boolean;
  fails?: HeadroomError;
};

function cloudOf(name = 'azure'): Cloud {
  const cloud: Cloud = {
    name,
    firing: [],
    since: [],
    complete: true,
    async list({ since, mark }) {
      cloud.since.push(since);
      if (cloud.fails) throw cloud.fails;
      return { alerts: cloud.firing.map((make) => make(mark)), complete: cloud.complete };
    },
  };
  return cloud;
}

type Setting = { world: World; cloud: Cloud; chat: FakeChat };

/** An installation that has looked once, six minutes before now: something that fired meanwhile is no longer fresh. */
async function installed(given: Partial<WatchDeps> = {}): Promise<Setting> {
  const [cloud, chat] = [cloudOf(), fakeChat()];
  const ours = { actionGroups: [GROUP], alarmActions: [] };
  const world = createWorld([chat], { firing: [cloud], ours, ...given });
  await reconcile(world.deps);
  await moveOn(world.clock, MINUTE_MS + GRACE_MS);
  return { world, cloud, chat };
}

describe('an alert that fires and never arrived', () => {
  test('is posted once, and says how it came', async () => {
    const { world, cloud, chat } = await installed();
    cloud.firing = [firingAlert()];
    expect(await reconcile(world.deps)).toEqual({ reconciled: 1 });
    await pass(world, 12);
    expect(chat.standing).toHaveLength(1);
    expect(chat.standing[0]?.body).toContain('Found by Headroom at 2026-11-20 14:06 UTC: it was firing');
    expect((await theIncident(world)).accepted).toMatchObject([{ outcome: 'posted' }]);
    expect(await reconcile(world.deps)).toEqual({ reconciled: 0 });
  });

  test('is the same alert as its notification, which comes late and posts nothing', async () => {
    const { world, cloud, chat } = await installed();
    cloud.firing = [firingAlert()];
    await reconcile(world.deps);
    await workOff(world);
    await receive(world, azureAlert({ firedAt: FIRED_AT }));
    await pass(world, 3);
    expect((await theIncident(world)).accepted).toHaveLength(1);
    expect(chat.standing).toHaveLength(1);
    expect(chat.standing[0]?.revisions).toHaveLength(2);
  });

  test('is not taken up twice while it waits for a worker', async () => {
    const { world, cloud } = await installed();
    cloud.firing = [firingAlert()];
    expect([await reconcile(world.deps), await reconcile(world.deps)]).toEqual([{ reconciled: 1 }, { reconciled: 0 }]);
  });

  test('is found by watch within five minutes after the grace', async () => {
    const { world, cloud, chat } = await installed();
    await watch(world.deps);
    cloud.firing = [firingAlert({ firedAt: new Date(world.clock.now()).toISOString() })];
    await pass(world, 11);
    expect(chat.standing).toHaveLength(1);
  });
});

describe('an alert that fires is left alone', () => {
  test.each<[string, Sketch, Partial<WatchDeps>]>([
    ['when its rule notifies somebody else', { notifies: [`${GROUP}-of-others`] }, {}],
    ['when its rule notifies nobody', { notifies: [] }, {}],
    ['when it fired before the installation first looked', { firedAt: '2026-11-20T13:59:59.000Z' }, {}],
    ['when it fired in the very moment of the first look', { firedAt: '2026-11-20T14:00:00.000Z' }, {}],
    ['when it is suppressed', { suppressed: 'an alert processing rule suppresses it' }, {}],
    ['while its notification may still come', { firedAt: '2026-11-20T14:01:00.001Z' }, {}],
    ['when it is the canary', { custom: { headroom_canary: 'true' } }, {}],
    ['in a maintenance window', {}, { policy: { ...POLICY, inMaintenance: () => true } }],
    [
      'when it fired in a maintenance window that is over',
      {},
      { policy: { ...POLICY, inMaintenance: (_resource: unknown, now: string) => now <= FIRED_AT } },
    ],
    ['when no source reads it', { source: 'unheard-of' }, {}],
    ['when its body is not understood', { body: { not: 'understood' } }, {}],
  ])('%s', async (_when, sketch, given) => {
    const { world, cloud } = await installed(given);
    cloud.firing = [firingAlert(sketch)];
    expect(await reconcile(world.deps)).toEqual({ reconciled: 0 });
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('when it has arrived', async () => {
    const { world, cloud } = await installed();
    await receive(world, azureAlert({ firedAt: FIRED_AT }));
    await workOff(world);
    cloud.firing = [firingAlert()];
    expect(await reconcile(world.deps)).toEqual({ reconciled: 0 });
  });

  test('when it has arrived with another time or origin than the cloud lists', async () => {
    const { world, cloud } = await installed();
    await receive(world, azureAlert({ firedAt: '2026-11-20T14:01:07.123Z' }));
    await workOff(world);
    cloud.firing = [firingAlert()];
    expect(await reconcile(world.deps)).toEqual({ reconciled: 0 });
  });

  test('when it has arrived so, and its Resolved too, though the cloud still lists it', async () => {
    const { world, cloud } = await installed();
    const firedAt = '2026-11-20T14:01:07.123Z';
    await receive(world, azureAlert({ firedAt }));
    await receive(world, azureAlert({ firedAt, resolvedAt: '2026-11-20T14:05:00Z', condition: 'Resolved' }));
    await workOff(world);
    cloud.firing = [firingAlert()];
    expect(await reconcile(world.deps)).toEqual({ reconciled: 0 });
    cloud.firing = [firingAlert({ firedAt: '2026-11-20T14:06:07.124Z' })];
    await moveOn(world.clock, GRACE_MS + MINUTE_MS);
    expect(await reconcile(world.deps)).toEqual({ reconciled: 1 });
  });

  test('when it was received and waits for a worker', async () => {
    const { world, cloud } = await installed();
    await receive(world, azureAlert({ firedAt: '2026-11-20T14:01:07.123Z' }));
    cloud.firing = [firingAlert()];
    expect(await reconcile(world.deps)).toEqual({ reconciled: 0 });
  });
});

describe('the reconciler', () => {
  test('does nothing at its first look but remember when that was', async () => {
    const cloud = cloudOf();
    cloud.firing = [firingAlert({ firedAt: '2026-11-20T13:00:00.000Z' })];
    const world = createWorld([], { firing: [cloud], ours: { actionGroups: [GROUP], alarmActions: [] } });
    expect(await reconcile(world.deps)).toEqual({ reconciled: 0 });
    expect(cloud.since).toEqual([]);
  });

  test('looks back to its first look, then an hour before the last, then to where it was interrupted', async () => {
    const { world, cloud } = await installed();
    await reconcile(world.deps);
    await moveOn(world.clock, 180 * MINUTE_MS);
    await reconcile(world.deps);
    cloud.complete = false;
    await moveOn(world.clock, 180 * MINUTE_MS);
    await reconcile(world.deps);
    cloud.complete = true;
    await moveOn(world.clock, 60 * MINUTE_MS);
    await reconcile(world.deps);
    expect(cloud.since.map((time) => time.slice(11, 16))).toEqual(['14:00', '14:00', '16:06', '16:06']);
  });

  test('goes on with what fired last in a list that was cut short', async () => {
    const { world, cloud } = await installed();
    cloud.firing = [firingAlert(), firingAlert({ firedAt: '2026-11-20T14:03:00.000Z', rule: 'later' })];
    cloud.complete = false;
    await reconcile(world.deps);
    await workOff(world);
    await reconcile(world.deps);
    expect(cloud.since.map((time) => time.slice(11, 16))).toEqual(['14:00', '14:03']);
  });

  test('takes up at most 50 in one run, and the others in the next', async () => {
    const { world, cloud } = await installed();
    cloud.firing = Array.from({ length: 70 }, (_, i) => firingAlert({ vault: `kv-${i}`, rule: `rule-${i}` }));
    expect(await reconcile(world.deps)).toEqual({ reconciled: 50 });
    await workOff(world);
    expect(await reconcile(world.deps)).toEqual({ reconciled: 20 });
    await workOff(world);
    expect(await incidentsOf(world)).toHaveLength(70);
    expect(await reconcile(world.deps)).toEqual({ reconciled: 0 });
  });

  test('looks at the other cloud when one refuses, and fails then with what that one said', async () => {
    const aws = cloudOf('aws');
    const { world, cloud } = await installed();
    cloud.fails = new HeadroomError('denied', 'listing alerts failed: 403', { nextStep: 'assign the reader role' });
    aws.firing = [firingAlert()];
    await expect(reconcile({ ...world.deps, firing: [cloud, aws] })).rejects.toThrow('listing alerts failed');
    await workOff(world);
    expect(await incidentsOf(world)).toHaveLength(1);
    expect(world.log.events).toContainEqual({
      level: 'error',
      event: 'reconcile-failed',
      fields: {
        cloud: 'azure',
        kind: 'denied',
        error: 'listing alerts failed: 403',
        nextStep: 'assign the reader role',
      },
    });
  });

  test('does nothing where no rule is said to be ours', async () => {
    const cloud = cloudOf();
    const world = createWorld([], { firing: [cloud] });
    await reconcile(world.deps);
    await moveOn(world.clock, 10 * MINUTE_MS);
    expect([await reconcile(world.deps), cloud.since]).toEqual([{ reconciled: 0 }, []]);
  });
});
