import type { Finding, Incident } from '../../../shared/model.ts';
import { burstChart, finding, hitsSignal, IMPACT, incident, refusedSignal, VAULT } from './incidents.ts';
import { STORM_LINES, storm } from './storm-cases.ts';

/** Incidents built by hand, one for each state that a message shows. */

const STAMPEDE = finding({
  kind: 'startup-stampede',
  verdict: 'likely',
  role: 'trigger',
  explains: 0.81,
  summary: '240 instances started within 30 s and each read its 18 secrets at once.',
  facts: [
    { label: 'Instances started', value: 240, from: { kind: 'starts', column: 'instances', window: 'incident' } },
    {
      label: 'Reads in the first 30 s of an instance',
      value: 18,
      from: { kind: 'starts', column: 'reads', window: 'incident' },
    },
  ],
  fixes: [
    {
      id: 'spread',
      title: 'Spread the start over two minutes (maxSurge 10 %)',
      invasiveness: 1,
      predicted: {
        throttledBefore: 1240,
        throttledAfter: 120,
        peakUtilisationBefore: 1.52,
        peakUtilisationAfter: 0.95,
      },
    },
  ],
});

const MISSING_CACHE = finding({
  kind: 'missing-cache',
  role: 'trigger',
  explains: 1,
  victims: [],
  summary: 'The same 4 secrets are read 5,600 times a minute.',
  facts: [
    {
      label: 'Reads per distinct secret and address',
      value: 1400,
      from: { kind: 'callers', column: 'reads', window: 'incident' },
    },
  ],
  fixes: [
    {
      id: 'cache',
      title: 'Cache secrets for an hour',
      invasiveness: 3,
      snippet: {
        language: 'ts',
        text: "const secrets = await createSecrets({ credential });\nawait secrets.get('Db');",
      },
      predicted: { throttledBefore: 1240, throttledAfter: 0, peakUtilisationBefore: 1.52, peakUtilisationAfter: 0.04 },
    },
  ],
});

const COMPLETE = { text: 'The answer rests on 97 % of the load: the last minutes of the log are still arriving.' };

/** With a cause and its evidence, ten minutes after the alert. */
export function diagnosed(first: Finding, more: Partial<Incident> = {}): Incident {
  return incident({
    severity: 1,
    revision: 3,
    signals: [refusedSignal(), hitsSignal()],
    findings: [first],
    impact: IMPACT,
    chart: burstChart(),
    notes: [COMPLETE],
    diagnosedAt: '2026-11-20T14:13:05.000Z',
    ...more,
  });
}

/** Every state that the golden files show. */
export const CASES: Record<string, Incident> = {
  'first-post': incident(),
  'retry-storm': diagnosed(finding(), {
    acknowledged: { at: '2026-11-20T14:15:00.000Z', by: 'on-call engineer' },
    flaps: 2,
  }),
  'startup-stampede': diagnosed(STAMPEDE, {
    findings: [STAMPEDE, finding({ verdict: 'likely', explains: 0.4 })],
  }),
  'missing-cache': diagnosed(MISSING_CACHE),
  resolved: diagnosed(finding(), {
    signals: [refusedSignal({ state: 'resolved', resolvedAt: '2026-11-20T14:26:00.000Z' })],
    lifecycle: { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'signals' },
  }),
  storm: storm(),
  'storm-over': storm(
    {
      overAt: '2026-11-20T14:09:00.000Z',
      open: 0,
      families: [{ name: 'throttle', incidents: 480, open: 0 }],
      types: [{ name: VAULT.type, incidents: 480, open: 0 }],
      worst: STORM_LINES.map((line) => ({ ...line, resolvedAt: '2026-11-20T14:20:00.000Z' })),
    },
    { lifecycle: { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'signals' } },
  ),
  'unverified-test': incident({
    synthetic: 'test',
    verified: false,
    resource: {
      ...VAULT,
      name: 'test-vault',
      id: '/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/test',
    },
    signals: [refusedSignal({ rule: '<!channel> *x* [a](http://b)', links: [], custom: {} })],
  }),
  'evidence-unavailable': incident({
    diagnosedAt: '2026-11-20T14:06:00.000Z',
    findings: [
      finding({ kind: 'missing-cache', verdict: 'inconclusive', explains: 0, fixes: [], victims: [], facts: [] }),
    ],
    notes: [
      {
        text: 'Log Analytics refused the question: role Log Analytics Reader is missing on workspace law-ops.',
        nextStep: 'Give the identity headroom-reader the role Log Analytics Reader on law-ops.',
      },
    ],
  }),
  'second-region': diagnosed(finding(), {
    secondRegion: { why: 'no-answer' },
  }),
};
