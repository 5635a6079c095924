import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { openLogArchive } from '../../../shared/adapters/duckdb/archive.ts';
import { composeArchive } from '../../../shared/evidence/languages/sql.ts';
import type { AnalysedResource, LogAnalysis } from '../../../shared/model.ts';
import { AnalysisSchema } from '../../../shared/pipeline/analysis-schema.ts';
import { type AnalyzeRequest, analyzeArchive, RESOURCES_MAX } from '../../../shared/pipeline/analyze.ts';
import type { LogArchive } from '../../../shared/ports.ts';
import { fakeClock } from '../../kit.ts';
import { type Asked, FROM, line, published, VAULT, withFiles } from '../evidence/kit.ts';

const OTHER = VAULT.id.replace('kv-contoso', 'kv-fabrikam');
const at = (second: number): string => new Date(Date.parse(FROM) + second * 1000).toISOString();

async function analyzed(records: readonly Asked[], options: Partial<AnalyzeRequest> = {}): Promise<LogAnalysis> {
  return withFiles({ 'log.json': `${records.map(line).join('\n')}\n` }, async (folder) => {
    const clock = fakeClock();
    const opened = await openLogArchive({ paths: [folder], now: clock.now }, composeArchive({}));
    if (!opened.ok) throw new Error(opened.message);
    try {
      return await analyzeArchive(requestFor(opened.archive, options));
    } finally {
      await opened.archive.close();
    }
  });
}

function requestFor(archive: LogArchive, options: Partial<AnalyzeRequest>): AnalyzeRequest {
  return { archive, clock: fakeClock(), limits: published(), objectiveOf: () => null, all: false, ...options };
}

function only({ resources }: LogAnalysis): AnalysedResource {
  const [first, ...rest] = resources;
  if (first === undefined || rest.length > 0) throw new Error(`${resources.length} resources`);
  return first.told;
}

/** So many requests, spread evenly from one second on. */
function many(count: number, fromSecond: number, everySeconds: number, more: Partial<Asked> = {}): Asked[] {
  return Array.from({ length: count }, (_, index) => ({ at: fromSecond + index * everySeconds, ...more }));
}

describe('a resource of a log', () => {
  test('is counted: requests, refusals, callers with their share, the peak and its time', async () => {
    const told = only(
      await analyzed([
        ...many(60, 600, 1, { appId: 'app-a' }),
        ...many(30, 620, 0.25, { appId: 'app-b', status: 429 }),
        ...many(10, 600, 1, { appId: 'app-a', operation: 'SecretSet' }),
      ]),
    );
    expect(told.resource).toMatchObject({ id: VAULT.id, name: 'kv-contoso', type: 'microsoft.keyvault/vaults' });
    expect(told.totals).toEqual({ requests: 100, throttled: 30 });
    expect(told.callers.map(({ id, requests, throttled, share }) => [id, requests, throttled, share])).toEqual([
      ['app-a', 70, 0, 0.7],
      ['app-b', 30, 30, 0.3],
    ]);
    // Ten creates of 300 come nearer to their limit than 40 reads of 4,000 to theirs.
    expect(told.peak).toEqual({ class: 'create', windowSeconds: 10, requests: 10, utilisation: 0.0333, at: at(600) });
    expect(told.ceilings.map(({ class: name, published: max }) => [name, max])).toEqual([
      ['create', 300],
      ['secret', 4000],
    ]);
    expect(told.impact).toMatchObject({ callersRefused: 1, requestsFailed: 30, minutesOver: 1 });
  });

  test('whose refusals were unbroken shows the ceiling that they were seen at', async () => {
    const seconds = Array.from({ length: 30 }, (_, second) => second);
    const told = only(
      await analyzed(
        seconds.flatMap((second) => [
          ...many(20, 600 + second, 0.01, { appId: 'app-a' }),
          ...many(5, 600 + second, 0.02, { appId: 'app-a', status: 429 }),
        ]),
      ),
    );
    expect(told.ceilings).toEqual([
      { class: 'secret', windowSeconds: 10, published: 4000, observed: { median: 200, p10: 200, p90: 200 } },
    ]);
    expect(told.peak).toMatchObject({ class: 'secret', requests: 250, utilisation: 0.0625 });
  });

  test('that nobody was refused by hurts nobody, and burns no budget', async () => {
    const told = only(await analyzed(many(50, 0, 1), { objectiveOf: () => ({ target: 0.99 }) }));
    expect(told.impact).toEqual({
      callersRefused: 0,
      requestsFailed: 0,
      minutesOver: 0,
      pattern: 'intermittent',
      dependents: [],
      errorBudgetBurn: 0,
    });
    expect(told.findings).toEqual([]);
  });

  test('is held against the objective that the settings have for it', async () => {
    const asked = [...many(90, 0, 0.5), ...many(10, 0, 0.5, { status: 429 })];
    const of = (id: string) => (id === VAULT.id ? { target: 0.99 } : null);
    expect(only(await analyzed(asked, { objectiveOf: ({ id }) => of(id) })).impact.errorBudgetBurn).toBe(10);
    expect(only(await analyzed(asked)).impact.errorBudgetBurn).toBeNull();
  });

  test('shows a chart of each class over the same stretch, the most refused first', async () => {
    const [analysis] = (
      await analyzed([
        ...many(100, 0, 6),
        ...many(100, 0, 6, { operation: 'SecretSet' }),
        ...many(5, 300, 1, { operation: 'SecretSet', status: 429 }),
        ...many(2, 300, 1, { status: 429 }),
      ])
    ).resources;
    expect(analysis?.charts.map(({ class: name }) => name)).toEqual(['create', 'secret']);
    expect(new Set(analysis?.charts.map(({ chart }) => `${chart.from} ${chart.to}`)).size).toBe(1);
    expect(analysis?.charts.map(({ chart }) => chart.limit?.value)).toEqual([300, 4000]);
  });
});

describe('several resources', () => {
  test('come most throttled first, then busiest first', async () => {
    const { resources } = await analyzed([
      ...many(50, 0, 1),
      ...many(9, 0, 1, { resourceId: OTHER, status: 429 }),
      ...many(60, 0, 1, { resourceId: `${VAULT.id}-third` }),
    ]);
    expect(resources.map(({ told }) => told.resource.name)).toEqual(['kv-fabrikam', 'kv-contoso-third', 'kv-contoso']);
  });

  test('are told one after the other to whoever waits', async () => {
    const told: unknown[] = [];
    await analyzed([{ at: 0 }, { at: 1, resourceId: OTHER }], { onResource: (...what) => told.push(what) });
    expect(told).toEqual([
      ['kv-contoso', 0, 2],
      ['kv-fabrikam', 1, 2],
    ]);
  });
});

describe('the time that is looked into', () => {
  const HOUR = 3600;
  const episodes = [
    ...many(60, 0, 600),
    ...many(5, HOUR, 1, { status: 429 }),
    ...many(50, 4 * HOUR, 1, { status: 429 }),
    ...many(7, 8 * HOUR, 1, { status: 429 }),
  ];

  test('is of the worst episode; the others are named, with how to look into them', async () => {
    const [analysis] = (await analyzed(episodes)).resources;
    expect(analysis?.told.window).toEqual({ from: at(4 * HOUR - 600), to: at(4 * HOUR + 1860) });
    expect(analysis?.told.totals.throttled).toBe(50);
    expect(analysis?.notes.at(-1)).toEqual({
      text: 'The log holds 2 other, lesser episodes of refusals: 2026-01-05 11:00 UTC to 2026-01-05 11:01 UTC (5 refused), 2026-01-05 18:00 UTC to 2026-01-05 18:01 UTC (7 refused).',
      nextStep: 'Look into the worst of them with --from 2026-01-05T17:50Z --to 2026-01-05T18:31Z',
    });
  });

  test('is what was asked for', async () => {
    const asked = await analyzed(episodes, { from: { at: at(HOUR) }, to: { at: at(2 * HOUR) } });
    expect(only(asked)).toMatchObject({
      window: { from: at(HOUR), to: at(2 * HOUR) },
      totals: { requests: 11, throttled: 5 },
    });
  });

  test('counts back from the last record of all logs', async () => {
    const { resources } = await analyzed([...many(10, 0, 1), ...many(10, 3000, 1, { resourceId: OTHER })], {
      from: { backMs: 600_000 },
    });
    // What had ended by then is not there.
    expect(resources.map(({ told }) => [told.resource.name, told.window])).toEqual([
      ['kv-fabrikam', { from: at(2410), to: at(3010) }],
    ]);
  });
});

test('the document holds what its schema says', async () => {
  const { skipped, resources } = await analyzed(
    [
      ...many(400, 0, 0.05),
      ...many(200, 5, 0.05, { appId: 'app-b', status: 429 }),
      ...many(3, 0, 1, { resourceId: OTHER }),
    ],
    { all: true },
  );
  const document = { schema: 'headroom.analysis/1', skipped, resources: resources.map(({ told }) => told) };
  expect(z.safeParse(AnalysisSchema, JSON.parse(JSON.stringify(document))).error?.issues ?? []).toEqual([]);
  // Everything was looked for, so everything that is not it is ruled out.
  const [first] = document.resources;
  expect(first?.findings.some(({ verdict }) => verdict === 'ruled-out')).toBe(true);
});

describe('an archive that fails', () => {
  const survey: LogArchive['survey'] = {
    files: 1,
    resources: [{ id: VAULT.id, requests: 500, throttled: 90, from: at(0), to: at(60) }],
    others: [],
    skipped: { lines: 0, files: [] },
    foreign: [],
  };
  const failing: LogArchive = {
    survey,
    store: 'files',
    language: 'sql',
    covers: () => true,
    async read({ query, window }) {
      return query.statements.map(({ kind, window: of = window }) => ({
        kind,
        store: 'files',
        window: of,
        readAt: at(0),
        state: 'unavailable',
        why: 'over-budget',
        nextStep: 'name a shorter window',
      }));
    },
    close: async () => undefined,
  };

  test('is told with what was counted, why there is no more, and what to do', async () => {
    const [analysis] = (await analyzeArchive(requestFor(failing, {}))).resources;
    expect(analysis?.told).toMatchObject({ totals: { requests: 500, throttled: 90 }, peak: null, findings: [] });
    expect(analysis?.notes).toContainEqual(expect.objectContaining({ nextStep: 'name a shorter window' }));
    expect(z.safeParse(AnalysisSchema.shape.resources, [analysis?.told]).success).toBe(true);
  });

  test('is asked for a bounded number of resources, most throttled first; for all when all are asked for', async () => {
    const resources = Array.from({ length: RESOURCES_MAX + 2 }, (_, index) => ({
      ...survey.resources[0],
      id: `${VAULT.id}-${index}`,
      requests: 500 - index,
      throttled: index < 21 ? 90 - index : 0,
      from: at(0),
      to: at(60),
    }));
    const archive = { ...failing, survey: { ...survey, resources } };
    const bounded = await analyzeArchive(requestFor(archive, {}));
    expect(bounded.resources.map(({ told }) => told.resource.id)).toEqual(
      resources.slice(0, RESOURCES_MAX).map(({ id }) => id),
    );
    expect(bounded.left).toEqual({ resources: 2, throttled: 1 });
    const all = await analyzeArchive(requestFor(archive, { all: true }));
    expect([all.resources.length, all.left.resources]).toEqual([RESOURCES_MAX + 2, 0]);
  });

  test('ends with the reason when it is stopped', async () => {
    const reason = new Error('stopped');
    await expect(analyzeArchive(requestFor(failing, {}), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
