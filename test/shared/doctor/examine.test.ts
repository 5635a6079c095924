import { describe, expect, test } from 'vitest';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { readConfig } from '../../../shared/config.ts';
import type { CheckPorts } from '../../../shared/doctor/check.ts';
import { examine } from '../../../shared/doctor/examine.ts';
import { fakeClock } from '../../kit.ts';

function portsOf(environment: Record<string, string> = {}, settings: unknown = {}): CheckPorts {
  const read = readConfig({ environment, cloud: 'local', settings });
  if (!read.ok) throw new Error(read.problems.map(({ problem }) => problem).join('; '));
  const clock = fakeClock();
  return {
    config: read.config,
    records: createMemoryRecords(),
    queue: createMemoryQueue({ clock }),
    clock,
    destinations: ['terminal'],
  };
}

async function found(ports: CheckPorts, name: string): Promise<unknown> {
  const result = (await examine(ports)).find((one) => one.name === name);
  return result?.ok ? result.detail : result?.problem;
}

const SECRET = { HEADROOM_SLACK_SIGNING_SECRET: '0f3c9a' };

describe('the checks', () => {
  test('are all well in a small installation that is configured', async () => {
    const settings = {
      scopes: ['123456789012'],
      approvers: [{ people: ['slack:T1/U1'], actions: ['*'] }],
    };
    expect(await examine(portsOf(SECRET, settings))).toEqual([
      { name: 'stores', ok: true, detail: 'they answer; waiting: 0 messages' },
      { name: 'destinations', ok: true, detail: 'terminal' },
      { name: 'scopes', ok: true, detail: '1 configured' },
      { name: 'approvers', ok: true, detail: 'named: 1' },
    ]);
  });

  test('find work that failed for good', async () => {
    const ports = portsOf();
    await ports.queue.send({ v: 1, incidentId: 'abcdefgh' });
    const [delivery] = await ports.queue.receive({ max: 1, visibilityMs: 1_000 });
    await delivery?.bury('no');
    expect(await found(ports, 'stores')).toBe('1 message failed for good');
  });

  test('find routes that lead nowhere', async () => {
    const ports = portsOf({}, { routes: [{ to: ['slack-bto'] }] });
    expect(await found(ports, 'destinations')).toBe("a route names 'slack-bto', which is not configured");
    expect(await found({ ...ports, destinations: [] }, 'destinations')).toBe('messages go nowhere');
  });

  test('find that nobody may act from chat, once chat can send commands', async () => {
    expect(await found(portsOf(), 'approvers')).toContain('none needed');
    expect(await found(portsOf(SECRET), 'approvers')).toContain('nobody may acknowledge');
  });

  test('find a store that is down, without its detail', async () => {
    const ports = portsOf();
    const records = { ...ports.records, get: () => Promise.reject(new Error('password=x')) };
    expect(await found({ ...ports, records }, 'stores')).toBe('the check itself failed');
  });
});
