import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openLogArchive } from '../../../../shared/adapters/duckdb/archive.ts';
import { callers } from '../../../../shared/evidence/callers.ts';
import { composeArchive } from '../../../../shared/evidence/languages/sql.ts';
import { rowsOf } from '../../../../shared/evidence/rows.ts';
import { gather } from '../../../../shared/pipeline/gather.ts';
import type { ArchiveProgress, LogArchive, OpenedLogArchive } from '../../../../shared/ports.ts';
import { fakeClock } from '../../../kit.ts';
import { FROM, gatherFrom, line, TO, VAULT, withFiles } from '../../evidence/kit.ts';

const OTHER = { ...VAULT, id: VAULT.id.replace('kv-contoso', 'kv-other'), name: 'kv-other' };
const LINES = [
  line({ at: 1 }),
  line({ at: 2, status: 429 }),
  line({ at: 60 }),
  line({ at: 1, resourceId: OTHER.id.toUpperCase(), appId: 'app-b' }),
];

type Asked = Parameters<typeof composeArchive>[0] & { onProgress?: (progress: ArchiveProgress) => void };

async function opened<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (opened: OpenedLogArchive, folder: string) => Promise<T> | T,
  { onProgress, ...asked }: Asked = {},
): Promise<T> {
  return withFiles(files, async (folder) => {
    const paths = [folder];
    const archive = await openLogArchive(
      { paths, now: fakeClock().now, temporaryFolder: join(folder, 'scratch'), ...(onProgress && { onProgress }) },
      composeArchive(asked),
    );
    try {
      return await use(archive, folder);
    } finally {
      if (archive.ok) await archive.archive.close();
      expect(await readdir(join(folder, 'scratch'))).toEqual([]);
    }
  });
}

function held(result: OpenedLogArchive): LogArchive {
  if (!result.ok) throw new Error(`${result.why}: ${result.message}`);
  return result.archive;
}

describe('an archive', () => {
  test('says which vaults it holds, the most throttled first, and when', async () => {
    await opened({ 'a.json': LINES.join('\n') }, (result) => {
      expect(held(result).survey).toEqual({
        files: 1,
        resources: [
          { id: VAULT.id, requests: 3, throttled: 1, from: '2026-01-05T10:00:01.000Z', to: '2026-01-05T10:01:01.000Z' },
          { id: OTHER.id, requests: 1, throttled: 0, from: '2026-01-05T10:00:01.000Z', to: '2026-01-05T10:00:02.000Z' },
        ],
        others: [],
        skipped: { lines: 0, files: [] },
        foreign: [],
      });
    });
  });

  test('answers for one vault after another, and again, as files that are read anew do', async () => {
    await withFiles({ 'a.json': LINES.join('\n') }, async (folder) => {
      const clock = fakeClock();
      const archive = held(await openLogArchive({ paths: [folder], now: clock.now }, composeArchive({})));
      try {
        for (const resource of [VAULT, OTHER, VAULT]) {
          const fromArchive = await gather({ readers: [archive], clock }, { resource, from: FROM, to: TO });
          expect(fromArchive).toEqual(await gatherFrom([folder], { resource }));
        }
        const both = [VAULT, OTHER].map((resource) =>
          gather({ readers: [archive], clock }, { resource, from: FROM, to: TO }),
        );
        expect(
          (await Promise.all(both)).map((evidence) => rowsOf(evidence, callers)?.map(({ caller }) => caller)),
        ).toEqual([['app-a'], ['app-b']]);
      } finally {
        await archive.close();
      }
    });
  });

  test.each<[string, Asked, string[]]>([
    ['one vault by name, in any case', { vaults: ['KV-Other'] }, [OTHER.id]],
    ['one by resource id', { vaults: [VAULT.id.toUpperCase()] }, [VAULT.id]],
    ['a time', { from: '2026-01-05T10:01:00.000Z' }, [VAULT.id]],
    ['an end, exclusive', { to: '2026-01-05T10:00:01.000Z' }, []],
    ['a vault that is not there', { vaults: ['kv-none'] }, []],
  ])('holds what was asked for: %s', async (_what, asked, ids) => {
    await opened(
      { 'a.json': LINES.join('\n') },
      (result) => {
        const { resources, others } = held(result).survey;
        expect(resources.map(({ id }) => id)).toEqual(ids);
        // Where nothing is left, it says what there would have been.
        expect(others.map(({ id }) => id)).toEqual(ids.length === 0 ? [VAULT.id, OTHER.id] : []);
      },
      asked,
    );
  });

  test('of empty files holds nothing', async () => {
    await opened({ 'a.json': '', 'b.json': '\n' }, (result) => {
      expect(held(result).survey).toMatchObject({ resources: [], others: [], skipped: { lines: 0, files: [] } });
    });
  });

  test('names what it could read only in part, and counts broken lines', async () => {
    const whole = gzipSync(Array.from({ length: 2000 }, (_, index) => line({ at: index / 2 })).join('\n'));
    const broken = Array.from({ length: 90 }, (_, index) => (index % 3 === 0 ? '{"time":' : line({ at: index })));
    await opened(
      { 'a.json.gz': whole.subarray(0, whole.length / 2), 'b.json': broken.join('\n') },
      (result, folder) => {
        const { resources, skipped } = held(result).survey;
        expect(resources[0]?.requests).toBeGreaterThan(560);
        // Thirty lines, and the one at which the gzip breaks off.
        expect(skipped).toEqual({
          lines: 31,
          files: [{ path: join(folder, 'a.json.gz'), error: 'its gzip breaks off: read up to there' }],
        });
      },
    );
  });

  test('tells how far it is, and never goes back', async () => {
    const progress: ArchiveProgress[] = [];
    await opened({ 'a.json': LINES.join('\n') }, () => undefined, { onProgress: (step) => progress.push(step) });
    const reading = progress.filter(({ phase }) => phase === 'reading').map(({ done, total }) => done / total);
    expect(reading).toEqual(reading.toSorted((a, b) => a - b));
    expect(reading.at(-1)).toBe(1);
  });
});

describe('no archive comes of', () => {
  test('a path that leads nowhere', async () => {
    expect(await openLogArchive({ paths: ['/nowhere/x.json'], now: () => 0 }, composeArchive({}))).toMatchObject({
      ok: false,
      why: 'no-match',
      message: 'No log file matches',
    });
  });

  test('an empty folder', async () => {
    await opened({}, (result) => expect(result).toMatchObject({ ok: false, why: 'no-match' }));
  });

  test.each<[string, string | Uint8Array]>([
    ['text', 'hello\nworld\n'],
    ['JSON that holds no records', '{"a":1}\n{"b":2}\n'],
    ['a gzip that is none', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(500, 7)])],
  ])('%s', async (_what, content) => {
    await opened({ 'a.json': content }, (result) => expect(result).toMatchObject({ ok: false, why: 'unreadable' }));
  });

  const diagnostic = (provider: string, category: string) =>
    JSON.stringify({
      time: '2026-01-05T10:00:00Z',
      resourceId: `/SUBSCRIPTIONS/0/RESOURCEGROUPS/RG/PROVIDERS/${provider}/X`,
      category,
      operationName: 'x',
      properties: {},
    });

  test.each([
    [
      'CloudTrail',
      '{"Records":[{"eventTime":"2026-01-05T10:00:00Z","eventSource":"kms.amazonaws.com","eventName":"Decrypt"}]}',
      'AWS CloudTrail, kms.amazonaws.com',
    ],
    [
      'the activity log',
      diagnostic('MICROSOFT.KEYVAULT/VAULTS', 'Administrative'),
      'Azure activity log, Administrative',
    ],
    ['App Service', diagnostic('MICROSOFT.WEB/SITES', 'AppServiceHTTPLogs'), 'microsoft.web/sites, AppServiceHTTPLogs'],
    [
      'a firewall',
      diagnostic('MICROSOFT.NETWORK/AZUREFIREWALLS', 'AzureFirewallNetworkRule'),
      'microsoft.network/azurefirewalls, AzureFirewallNetworkRule',
    ],
    [
      'another category of the vault',
      diagnostic('MICROSOFT.KEYVAULT/VAULTS', 'AzurePolicyEvaluationDetails'),
      'microsoft.keyvault/vaults, AzurePolicyEvaluationDetails',
    ],
    ['a query in Log Analytics', '[{"TimeGenerated":"2026-01-05T10:00:00Z"}]', 'results of a Log Analytics query'],
  ])('the log of %s, which is named', async (_what, content, name) => {
    await opened({ 'a.json': content }, (result) => {
      expect(result).toMatchObject({ ok: false, why: 'foreign', foreign: [{ name, records: 1 }] });
      expect(!result.ok && result.message).toContain(name);
    });
  });

  test('a run that was stopped', async () => {
    await withFiles({ 'a.json': LINES.join('\n') }, async (folder) => {
      const result = await openLogArchive({ paths: [folder], now: () => 0 }, composeArchive({}), AbortSignal.abort());
      expect(result).toMatchObject({ ok: false, why: 'timed-out' });
    });
  });
});
