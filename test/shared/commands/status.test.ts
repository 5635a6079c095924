import { describe, expect, test } from 'vitest';
import { moveOn } from '../pipeline/kit.ts';
import { chatWorld } from './kit.ts';

const COLUMNS = ['incident', 'state', 'resource', 'signal', 'cause', 'opened (UTC)'];

describe('status', () => {
  test('without incidents says that there is none', async () => {
    expect(await chatWorld().answer('status')).toEqual({ title: 'No open incident', lines: [], notes: [] });
    expect((await chatWorld().answer('status kv-x')).title).toBe("No incident of resources named like 'kv-x'");
  });

  test('lists open incidents, newest first', async () => {
    const { answer, alert, world } = chatWorld();
    const older = await alert({ vaults: ['kv-a'] });
    await moveOn(world.clock, 120_000);
    const newer = await alert({ vaults: ['kv-b'] });
    const { title, table } = await answer('status');
    expect(title).toBe('2 open incidents');
    expect(table).toEqual({
      columns: COLUMNS,
      rows: [
        [newer, 'sev 3', 'kv-b', 'throttle', '–', '2026-11-20 14:01'],
        [older, 'sev 3', 'kv-a', 'throttle', '–', '2026-11-20 13:59'],
      ],
    });
  });

  test('leaves out the canary, unless its resource is named', async () => {
    const { answer, alert } = chatWorld();
    await alert({ vaults: ['kv-own'], custom: { headroom_canary: 'true' } });
    expect((await answer('status')).title).toBe('No open incident');
    const row = [expect.any(String), 'sev 3, canary', 'kv-own', 'throttle', '–', expect.any(String)];
    expect((await answer('status kv-own')).table?.rows).toEqual([row]);
  });

  test('leaves out what is resolved, unless a resource is named', async () => {
    const { answer, alert } = chatWorld();
    const firedAt = '2026-11-20T13:50:00.000Z';
    const id = await alert({ firedAt });
    await alert({ firedAt, condition: 'Resolved', resolvedAt: '2026-11-20T13:58:00.000Z' });
    expect((await answer('status')).title).toBe('No open incident');
    const named = await answer('status CONTOSO');
    expect(named.title).toBe("1 incident of resources named like 'contoso'");
    expect(named.table?.rows).toEqual([[id, 'resolved', 'kv-contoso', 'throttle', '–', '2026-11-20 13:50']]);
  });

  test('shows twenty a page, and says how to see the others', async () => {
    const { answer, alert } = chatWorld();
    await alert({ vaults: Array.from({ length: 23 }, (_, index) => `kv-${index + 1}`) });
    const first = await answer('status');
    expect([first.title, first.table?.rows.length]).toEqual(['23 open incidents', 20]);
    expect(first.notes).toEqual([{ text: "1 to 20 of 23; 'status page 2' shows the next" }]);
    const second = await answer('status page 2');
    expect(second.notes).toEqual([{ text: '21 to 23 of 23' }]);
    expect(second.table?.rows).toHaveLength(3);
    expect(await answer('status page 99')).toEqual(second);
  });

  test('says where more than a hundred were not looked through', async () => {
    const { answer, alert } = chatWorld();
    await alert({ vaults: Array.from({ length: 101 }, (_, index) => `kv-${index + 1}`) });
    const { title, notes } = await answer('status');
    expect(title).toBe('100 open incidents');
    expect(notes).toContainEqual({ text: 'Only the newest 100 were looked through' });
  });

  test('marks what a portal sent as a test', async () => {
    const { answer, payload } = chatWorld();
    const { default: body } = await import('../../fixtures/azure/testaction-metric-static.json', {
      with: { type: 'json' },
    });
    await payload(body);
    expect((await answer('status')).table?.rows[0]?.[1]).toBe('sev 4, test');
  });
});
