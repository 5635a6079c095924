import { describe, expect, test } from 'vitest';
import { evidenceName } from '../../../shared/pipeline/keys.ts';
import { moveOn } from '../pipeline/kit.ts';
import { chatWorld, settingsOf } from './kit.ts';
import { callerRow, fakeLogs } from './logs.ts';

const VAULT =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-orders';
const FIRST = Date.parse('2026-11-20T13:50:00.000Z') / 1000;

const bins = (count: number, each: number) => Array.from({ length: count }, () => each);

const LOGS = fakeLogs({
  callers: [
    callerRow('2f56dff0-0000-4000-8000-000000000001', { requests: 900, refused: 90, peak10s: 400 }),
    callerRow('dana@contoso.com', { kind: 'user', name: 'dana@contoso.com', appId: null, requests: 100, refused: 0 }),
  ],
  timeline: [
    { class: 'secret', outcome: 'served', fromSecond: FIRST, perSecond: bins(660, 10) },
    { class: 'secret', outcome: 'refused', fromSecond: FIRST, perSecond: [...bins(600, 0), ...bins(60, 5)] },
    { class: 'key', outcome: 'served', fromSecond: FIRST, perSecond: bins(660, 1) },
  ],
});

describe('top', () => {
  test('says who asked most, masked as the place that asks has to be', async () => {
    const { answer, alert } = chatWorld();
    await alert();
    const given = { readers: [LOGS], privacy: 'masked' } as const;
    expect(await answer('top kv-contoso 10m', given)).toEqual({
      title: 'kv-contoso: 1,000 requests by 2 callers, 90 refused',
      lines: ['2026-11-20 13:50 UTC to 14:01 UTC'],
      table: {
        columns: ['caller', 'requests', 'share', 'refused', 'peak 10 s', 'addresses'],
        rows: [
          ['JavaScript app 2f56dff0', '900', '90 %', '90', '400', '2'],
          ['d…@contoso.com', '100', '10 %', '0', '40', '2'],
        ],
      },
      notes: [],
    });
  });

  test('calls callers by the names that the settings give them', async () => {
    const { answer, alert, deps } = chatWorld();
    await alert();
    const nameCaller: typeof deps.policy.nameCaller = (caller) =>
      caller.appId === undefined ? caller : { ...caller, displayName: 'Orders' };
    const { table } = await answer('top kv-contoso', { readers: [LOGS], policy: { ...deps.policy, nameCaller } });
    expect(table?.rows.map(([name]) => name)).toEqual(['Orders', 'dana@contoso.com']);
  });

  test('without a window asks for that of the open incident, else for the last hour', async () => {
    const { answer, alert, ask } = chatWorld();
    await alert();
    const logs = fakeLogs({ callers: [] });
    await answer('top kv-contoso', { readers: [logs] });
    await ask('resolve kv-contoso');
    await answer('top kv-contoso', { readers: [logs] });
    expect(logs.asked.map(({ from, to }) => [from, to])).toEqual([
      ['2026-11-20T13:44:00.000Z', '2026-11-20T14:01:00.000Z'],
      ['2026-11-20T13:00:00.000Z', '2026-11-20T14:01:00.000Z'],
    ]);
  });

  test('reads a time of day in the zone of the settings', async () => {
    const { answer, alert } = chatWorld();
    await alert();
    const logs = fakeLogs({ callers: [] });
    const settings = settingsOf({ timeZone: 'Europe/Paris' });
    expect((await answer('top kv-contoso since 09:00', { readers: [logs], settings })).title).toBe(
      'Nobody asked anything of kv-contoso, 2026-11-20 08:00 UTC to 14:01 UTC',
    );
  });

  test('says why the logs cannot be read', async () => {
    const { answer, alert } = chatWorld();
    await alert();
    const readers = [{ ...LOGS, read: async () => Promise.reject(new Error('down')) }];
    expect(await answer('top kv-contoso', { readers })).toMatchObject({
      title: 'The logs of kv-contoso could not be read',
      lines: ['The store failed; it is asked again with the next run'],
    });
  });

  test('falls back to what was read for an incident, and says so', async () => {
    const { answer, alert, deps } = chatWorld();
    const id = await alert();
    const stored = {
      from: '2026-11-20T13:44:00.000Z',
      to: '2026-11-20T14:00:00.000Z',
      readings: [
        {
          kind: 'callers',
          store: 'files',
          window: 'incident',
          readAt: '',
          state: 'read',
          rows: [callerRow('a')],
          truncated: false,
          completeness: null,
        },
      ],
    };
    await deps.payloads.put(evidenceName(id), Buffer.from(JSON.stringify(stored)));
    const { title, notes } = await answer('top kv-contoso');
    expect(title).toBe('kv-contoso: 100 requests by 1 caller, 10 refused');
    expect(notes).toEqual([{ text: `From the logs read for incident ${id}: 2026-11-20 13:44 UTC to 14:00 UTC` }]);
  });

  test('does not show what was read of another time', async () => {
    const { answer, alert, deps, world } = chatWorld();
    const id = await alert();
    const readings = [{ kind: 'callers', state: 'read', rows: [] }];
    const stored = { from: '2026-11-20T13:44:00.000Z', to: '2026-11-20T14:00:00.000Z', readings };
    await deps.payloads.put(evidenceName(id), Buffer.from(JSON.stringify(stored)));
    await moveOn(world.clock, 3_600_000);
    expect((await answer('top kv-contoso 15m')).title).toBe('Nothing of kv-contoso was read in that time');
  });

  test('asks nothing about what lies in no scope', async () => {
    const { answer, alert, deps } = chatWorld();
    await alert();
    const logs = fakeLogs({});
    const policy = { ...deps.policy, mayRead: () => false };
    const { title, lines } = await answer('top kv-contoso', { readers: [logs], policy });
    expect(title).toBe('Nothing of kv-contoso was read');
    expect(lines[0]).toContain('It lies in no configured scope');
    expect(logs.asked).toEqual([]);
  });
});

describe('the name of a resource', () => {
  const settings = settingsOf({ resources: { [VAULT]: { displayName: 'Orders vault' } } });

  test.each([
    'kv-contoso',
    'KV-CONTOSO',
    'kv-con',
    'contoso',
    'https://kv-contoso.vault.azure.net/',
    'kv-contoso.vault.azure.net',
  ])('is completed from what is known: %s', async (typed) => {
    const { answer, alert } = chatWorld();
    await alert();
    expect((await answer(`limits ${typed}`, { settings })).title).toBe('Limits of kv-contoso (profile published)');
  });

  test.each(['kv-orders', 'orders', VAULT, VAULT.toUpperCase()])('is taken from the settings: %s', async (typed) => {
    expect((await chatWorld().answer(`limits ${typed}`, { settings })).title).toBe(
      'Limits of kv-orders (profile published)',
    );
  });

  test('that several have is asked about', async () => {
    const { answer, alert } = chatWorld();
    await alert();
    expect(await answer('limits kv-', { settings })).toEqual({
      title: "Which 'kv-'? Several resources are named so",
      lines: ['kv-contoso', 'kv-orders'],
      notes: [],
    });
  });

  test('that nothing has is answered with the nearest', async () => {
    const { answer, alert } = chatWorld();
    await alert();
    const { title, lines } = await answer('limits kv-contsoo');
    expect([title, lines[0]]).toEqual(["No resource 'kv-contsoo' is known here", "Did you mean 'kv-contoso'?"]);
  });
});

describe('timeline', () => {
  test('shows the busiest class by steps, against its limit', async () => {
    const { answer, alert } = chatWorld();
    await alert();
    const { title, lines, table } = await answer('timeline kv-contoso 10m', { readers: [LOGS] });
    expect(title).toBe('kv-contoso: 6,900 requests, 300 refused');
    expect(lines).toEqual(['secret operations, 2026-11-20 13:50 UTC to 14:01 UTC']);
    expect(table?.columns).toEqual(['from (UTC)', 'requests', 'refused', 'peak 10 s', 'of the limit']);
    expect(table?.rows).toHaveLength(11);
    expect(table?.rows[0]).toEqual(['11-20 13:50', '600', '0', '100', '3 %']);
    expect(table?.rows.at(-1)).toEqual(['11-20 14:00', '900', '300', '150', '4 %']);
  });
});

describe('limits', () => {
  test('tells what is published, where it stands, and what an incident showed', async () => {
    const { answer, alert, deps } = chatWorld();
    const id = await alert();
    const rows = [
      { class: 'secret', outcome: 'served', fromSecond: FIRST, perSecond: bins(60, 40) },
      { class: 'secret', outcome: 'refused', fromSecond: FIRST, perSecond: bins(60, 9) },
    ];
    const readings = [
      {
        kind: 'timeline',
        store: 'files',
        window: 'incident',
        readAt: '',
        state: 'read',
        rows,
        truncated: false,
        completeness: null,
      },
    ];
    const bytes = Buffer.from(JSON.stringify({ from: '', to: '', readings }));
    await deps.payloads.put(evidenceName(id), bytes);
    const { table, notes } = await answer('limits kv-contoso');
    expect(table?.rows[0]).toEqual(['secret', '4,000 in 10 s', 'no', '400 (400 to 400)']);
    expect(table?.rows[1]).toEqual(['create', '300 in 10 s', 'no', '–']);
    expect(notes[0]?.text).toContain('service-limits, read 2026-11-20');
  });

  test('of what none is known says so', async () => {
    const typed =
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/microsoft.web/sites/app';
    expect((await chatWorld().answer(`limits ${typed}`)).title).toBe('No published limit of app is known');
  });
});
