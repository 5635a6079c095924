import { describe, expect, test } from 'vitest';
import type { ActionContext } from '../../../shared/actions/action.ts';
import { clientPolicy } from '../../../shared/actions/client-policy.ts';
import { newPlan } from '../../../shared/actions/plan.ts';
import { newRecord } from '../../../shared/incidents/record.ts';
import type { Finding } from '../../../shared/model.ts';
import { readLevers } from '../../../shared/secrets/levers.ts';
import { application, finding, VAULT } from '../chat/incidents.ts';

const NOW = '2026-11-20T14:00:00.000Z';
const CONTEXT: ActionContext = {
  appOf: ({ id }) => (id === 'app:shop' ? { app: 'shop', fleetSize: 40 } : id === 'app:tiny' ? { app: 'tiny' } : null),
  projectOf: () => null,
  report: () => ({ title: '', text: '' }),
};

function record(findings: Finding[]) {
  const about = {
    id: 'k3f7q2ab',
    fingerprint: 'f',
    family: 'throttle',
    resource: VAULT,
    openedAt: NOW,
    severity: 1,
  } as const;
  return { ...newRecord({ ...about, verified: true }, NOW), findings };
}

const cause = (lever: string, value: unknown, more: Partial<Finding> = {}): Finding =>
  finding({
    kind: 'missing-cache',
    verdict: 'likely',
    caller: application('shop'),
    fixes: [{ id: 'f', title: 'Fix', invasiveness: 1, action: { id: 'client-policy', params: { lever, value } } }],
    ...more,
  });

const offered = (...findings: Finding[]) => clientPolicy.drafts(record(findings), CONTEXT);

describe('a client policy', () => {
  test.each([
    ['ttlSeconds', 3_600, 'Let shop keep its secrets for 1 h', 'low'],
    ['ttlSeconds', 900, 'Let shop keep its secrets for 15 min', 'low'],
    ['ttlSeconds', 90, 'Let shop keep its secrets for 90 s', 'low'],
    ['maxRequestsPerSecond', 20, 'Hold shop to 20 reads a second in all', 'high'],
    ['paused', true, 'Stop the background refresh of shop', 'high'],
  ])('of %s %j is offered as: %s', (lever, value, title, risk) => {
    expect(offered(cause(lever, value))).toMatchObject([
      { title, risk, target: { kind: 'lever', id: `headroom:shop:secrets:${lever}`, resource: VAULT.id } },
    ]);
  });

  test.each([
    ['a TTL below what the library takes', cause('ttlSeconds', 59)],
    ['a TTL above what the library takes', cause('ttlSeconds', 86_401)],
    ['no rate', cause('maxRequestsPerSecond', 0)],
    ['a lever that there is none of', cause('everything', 1)],
    ['a caller of which nobody said that it obeys', cause('ttlSeconds', 900, { caller: application('other') })],
    ['a cause that is not settled', cause('ttlSeconds', 900, { verdict: 'inconclusive' })],
    ['a cause that is ruled out', cause('ttlSeconds', 900, { verdict: 'ruled-out' })],
  ])('is not offered for %s', (_what, of) => {
    expect(offered(of)).toEqual([]);
  });

  test('is offered once for one lever, as the cause that ranks first asks for it', () => {
    const drafts = offered(cause('ttlSeconds', 900), cause('ttlSeconds', 3_600));
    expect(drafts.map(({ params }) => params)).toEqual([{ app: 'shop', lever: 'ttlSeconds', value: 900 }]);
  });

  test('lets a retry storm rest without background refresh, which never holds a first read back', () => {
    expect(offered(cause('ttlSeconds', 900, { kind: 'retry-storm' })).map(({ title }) => title)).toEqual([
      'Let shop keep its secrets for 15 min',
      'Stop the background refresh of shop',
    ]);
  });

  test('says how many share a rate: as the settings say, else as many as the log shows addresses', () => {
    expect(offered(cause('maxRequestsPerSecond', 20))[0]?.params).toMatchObject({ fleetSize: 40 });
    const tiny = cause('maxRequestsPerSecond', 20, { caller: application('tiny', { addresses: 7 }) });
    expect(offered(tiny)[0]?.params).toMatchObject({ fleetSize: 7 });
  });

  test.each([
    ['ttlSeconds', 3_600, { ttlMs: 3_600_000 }],
    ['maxRequestsPerSecond', 20, { maxPerSecond: 0.5 }],
    ['paused', true, { paused: true }],
  ])('of %s is understood by the library, and ends after two hours', (lever, value, obeyed) => {
    const [draft] = offered(cause(lever, value));
    if (!draft) throw new Error('nothing is offered');
    const shown = { incidentId: 'k3f7q2ab', action: clientPolicy.id, undoable: true, shown: null, diff: '' };
    const plan = newPlan({ ...draft, ...shown }, 1, NOW);
    const incident = record([]);
    const desired = clientPolicy.desired(plan, { now: NOW, incident, context: CONTEXT });
    const key = draft.target.id;
    const setting = { key, label: undefined, kind: 'plain', lastModified: undefined } as const;
    const { levers, ignored } = readLevers(
      new Map([[key, { ...setting, value: JSON.stringify(desired.value) }]]),
      'shop',
      Date.parse(NOW),
      undefined,
    );
    expect(ignored).toEqual([]);
    const until = Date.parse('2026-11-20T16:00:00.000Z');
    const expected = Object.entries(obeyed).map(([name, of]) => [name, { value: of, until, incident: 'k3f7q2ab' }]);
    expect(levers).toEqual(Object.fromEntries(expected));
    expect(desired.endsAt).toBe('2026-11-20T16:00:00.000Z');
  });

  test.each([
    [null, 'ttlSeconds: not set -> 900, for 2 h'],
    [{ value: 60, until: '2026-11-20T15:00:00Z' }, 'ttlSeconds: 60 until 2026-11-20T15:00:00Z -> 900, for 2 h'],
    ['by hand', 'ttlSeconds: something that is no lever -> 900, for 2 h'],
  ])('says from what to what: %j', (before, diff) => {
    expect(clientPolicy.diff({ app: 'shop', lever: 'ttlSeconds', value: 900 }, before)).toBe(diff);
  });
});
