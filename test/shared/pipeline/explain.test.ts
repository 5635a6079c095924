import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../shared/model.ts';
import { type ExplainDeps, explainAlerts } from '../../../shared/pipeline/explain.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../shared/ports.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { fakeClock } from '../../kit.ts';
import { type AlertSketch, azureAlert, POLICY } from './kit.ts';

const FIRED_AT = '2026-11-20T13:59:00Z';

function alertsOf(...sketches: Partial<AlertSketch>[]): Alert[] {
  return sketches.flatMap((sketch) => {
    const parsed = azure.parse(azureAlert({ firedAt: FIRED_AT, ...sketch }), '2026-11-20T14:00:00.000Z');
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.alerts;
  });
}

/** A store that keeps what it is asked, and refuses it. */
function refusing(): EvidenceReader & { asked: EvidenceRequest[] } {
  const asked: EvidenceRequest[] = [];
  return {
    store: 'refusing',
    language: 'sql',
    asked,
    covers: () => true,
    async read(request) {
      asked.push(request);
      return request.query.statements.map(({ kind }) => ({
        kind,
        store: 'refusing',
        window: request.window,
        readAt: '2026-11-20T14:00:00.000Z',
        state: 'unavailable',
        why: 'denied',
        nextStep: 'grant Reader on the log',
      }));
    },
  };
}

/** A store that knows of one refused request in ten, at the time of the alert. */
function refusedTenth(): EvidenceReader {
  const rows = (['served', 'refused'] as const).map((outcome) => ({
    class: 'secret',
    outcome,
    fromSecond: Date.parse(FIRED_AT) / 1000,
    perSecond: [outcome === 'served' ? 90 : 10],
  }));
  return {
    ...refusing(),
    async read(request) {
      return request.query.statements.map(({ kind, window = 'incident' }) => {
        const head = { kind, store: 'tenth', window, readAt: FIRED_AT };
        return kind === 'timeline'
          ? { ...head, state: 'read', rows, truncated: false, completeness: null }
          : { ...head, state: 'unavailable', why: 'unsupported', nextStep: 'ask another' };
      });
    },
  };
}

function deps(given: Partial<ExplainDeps> = {}): ExplainDeps {
  return { readers: [], clock: fakeClock(), policy: POLICY, ...given };
}

describe('alerts explained', () => {
  test('are one incident a resource and family, in the order of the alerts', async () => {
    const alerts = alertsOf(
      { vaults: ['kv-b'] },
      { vaults: ['kv-a'] },
      { vaults: ['kv-b'], rule: 'kv-hits', metric: 'ServiceApiHit' },
      { vaults: ['kv-b'], custom: { headroom_family: 'availability' } },
    );
    const incidents = await explainAlerts(deps(), alerts);
    expect(incidents.map(({ resource, family, signals }) => [resource.name, family, signals.length])).toEqual([
      ['kv-b', 'throttle', 2],
      ['kv-a', 'throttle', 1],
      ['kv-b', 'availability', 1],
    ]);
  });

  test('are none without alerts', async () => {
    expect(await explainAlerts(deps(), [])).toEqual([]);
  });

  test('that fired and were resolved are one resolved incident, in either order', async () => {
    const sketches = [{}, { condition: 'Resolved', resolvedAt: '2026-11-20T13:59:30Z' }] as const;
    for (const order of [sketches, sketches.toReversed()])
      expect(await explainAlerts(deps(), alertsOf(...order))).toMatchObject([
        { lifecycle: { state: 'resolved', at: '2026-11-20T13:59:30.000Z' } },
      ]);
  });

  test('the same alert twice is one alert', async () => {
    const [incident] = await explainAlerts(deps(), alertsOf({}, {}));
    expect(incident?.accepted).toHaveLength(1);
  });

  test('without a log are answered all the same, and say what is missing', async () => {
    const [incident] = await explainAlerts(deps(), alertsOf({}));
    expect(incident).toMatchObject({ diagnosedAt: '2026-11-20T14:00:00.000Z', severity: 3 });
    expect(incident?.findings.filter(({ verdict }) => verdict === 'confirmed' || verdict === 'likely')).toEqual([]);
    expect(JSON.stringify(incident?.notes)).toMatch(/log/i);
  });

  test('pass on what a store that refuses says is to be done', async () => {
    const reader = refusing();
    const [incident] = await explainAlerts(deps({ readers: [reader] }), alertsOf({}));
    expect(reader.asked.length).toBeGreaterThan(0);
    expect(JSON.stringify(incident?.notes)).toContain('grant Reader on the log');
  });

  test('ask for the window of the alert, never for what is to come', async () => {
    const reader = refusing();
    await explainAlerts(deps({ readers: [reader] }), alertsOf({}));
    const [asked] = reader.asked;
    expect([asked?.from, asked?.to]).toEqual(['2026-11-20T13:44:00.000Z', '2026-11-20T14:01:00.000Z']);
  });

  test('of a resource out of scope are not read about', async () => {
    const reader = refusing();
    const policy = { ...POLICY, mayRead: () => false, verifies: () => false };
    const [incident] = await explainAlerts(deps({ readers: [reader], policy }), alertsOf({}));
    expect(reader.asked).toEqual([]);
    expect(incident?.verified).toBe(false);
  });

  test.each([
    ['is held against the objective of the resource', { target: 0.999 }, 100],
    ['burns no budget where the settings name no objective', null, null],
  ])('what was refused %s', async (_what, objective, burn) => {
    const policy = { ...POLICY, objectiveOf: () => objective };
    const [incident] = await explainAlerts(deps({ readers: [refusedTenth()], policy }), alertsOf({}));
    expect(incident?.impact).toMatchObject({ requestsFailed: 10, errorBudgetBurn: burn });
  });
});
