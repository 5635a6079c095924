import { describe, expect, test } from 'vitest';
import { load } from '../../../shared/evidence/load.ts';
import { rowsOf } from '../../../shared/evidence/rows.ts';
import type { Evidence, Reading } from '../../../shared/model.ts';
import { answer } from '../../../shared/pipeline/answer.ts';
import type { ScenarioName } from '../../../simulation/play.ts';
import { FROM, gatherFrom, line, published, TO, VAULT, withFiles } from '../evidence/kit.ts';
import { tell } from '../scenario.ts';

/** Those of which other files ask as well: each is played and read once in a process. */
const SEEDS = [1, 2, 6];

describe.each<[ScenarioName, string[]]>([
  ['storm', ['startup-stampede trigger', 'retry-storm amplifier']],
  ['stampede', ['startup-stampede trigger']],
  ['missing-cache', ['missing-cache trigger']],
])('a log of a %s', (name, expected) => {
  test.each(SEEDS)('names the true causes in order and the true caller (seed %i)', async (seed) => {
    const { answer: told, played } = await tell(name, { seed });
    const { truth } = played;
    expect(told.findings.map(({ kind, role }) => `${kind} ${role}`)).toEqual(expected);
    expect(told.findings.map(({ caller }) => caller?.appId)).toEqual(truth.causes.map(({ appId }) => appId));
    expect(told.findings.map(({ verdict }) => verdict)).toEqual(truth.causes.map(() => 'confirmed'));
    const [first] = told.findings;
    expect(Math.abs(Date.parse(first?.onset ?? '') - Date.parse(truth.causes[0]?.onset ?? ''))).toBeLessThan(15_000);

    const victims = truth.applications.filter(({ part }) => part === 'victim').map(({ appId }) => appId);
    for (const finding of told.findings) {
      expect(finding.victims.map(({ appId }) => appId).sort()).toEqual(victims.sort());
      expect(finding.explains).toBeGreaterThan(0.5);
      expect(finding.fixes.length).toBeGreaterThan(0);
      expect(finding.summary.length).toBeLessThan(80);
    }
    expect(told.impact).toMatchObject({ requestsFailed: truth.refused, callersRefused: victims.length + 1 });
  });
});

test.each(SEEDS)('a healthy log, busy as it is, yields no finding (seed %i)', async (seed) => {
  const { answer: told } = await tell('healthy', { seed });
  expect(told.findings).toEqual([]);
  expect(told.impact).toBeUndefined();
  expect(told.chart?.series.find(({ role }) => role === 'refused')?.values.every((value) => value === 0)).toBe(true);
});

describe('instances behind shared addresses', () => {
  test('are told by their challenges, at most likely', async () => {
    const { answer: told, played } = await tell('storm', { seed: 3, instancesPerAddress: 80 });
    expect(told.findings.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['startup-stampede', 'likely'],
      ['retry-storm', 'likely'],
    ]);
    expect(told.findings.map(({ caller }) => caller?.appId)).toEqual(played.truth.causes.map(({ appId }) => appId));
  });
});

describe('a service that counts otherwise than expected', () => {
  test.each([
    ['fixed windows', { shape: 'fixed' }],
    ['refused requests as well', { countsRefused: true }],
    ['a lower limit', { requests: 3000 }],
  ] as const)('with %s is still told, with predicted effects', async (_what, limit) => {
    const { answer: told } = await tell('stampede', { seed: 5, limit });
    expect(told.findings.map(({ kind }) => kind)).toEqual(['startup-stampede']);
    expect(told.findings[0]?.fixes.every(({ predicted }) => predicted !== undefined)).toBe(true);
  });

  test('with a lower limit is named beside the configured one', async () => {
    const { answer: told } = await tell('storm', { seed: 5, limit: { requests: 2000 } });
    expect(told.notes.map(({ text }) => text).join(' ')).toMatch(/seen to serve 2,000 requests in 10 s; .* says 4,000/);
  });
});

test('the answer depends neither on the order of lines, nor on how they are split over files, nor on duplicates', async () => {
  const { played, resource, evidence, answer: told } = await tell('stampede', { seed: 2 });
  const lines = played.files.flatMap((file) => file.lines);
  const parts: Record<string, string[]> = { 'a.json': [], 'b/c.json': [], 'd.json': [] };
  const names = Object.keys(parts);
  // A fixed shuffle: every line goes to another place, one in nine is there twice.
  for (let index = 0; index < lines.length; index++) {
    const at = (index * 7_919) % lines.length;
    const copies = index % 9 === 0 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) parts[names[(index + copy) % 3] ?? '']?.push(lines[at] ?? '');
  }
  const files = Object.fromEntries(Object.entries(parts).map(([name, each]) => [name, each.join('\n')]));
  const shuffled = await withFiles(files, (folder) =>
    gatherFrom([folder], { resource, from: evidence.from, to: evidence.to }),
  );
  const again = answer({ resource, evidence: shuffled, limits: published() });
  expect(again).toEqual(told);
});

describe('evidence that is missing', () => {
  const unavailable = (kind: string): Reading => ({
    kind,
    store: 'files',
    window: 'incident',
    readAt: TO,
    state: 'unavailable',
    why: 'denied',
    nextStep: 'Give the role Log Analytics Reader on ws-1',
  });

  test('gives no finding and no chart, and one note with the next step for however many kinds', () => {
    const evidence: Evidence = {
      resource: VAULT,
      from: FROM,
      to: TO,
      readings: ['coverage', 'timeline', 'callers', 'load'].map(unavailable),
    };
    expect(answer({ resource: VAULT, evidence, limits: published() })).toEqual({
      findings: [],
      ruledOut: [],
      notes: [
        {
          text: 'The log of this resource may not be read, so who and why stay open.',
          nextStep: 'Give the role Log Analytics Reader on ws-1',
        },
      ],
    });
  });

  test.each(['timeline', 'callers', 'load', 'starts', 'retries', 'targets', 'challenges', 'coverage'])(
    'of the one kind %s never fails the answer',
    async (kind) => {
      const { evidence, resource } = await tell('stampede', { seed: 2 });
      const readings = evidence.readings.map((reading) => (reading.kind === kind ? unavailable(kind) : reading));
      const told = answer({ resource, evidence: { ...evidence, readings }, limits: published() });
      expect(told.notes.some(({ nextStep }) => nextStep?.includes('Log Analytics Reader'))).toBe(true);
    },
  );

  test('of a baseline leaves every finding at most likely, and says so', async () => {
    const { evidence, resource } = await tell('stampede', { seed: 2 });
    const readings = evidence.readings.filter(({ window }) => window === 'incident');
    const told = answer({ resource, evidence: { ...evidence, readings }, limits: published() });
    expect(told.findings.map(({ verdict }) => verdict)).toEqual(['likely']);
    expect(told.notes.map(({ text }) => text).join(' ')).toContain('no normal state');
  });

  test('of most of the load leaves every finding at most likely', async () => {
    const { evidence, resource } = await tell('stampede', { seed: 2 });
    const readings = evidence.readings.map((reading) =>
      reading.state === 'read' ? { ...reading, completeness: 0.4 } : reading,
    );
    const told = answer({ resource, evidence: { ...evidence, readings }, limits: published() });
    expect(told.findings.map(({ verdict }) => verdict)).toEqual(['likely']);
    expect(told.notes[0]?.text).toBe('Rests on 40 % of the load so far: the log is still arriving.');
  });

  test.each([
    [0.79, ['likely'], 'Rests on 79 % of the load so far: the log is still arriving.'],
    [0.8, ['confirmed'], 'Rests on 80 % of the load so far: the log is still arriving.'],
    [0.95, ['confirmed'], 'Rests on 95 % of the load.'],
    [1, ['confirmed'], 'Rests on 100 % of the load.'],
  ])('is said to be %d of the load, and what it makes of the verdicts', async (completeness, verdicts, words) => {
    const { evidence, resource } = await tell('stampede', { seed: 2 });
    const readings = evidence.readings.map((reading) =>
      reading.state === 'read' && reading.window === 'incident' ? { ...reading, completeness } : reading,
    );
    const told = answer({ resource, evidence: { ...evidence, readings }, limits: published() });
    expect(told.findings.map(({ verdict }) => verdict)).toEqual(verdicts);
    expect(told.notes[0]?.text).toBe(words);
  });

  test('that the store cut short leaves every finding at most likely, and is said', async () => {
    const { evidence, resource } = await tell('stampede', { seed: 2 });
    const readings = evidence.readings.map((reading) =>
      reading.state === 'read' && reading.kind === load.kind ? { ...reading, truncated: true } : reading,
    );
    const told = answer({ resource, evidence: { ...evidence, readings }, limits: published() });
    expect(told.findings.map(({ verdict }) => verdict)).toEqual(['likely']);
    expect(told.notes[0]?.text).toBe('The log store cut its answer short, so nothing is called confirmed.');
  });

  test('does not tell that it is over', async () => {
    const log = [
      { at: 10 },
      { at: 60 },
      { at: 301, status: 429, secret: 'a' },
      { at: 301 },
      { at: 301 },
      { at: 302, secret: 'a' },
    ]
      .map(line)
      .join('\n');
    const evidence = await withFiles({ 'a.json': log }, (folder) => gatherFrom([folder]));
    const verdictAt = (completeness: number): string | undefined => {
      const readings = evidence.readings.map((reading) =>
        reading.state === 'read' ? { ...reading, completeness } : reading,
      );
      return answer({ resource: VAULT, evidence: { ...evidence, readings }, limits: published() }).findings.find(
        ({ kind }) => kind === 'transient',
      )?.verdict;
    };
    expect([verdictAt(0.8), verdictAt(0.79)]).toEqual(['confirmed', 'inconclusive']);
  });
});

test('an alert that counts refusals is held against a log that shows none yet', async () => {
  const evidence = await withFiles({ 'a.json': line({ at: 1100 }) }, (folder) => gatherFrom([folder]));
  const signal = { metric: 'ServiceApiResult', dimensions: { StatusCode: '429' } };
  const told = answer({
    resource: VAULT,
    evidence,
    limits: published(),
    signals: [
      {
        instance: 'i',
        rule: 'kv-throttled',
        source: 'azure',
        category: 'metric',
        severity: 2,
        state: 'fired',
        signals: [signal],
        links: [],
        custom: {},
      },
    ],
  });
  expect(told.findings).toEqual([]);
  expect(told.notes.map(({ text }) => text)).toContain(
    'The alert counts refused requests, but the log that has arrived so far shows none.',
  );
});

test('a log of another vault is named as one that holds nothing of this resource', async () => {
  const evidence = await withFiles({ 'a.json': line({ at: 1, resourceId: `${VAULT.id}-other` }) }, (folder) =>
    gatherFrom([folder]),
  );
  const { notes } = answer({ resource: VAULT, evidence, limits: published() });
  expect(notes).toEqual([
    {
      text: 'The log holds no request of this resource from 2026-01-05 10:00 UTC to 2026-01-05 10:20 UTC.',
      nextStep: expect.stringContaining('3 to 10 min late'),
    },
  ]);
});

test('a handful of refusals is counted, but no cause is made of it', async () => {
  const lines = Array.from({ length: 12 }, (_, index) => line({ at: index, status: 429 }));
  const evidence = await withFiles({ 'a.json': lines.join('\n') }, (folder) => gatherFrom([folder]));
  const told = answer({ resource: VAULT, evidence, limits: published() });
  expect(told.findings).toEqual([]);
  expect(told.impact).toMatchObject({ requestsFailed: 12, callersRefused: 1, minutesOver: 1, pattern: 'intermittent' });
});

test('lines that were left out are named in the notes', async () => {
  const evidence = await withFiles({ 'a.json': `${line({ at: 1 })}\nbroken\n` }, (folder) => gatherFrom([folder]));
  const { notes } = answer({ resource: VAULT, evidence, limits: published() });
  expect(notes.map(({ text }) => text)).toContain('1 line in the log files are no audit records and were left out.');
});

test.each([
  [1, []],
  [3, ['The log is too large to be read whole: one in 3 of its addresses, and each busy one, stands for all.']],
])(
  'a log of which one address in %i stands for all says so where it is not all of them',
  async (oneAddressIn, said) => {
    const evidence = await withFiles({ 'a.json': line({ at: 1 }) }, (folder) => gatherFrom([folder]));
    const readings = evidence.readings.map(
      (reading): Reading =>
        reading.kind === 'coverage' && reading.state === 'read'
          ? { ...reading, rows: reading.rows.map((row) => ({ ...row, oneAddressIn })) }
          : reading,
    );
    const { notes } = answer({ resource: VAULT, evidence: { ...evidence, readings }, limits: published() });
    expect(notes.map(({ text }) => text).filter((text) => text.includes('too large'))).toEqual(said);
  },
);

test('text from the log is cleaned and bounded wherever a finding shows it', async () => {
  const { evidence, resource } = await tell('stampede', { seed: 2 });
  const hostile = `\u001b[31m<!channel>\u202e${'x'.repeat(500)}`;
  const readings = evidence.readings.map(
    (reading): Reading =>
      reading.kind === 'callers' && reading.state === 'read'
        ? { ...reading, rows: reading.rows.map((row) => ({ ...row, client: `${hostile} azsdk-net`, name: hostile })) }
        : reading,
  );
  const told = answer({ resource, evidence: { ...evidence, readings }, limits: published() });
  const caller = told.findings[0]?.caller;
  for (const text of [caller?.client, caller?.displayName]) {
    expect(text?.length).toBeLessThanOrEqual(200);
    expect(text).not.toMatch(/\p{Cc}|\p{Cf}/u);
  }
  expect(rowsOf(evidence, load)?.length).toBeGreaterThan(0);
});
