import { describe, expect, test } from 'vitest';
import { familyOf } from '../../../shared/incidents/family.ts';
import type { Alert } from '../../../shared/model.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { store } from '../../kql/execute.ts';
import { MANAGED_IDENTITY_SIGN_INS } from '../../kql/sign-in-tables.ts';
import { deployMain, mainParameters } from './deployed.ts';
import { asFields } from './evaluate.ts';
import { type LogRule, logRuleOf, watchLogs } from './log-monitor.ts';
import type { Notification } from './monitor.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WORKSPACE =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/identity/providers/Microsoft.OperationalInsights/workspaces/law-signins';

async function ruleOf(symbol: string, changed: Record<string, unknown> = {}): Promise<LogRule> {
  const found = (await deployMain(changed)).find((one) => one.symbol === symbol);
  if (!found) throw new Error(`${symbol} is not deployed`);
  return logRuleOf(found);
}

/** Sign-ins so many minutes after the start, as Entra writes them. */
function signIns(given: { minute: number; count: number; resource?: string; result?: string }[]) {
  const rows = given.flatMap(({ minute, count, resource = 'Azure Key Vault', result = '1000201' }) =>
    Array.from({ length: count }, (_, nth) => ({
      TimeGenerated: new Date(START + minute * MINUTE_MS + nth).toISOString(),
      ResourceDisplayName: resource,
      ResultType: result,
    })),
  );
  return [store(MANAGED_IDENTITY_SIGN_INS, rows)];
}

function told(notifications: readonly Notification[]): string[] {
  return notifications.map(({ condition, at }) => `${condition} ${(at - START) / MINUTE_MS}`);
}

function parsed({ payload, at }: Notification): Alert {
  const result = azure.parse(payload, new Date(at + 20_000).toISOString());
  const [alert] = result.ok ? result.alerts : [];
  if (!alert) throw new Error(JSON.stringify(result));
  return alert;
}

describe('the rule on sign-ins of managed identities', async () => {
  const rule = await ruleOf('signIns', { signInWorkspaceId: WORKSPACE });
  const play = (given: Parameters<typeof signIns>[0]) =>
    watchLogs(rule, signIns(given), START + 5 * MINUTE_MS, START + HOUR_MS);

  test.each([
    [10, []],
    [11, ['Fired 15', 'Resolved 40']],
  ])('%i failures in fifteen minutes tell %j', (count, expected) => {
    expect(told(play([{ minute: 12, count }]))).toEqual(expected);
  });

  test('counts each resource that was asked for by itself, and those that failed alone', () => {
    const spread = ['Azure Key Vault', 'Azure Storage'].map((resource) => ({ minute: 12, count: 8, resource }));
    const served = { minute: 12, count: 500, result: '0' };
    expect(play([...spread, served, { ...served, result: 'Success' }])).toEqual([]);
  });

  test('stays silent in an outage that shows as missing rows, which Headroom looks for itself', () => {
    expect(play([{ minute: 2, count: 300, result: '0' }])).toEqual([]);
  });

  test('makes a payload that the source reads: an alert on credentials, one instance from Fired to Resolved', () => {
    const [fired, resolved] = play([{ minute: 12, count: 40 }]);
    if (!fired || !resolved) throw new Error('told nothing');
    const alert = parsed(fired);
    expect(alert).toMatchObject({
      rule: 'headroom-sign-in-failures',
      category: 'log',
      severity: 2,
      state: 'fired',
      firedAt: '2026-01-05T10:15:00.000Z',
      resource: { id: WORKSPACE.toLowerCase() },
      signals: [
        {
          operator: 'GreaterThan',
          threshold: 10,
          value: 40,
          windowSeconds: 900,
          dimensions: { ResourceDisplayName: 'Azure Key Vault' },
        },
      ],
      custom: { team: 'platform', severity: 'warning', runbook: 'https://runbooks.example/key-vault/sign-in-failures' },
    });
    expect(familyOf(alert)).toBe('identity');
    expect(parsed(resolved)).toMatchObject({ state: 'resolved', instance: alert.instance });
  });

  test('has the threshold that the parameter says', async () => {
    const thresholds = { ...asFields((await mainParameters())['thresholds']), signInFailures: 50 };
    expect((await ruleOf('signIns', { signInWorkspaceId: WORKSPACE, thresholds })).threshold).toBe(50);
  });
});

describe('the rule on silence', async () => {
  const rule = await ruleOf('heartbeat');
  const columns = [
    { name: 'TimeGenerated', type: 'datetime' as const },
    { name: 'Message', type: 'string' as const },
  ];

  /** What `watch` logs each minute: a sign of life up to that minute, and after it that one is withheld. */
  function log(aliveUntil: number, aliveFrom: number) {
    const rows = Array.from({ length: 120 }, (_, minute) => {
      const event = minute < aliveUntil || minute >= aliveFrom ? 'heartbeat' : 'heartbeat-withheld';
      const message = { time: new Date(START + minute * MINUTE_MS).toISOString(), level: 'info', event };
      return { TimeGenerated: message.time, Message: JSON.stringify(message) };
    });
    return [store({ name: 'AppTraces', columns }, rows)];
  }

  const play = (aliveUntil: number, aliveFrom = Number.POSITIVE_INFINITY) =>
    watchLogs(rule, log(aliveUntil, aliveFrom), START + 15 * MINUTE_MS, START + 2 * HOUR_MS);

  test('is quiet while a heartbeat comes each minute, and over a gap of ten minutes', () => {
    expect([play(Number.POSITIVE_INFINITY), play(40, 50)].flat()).toEqual([]);
  });

  test('e-mails people fifteen minutes after the last, past Headroom, and takes it back once it lives', () => {
    expect(told(play(40))).toEqual(['Fired 55']);
    expect(told(play(40, 70))).toEqual(['Fired 55', 'Resolved 85']);
    expect(rule.actionGroups).toEqual(['<receivers.outputs.peopleGroupId>']);
  });

  test('tells of a workspace that holds no such log at all', () => {
    const empty = [store({ name: 'AppTraces', columns }, [])];
    expect(told(watchLogs(rule, empty, START, START)).join()).toBe('Fired 0');
  });
});
