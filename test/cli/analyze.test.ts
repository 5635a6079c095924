import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { main } from '../../cli/main.ts';
import { playSample, SAMPLE_FILE } from '../../samples/make.ts';
import type { Analysis } from '../../shared/model.ts';
import { AnalysisSchema } from '../../shared/pipeline/analysis-schema.ts';
import type { Played } from '../../simulation/play.ts';
import { makeFolder, removeFolder } from '../shared/adapters/folder.ts';
import { checkSlackPayload } from '../shared/chat/check-slack.ts';
import { checkTeamsMessage } from '../shared/chat/check-teams.ts';
import { checkString } from '../shared/chat/check-text.ts';
import { expectGolden } from '../shared/chat/golden.ts';
import { type Asked, FROM, line, VAULT } from '../shared/evidence/kit.ts';
import { run } from './kit.ts';

let folder: string;
let home: string;
let sample: Played;
beforeAll(() => {
  folder = makeFolder();
  home = join(folder, 'home');
  sample = playSample();
});
afterAll(() => removeFolder(folder));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function writeLog(name: string, records: readonly Asked[]): string {
  return write(name, `${records.map(line).join('\n')}\n`);
}

const analyze = (...args: string[]) => run(['analyze', ...args], { HEADROOM_HOME: home });

async function answered(...args: string[]): Promise<string> {
  const { code, out } = await analyze(...args);
  expect(code).toBe(0);
  return out;
}

async function documentOf(...args: string[]): Promise<Analysis> {
  const document: unknown = JSON.parse(await answered(...args, '--json'));
  expect(z.safeParse(AnalysisSchema, document).error?.issues ?? []).toEqual([]);
  return z.parse(AnalysisSchema, document);
}

describe('the log that ships', () => {
  test('says in the first three lines what is throttled, why, who it is, how much of it, and what to do', async () => {
    const text = await answered(SAMPLE_FILE);
    const { truth } = sample;
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((each) => each.length > 80)).toEqual([]);
    const culprit = truth.applications.find(({ part }) => part === 'culprit');
    const victims = truth.applications.filter(({ part }) => part === 'victim').length;
    expect(lines[0]).toMatch(/^kv-sample: startup stampede\. /);
    expect(lines[1]).toContain(`${culprit?.appId.slice(0, 8)} explains `);
    expect(lines[1]).toContain(`${truth.refused.toLocaleString('en')} refused requests; ${victims} others hurt`);
    expect(lines[2]).toMatch(/^Fix: Spread the start over .*→ 0 refused/);
    expectGolden('analyze.txt', text);
    // What was needed to read it is gone again.
    expect(readdirSync(folder)).not.toContain('home');
  });

  test('is a document of exactly the published fields', async () => {
    const text = await answered(SAMPLE_FILE, '--format', 'json');
    expect(JSON.parse(text)).toEqual(await documentOf(SAMPLE_FILE));
    const { truth } = sample;
    const [told] = (await documentOf(SAMPLE_FILE)).resources;
    expect(told).toMatchObject({
      resource: { id: truth.resource.id, name: 'kv-sample' },
      totals: { throttled: truth.refused },
      peak: { class: 'secret', windowSeconds: 10 },
      impact: { requestsFailed: truth.refused, errorBudgetBurn: null },
    });
    expect(told?.peak?.class).toBe(told?.ceilings[0]?.class);
    expect(told?.findings[0]?.caller?.appId).toBe(truth.causes[0]?.appId);
    expectGolden('analyze.json', text);
  });

  test('is a Markdown document', async () => {
    expectGolden('analyze.md', await answered(SAMPLE_FILE, '--format', 'markdown'));
  });

  test('is a Block Kit payload within every limit', async () => {
    const text = await answered(SAMPLE_FILE, '--format', 'slack');
    expect(checkSlackPayload(JSON.parse(text))).toEqual([]);
    expectGolden('analyze.slack.json', text);
  });

  test('is a card that Teams and the card parser take', async () => {
    const text = await answered(SAMPLE_FILE, '--format', 'teams');
    expect(checkTeamsMessage(JSON.parse(text))).toEqual([]);
    expectGolden('analyze.teams.json', text);
  });

  test('shows what was ruled out when all is asked for', async () => {
    const kinds = async (...args: string[]) =>
      ((await documentOf(SAMPLE_FILE, ...args)).resources[0]?.findings ?? [])
        .filter(({ verdict }) => verdict === 'ruled-out')
        .map(({ kind }) => kind);
    expect(await kinds()).toEqual([]);
    expect(await kinds('--all')).toContain('missing-cache');
  });

  test('is held against the objective of the settings', async () => {
    const settings = write(
      'headroom.json',
      JSON.stringify({ slos: [{ resource: sample.truth.resource.id, target: 0.99 }] }),
    );
    const { out } = await run(['analyze', SAMPLE_FILE, '--json'], { HEADROOM_HOME: home, HEADROOM_SETTINGS: settings });
    expect((JSON.parse(out) as Analysis).resources[0]?.impact.errorBudgetBurn).toBeGreaterThan(10);
  });

  test('is measured against the limits that are named', async () => {
    const limits = write(
      'limits.json',
      '{"extends":"published","limits":[{"service":"key-vault","class":"secret","windowSeconds":10,"max":1000,"countsRefused":false}]}',
    );
    const published = async (...args: string[]) =>
      (await documentOf(SAMPLE_FILE, ...args)).resources[0]?.ceilings[0]?.published;
    expect([await published(), await published('--limits', '2000'), await published('--limits', limits)]).toEqual([
      4000, 2000, 1000,
    ]);
  });
});

const good = (count: number): string[] => Array.from({ length: count }, (_, at) => line({ at }));
const records = (...all: unknown[]): string => all.map((each) => `${JSON.stringify(each)}\n`).join('');
const trail = { eventVersion: '1.08', eventTime: FROM, eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' };

describe('input that is not as it should be', () => {
  test.each<[string, () => string, RegExp]>([
    ['an empty file', () => write('empty.json', ''), /^No request in these files\n/],
    ['an empty gzip', () => write('empty.json.gz', gzipSync('')), /^No request in these files\n/],
    [
      'one line',
      () => write('one.json', `${good(1)[0]}\n`),
      /^kv-contoso: nothing was refused; .*\n.*100 % of 1 request\n/,
    ],
    [
      'a last line without its end',
      () => write('cut.json', good(3).join('\n').slice(0, -40)),
      /of 2 requests\n[\s\S]*1 line in the files is no audit record/,
    ],
    [
      'every third line broken',
      () =>
        write(
          'broken.json',
          `${good(90)
            .map((each, index) => (index % 3 === 0 ? each.slice(0, 99) : each))
            .join('\n')}\n`,
        ),
      /of 60 requests\n[\s\S]*! 30 lines in the files are no audit records/,
    ],
    [
      'a gzip that breaks off',
      () => write('truncated.json.gz', gzipSync(good(4000).join('\n')).subarray(0, 20_000)),
      /Nothing to mend in what could be read[\s\S]*truncated\.json\.gz: its gzip breaks off/,
    ],
    [
      'a line of many megabytes',
      () => write('huge.json', `{"x":"${'a'.repeat(20_000_000)}"}\n${good(5).join('\n')}\n`),
      /of 5 requests\n[\s\S]*1 line in/,
    ],
    [
      'another service beside the vault',
      () => write('mixed.json', `${good(5).join('\n')}\n${records(trail)}`),
      /of 5 requests\n[\s\S]*1 record of AWS CloudTrail, sts\.amazonaws\.com/,
    ],
    [
      'a path that is missing beside one that is there',
      () => write('there.json', `${good(5).join('\n')}\n`),
      /of 5 requests\n[\s\S]*nowhere\.json: it does not exist/,
    ],
  ])('%s is answered, and what was lost is said', async (what, path, told) => {
    const more = what.startsWith('a path') ? [join(folder, 'nowhere.json')] : [];
    const { code, out } = await analyze(path(), ...more);
    expect(out).toMatch(told);
    expect(code).toBe(0);
  });

  test.each<[string, () => string, RegExp]>([
    ['a path that is not there', () => join(folder, 'missing.json'), /no log file matches .*missing\.json\nnext: /],
    ['a glob that matches nothing', () => join(folder, 'nothing-*.jsonl'), /no log file matches .*nothing-\*/],
    ['an empty folder', () => makeFolder(), /no log file matches .*\nnext: .*\.ndjson/],
    ['text', () => write('plain.txt', 'hello\nworld\n'), /None of 2 lines is an audit record/],
    ['bytes', () => write('bytes.json', new Uint8Array([0, 255, 1, 254, 10, 3])), /audit record|could not be read/],
    [
      'CloudTrail',
      () => write('trail.json', JSON.stringify({ Records: [trail] })),
      /AWS CloudTrail, sts\.amazonaws\.com/,
    ],
    [
      'the activity log',
      () =>
        write(
          'activity.json',
          records({ time: FROM, resourceId: VAULT.id, category: 'Administrative', operationName: 'X' }),
        ),
      /Azure activity log, Administrative/,
    ],
    [
      'the log of an App Service',
      () =>
        write(
          'site.json',
          records({
            time: FROM,
            resourceId: VAULT.id.replace('keyvault/vaults', 'web/sites'),
            category: 'AppServiceHTTPLogs',
          }),
        ),
      /microsoft\.web\/sites, AppServiceHTTPLogs/,
    ],
  ])('%s is refused with 1 and the next step', async (_what, path, told) => {
    const { code, out, err } = await analyze(path());
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(told);
    expect(err).toMatch(/^headroom analyze: .+\n(?: .+\n)*next: .+\n$/);
  });

  test.each<[string, () => string[], RegExp]>([
    ['no path', () => [], /name log files, folders or globs/],
    ['an unknown option', () => [SAMPLE_FILE, '--valut', 'x'], /--valut/],
    ['a time that is none', () => [SAMPLE_FILE, '--from', 'yesterday'], /--from is a time as 2026/],
    ['a day that there is not', () => [SAMPLE_FILE, '--to', '2026-02-30T00:00:00Z'], /--to is a time/],
    [
      'an end before the beginning',
      () => [SAMPLE_FILE, '--from', '2026-03-02T10:00:00Z', '--to', '2026-03-02T09:00:00Z'],
      /--to is not after --from/,
    ],
    [
      'an end as far back as the beginning',
      () => [SAMPLE_FILE, '--from', '2h', '--to', '2h'],
      /--to is not after --from/,
    ],
    ['a wrong format', () => [SAMPLE_FILE, '--format', 'xml'], /--format is one of/],
    ['an unknown profile', () => [SAMPLE_FILE, '--limits', 'publishd'], /Did you mean published\?/],
    [
      'a limits file that is missing',
      () => [SAMPLE_FILE, '--limits', './nowhere.json'],
      /nowhere\.json, which cannot be read/,
    ],
    [
      'a limits file with a wrong field',
      () => [
        SAMPLE_FILE,
        '--limits',
        write(
          'wrong.json',
          '{"limits":[{"service":"key-vault","class":"secret","windowSeconds":10,"max":0,"countsRefused":true}]}',
        ),
      ],
      /limits\[0\]\.max/,
    ],
  ])('%s is a wrong command line', async (_what, args, told) => {
    const { code, out, err } = await analyze(...args());
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(told);
  });
});

describe('several vaults', () => {
  const two = (): string =>
    writeLog('two.json', [
      ...Array.from({ length: 40 }, (_, at) => ({ at })),
      ...Array.from({ length: 30 }, (_, at) => ({
        at,
        status: 429,
        resourceId: VAULT.id.replace('kv-contoso', 'kv-fabrikam'),
      })),
    ]);

  test('are told one after the other, most throttled first, those at rest in their first lines', async () => {
    const lines = (await answered(two())).split('\n');
    const rule = lines.indexOf('─'.repeat(80));
    expect(lines[0]).toMatch(/^kv-fabrikam: /);
    expect(lines.slice(rule + 1)).toEqual([
      'kv-contoso: nothing was refused; at most 1 % of the secret limit used',
      expect.stringMatching(/^Busiest caller: /),
      'Nothing to mend',
      expect.stringMatching(/ · 40 requests, 0 refused$/),
      '',
    ]);
  });

  test('are narrowed to one by name, in any case, or by id', async () => {
    for (const name of ['kv-contoso', 'KV-Contoso', VAULT.id])
      expect((await documentOf(two(), '--vault', name)).resources.map(({ resource }) => resource.name)).toEqual([
        'kv-contoso',
      ]);
  });

  test('of which none has the name that was asked for: the nearest is named', async () => {
    const { code, out, err } = await analyze(two(), '--vault', 'kv-contso');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/no file holds a vault 'kv-contso'; did you mean kv-contoso\?/);
  });

  test('without a record in the time that was asked for: it is said what time the files hold', async () => {
    const text = await answered(two(), '--from', '2027-01-01T00:00:00Z');
    expect(text).toMatch(/^No request of that vault and time/);
    expect(text).toContain('kv-contoso: 40 requests, 2026-01-05 10:00 UTC to 2026-01-05 10:00 UTC');
    expect((await documentOf(two(), '--from', '2027-01-01T00:00:00Z')).resources).toEqual([]);
  });

  test('are several payloads in a list for chat', async () => {
    const slack: unknown = JSON.parse(await answered(two(), '--format', 'slack'));
    expect(Array.isArray(slack) ? slack.flatMap((each) => checkSlackPayload(each)) : 'one').toEqual([]);
    const teams: unknown = JSON.parse(await answered(two(), '--format', 'teams'));
    expect(Array.isArray(teams) ? teams.flatMap((each) => checkTeamsMessage(each)) : 'one').toEqual([]);
  });
});

describe('text in a log', () => {
  const NASTY = '<!channel> *x* [a](http://b)';
  const nasty = (): string =>
    writeLog(
      'nasty.json',
      Array.from({ length: 60 }, (_, at) => ({
        at: at / 4,
        status: at < 30 ? 200 : 429,
        appId: `\u001b[31m${NASTY}\u001b[2J`,
        client: `${NASTY}\u202e${'y'.repeat(3000)}`,
        secret: NASTY,
        ...(at % 2 === 0 && { upn: 'dana@contoso.com', oid: '11111111-2222-3333-4444-555555555555' }),
      })),
    );

  test('cannot move the cursor of a terminal, which shows a person in full', async () => {
    const text = await answered(nasty());
    expect(text.split('\n').flatMap((each, index) => checkString(each, `line ${index}`))).toEqual([]);
    expect(text).toContain('dana@contoso.com');
  });

  test('is no markup in Markdown, Slack or Teams, which show a person masked', async () => {
    const markdown = await answered(nasty(), '--format', 'markdown');
    expect(markdown).not.toMatch(/\[a\]\(http/);
    const slack = await answered(nasty(), '--format', 'slack');
    expect(checkSlackPayload(JSON.parse(slack))).toEqual([]);
    const teams = await answered(nasty(), '--format', 'teams');
    expect(checkTeamsMessage(JSON.parse(teams))).toEqual([]);
    for (const text of [markdown, slack, teams]) expect(text).not.toContain('dana@contoso.com');
  });
});

describe('a terminal', () => {
  async function onTerminal(environment: Record<string, string>): Promise<string> {
    const out: string[] = [];
    await main(['analyze', SAMPLE_FILE], {
      out: (text) => out.push(text),
      err: () => undefined,
      environment: { HEADROOM_HOME: home, ...environment },
      columns: 100,
      errColumns: null,
      onStop: () => () => undefined,
    });
    return out.join('');
  }
  const ESC = String.fromCharCode(27);

  test('is coloured unless NO_COLOR says otherwise', async () => {
    expect(await onTerminal({})).toContain(ESC);
    expect(await onTerminal({ NO_COLOR: '1' })).toBe(await answered(SAMPLE_FILE));
  });

  test('that knows no UTF-8 gets the same lines in ASCII', async () => {
    const text = await onTerminal({ LANG: 'C', NO_COLOR: '1' });
    expect(text).toMatch(/^[\n\x20-\x7e]+$/);
    const lengths = (of: string): number[] => of.split('\n').map((each) => each.length);
    expect(lengths(text)).toEqual(lengths(await answered(SAMPLE_FILE)));
  });

  test('that is told to stop ends with 130 and leaves nothing behind', async () => {
    const out: string[] = [];
    const code = await main(['analyze', SAMPLE_FILE], {
      out: (text) => out.push(text),
      err: () => undefined,
      environment: { HEADROOM_HOME: home },
      columns: null,
      errColumns: null,
      onStop(stop) {
        setImmediate(stop);
        return () => undefined;
      },
    });
    expect([code, out]).toEqual([130, []]);
    expect(readdirSync(folder)).not.toContain('home');
  });
});
