import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Truth } from '../../simulation/play.ts';
import { writeScenario } from '../../simulation/write.ts';
import { folderForTest, makeFolder, removeFolder } from '../shared/adapters/folder.ts';
import { checkSlackPayload } from '../shared/chat/check-slack.ts';
import { checkTeamsMessage } from '../shared/chat/check-teams.ts';
import { recordsIn } from '../shared/chat/check-text.ts';
import { expectGolden } from '../shared/chat/golden.ts';
import { run } from './kit.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const FIRED = join(FIXTURES, 'azure/metric-static-kv429-fired.json');
/** Long over, so that what is read does not depend on when it is read. */
const START_AT = '2026-03-02T09:00:00.000Z';
/** Shortly before the alert of that log. */
const ALERT_AT = '2026-03-02T10:00:00.000Z';
const NASTY = '<!channel> *x* [a](http://b)';

let folder: string;
let payload: string;
let logs: string;
let truth: Truth;
let hits: unknown;
beforeAll(async () => {
  folder = makeFolder();
  const written = await writeScenario('storm', folder, { seed: 7, startAt: START_AT });
  truth = written.truth;
  logs = join(written.logFolder, '**/*.json');
  payload = join(folder, 'alert.json');
  writeFileSync(payload, JSON.stringify(written.alerts[0]));
  hits = written.alerts.find((alert) => JSON.stringify(alert).includes('ServiceApiHit'));
});
afterAll(() => removeFolder(folder));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function explained(...args: string[]): Promise<string> {
  const { code, out, err } = await run(['explain', ...args]);
  expect([code, err]).toEqual([0, '']);
  return out;
}

test('an alert on 1,500 hits a minute, while nothing was refused, is told to be a rule that means something else', async () => {
  const quiet = await writeScenario('healthy', folderForTest(), { seed: 7, startAt: ALERT_AT });
  const text = await explained(write('hits.json', JSON.stringify(hits)), '--logs', join(quiet.logFolder, '**/*.json'));
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(lines[0]).toContain('alert mismatch. 1,500 hits a minute is 6 % of the limit');
  expectGolden('explain.alert-mismatch.txt', text);
});

describe('an alert with its log at hand', () => {
  test('says in the first three lines what is throttled, why, who it is, how much of it, and what to do', async () => {
    const text = await explained(payload, '--logs', logs);
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const [cause] = truth.causes;
    const victims = truth.applications.filter(({ part }) => part === 'victim').length;
    expect(lines[0]).toContain(`${truth.resource.name}: ${cause?.kind.replace('-', ' ')}`);
    expect(lines[1]).toContain(cause?.appId.slice(0, 8));
    expect(lines[1]).toMatch(/ explains \d+ % of /);
    expect(lines[1]).toContain(truth.refused.toLocaleString('en'));
    expect(lines[1]).toContain(`${victims} others hurt`);
    expect(lines[2]).toMatch(/^Fix: Spread the start over .*→ 0 refused/);
    expectGolden('explain.txt', text);
  });

  test('is a Markdown document; nothing is kept where it runs, neither a store nor a folder', async () => {
    const before = process.cwd();
    const here = folderForTest();
    try {
      process.chdir(here);
      expectGolden('explain.md', await explained(payload, '--logs', logs, '--format', 'markdown'));
      expect(readdirSync(here)).toEqual([]);
    } finally {
      process.chdir(before);
    }
  });

  test('is a Block Kit payload within every limit', async () => {
    const text = await explained(payload, '--logs', logs, '--format', 'slack');
    expect(checkSlackPayload(JSON.parse(text))).toEqual([]);
    expectGolden('explain.slack.json', text);
  });

  test('is a card that Teams and the card parser take', async () => {
    const text = await explained(payload, '--logs', logs, '--format', 'teams');
    expect(checkTeamsMessage(JSON.parse(text))).toEqual([]);
    expectGolden('explain.teams.json', text);
  });

  test('is the message as JSON', async () => {
    const text = await explained(payload, '--logs', logs, '--format', 'json');
    expectGolden('explain.json', text);
    expect(JSON.parse(text)).toMatchObject({
      resource: { name: truth.resource.name },
      findings: truth.causes.map(({ kind, role }) => ({ kind, role, verdict: 'confirmed' })),
    });
  });
});

describe('an alert rule named like markup', () => {
  const payloadOf = (): string => {
    const text = readFileSync(FIRED, 'utf8');
    const body = JSON.parse(text) as { data: { essentials: { alertRule: string } } };
    body.data.essentials.alertRule = NASTY;
    return write('nasty.json', JSON.stringify(body));
  };

  test('shows as its characters in text', async () => {
    expect(await explained(payloadOf())).toContain(NASTY);
  });

  test('shows as its characters in Markdown', async () => {
    const text = await explained(payloadOf(), '--format', 'markdown');
    expect(text).not.toContain(NASTY);
    expect(text.replaceAll('\\', '').replaceAll('&lt;', '<')).toContain(NASTY);
    expect(text).not.toMatch(/\[a\]\(http/);
  });

  test('shows as its characters in JSON', async () => {
    expect(JSON.stringify(JSON.parse(await explained(payloadOf(), '--json')))).toContain(NASTY);
  });

  test('shows as its characters in Slack: no mention, no link, no emphasis', async () => {
    const body: unknown = JSON.parse(await explained(payloadOf(), '--format', 'slack'));
    expect(checkSlackPayload(body)).toEqual([]);
    const holders = recordsIn(body).filter(([, record]) => String(record['text']).includes('<!channel>'));
    expect(holders.length).toBeGreaterThan(0);
    expect(holders.every(([, record]) => record['type'] === 'plain_text' || record['type'] === 'text')).toBe(true);
    expect(recordsIn(body).filter(([, { type, url }]) => type === 'mrkdwn' || url === 'http://b')).toEqual([]);
  });

  test('shows as its characters in Teams', async () => {
    const body: unknown = JSON.parse(await explained(payloadOf(), '--format', 'teams'));
    expect(checkTeamsMessage(body)).toEqual([]);
    const holders = recordsIn(body).filter(([, record]) => String(record['text']).includes(NASTY));
    expect(holders.map(([, record]) => record['type']).filter((type) => type !== 'TextRun')).toEqual([]);
    expect(holders.length).toBeGreaterThan(0);
  });
});

describe('without a log', () => {
  test('is answered from the payload alone, and says what is missing', async () => {
    const text = await explained(FIRED);
    expect(text).toContain('kv-contoso');
    expect(text).toMatch(/! No log/i);
  });

  test('that matches is answered too, and names the pattern', async () => {
    expect(await explained(FIRED, '--logs', join(folder, 'nothing-*.json'))).toContain('nothing-*.json');
  });

  test('--json is --format json', async () => {
    const text = await explained(FIRED, '--json');
    expect(await explained(FIRED, '--format', 'json')).toBe(text);
    expect(JSON.parse(text)).toMatchObject({ resource: { name: 'kv-contoso' } });
  });

  test('several resources are several messages, as one list in JSON', async () => {
    const two = join(FIXTURES, 'azure/metric-two-targets-fired.json');
    const messages: unknown = JSON.parse(await explained(two, '--json'));
    expect(messages).toMatchObject([{ resource: { name: 'kv-contoso' } }, { resource: { name: 'kv-fabrikam' } }]);
    const text = await explained(two);
    expect([text.includes('kv-contoso'), text.includes('kv-fabrikam')]).toEqual([true, true]);
  });

  test.each(
    readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /^(azure|cloudwatch|alertmanager)\//.test(path),
    ),
  )('%s is recognised by its shape', async (path) => {
    const messages = JSON.parse(await explained(join(FIXTURES, path), '--json')) as unknown;
    expect(Array.isArray(messages) ? messages.length : 1).toBeGreaterThan(0);
  });

  test('a payload that begins with a byte-order mark is read', async () => {
    expect(await explained(write('marked.json', `\ufeff${readFileSync(FIRED, 'utf8')}`))).toContain('kv-contoso');
  });
});

describe('exit codes', () => {
  const paths = {
    notJson: () => write('not.json', '{"half":'),
    empty: () => write('empty.json', ''),
    binary: () => write('binary.json', '\u0000\u0001\u0002'),
    stranger: () => write('stranger.json', '{"hello":"world"}'),
    nothing: () => write('null.json', 'null'),
    broken: () => write('broken.json', '{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{}}}'),
  };

  test.each<[string, () => string[], number, RegExp]>([
    ['a missing file', () => ['/nowhere/alert.json'], 1, /there is no such file/],
    ['a folder', () => [FIXTURES], 1, /is a folder/],
    ['what is not JSON', () => [paths.notJson()], 1, /is not JSON/],
    ['an empty file', () => [paths.empty()], 1, /is not JSON/],
    ['bytes', () => [paths.binary()], 1, /is not JSON/],
    ['a payload of no source', () => [paths.stranger()], 1, /no alert payload that any source knows/],
    ['null', () => [paths.nothing()], 1, /no alert payload that any source knows/],
    ['a payload with a field missing', () => [paths.broken()], 1, /\(at data\.essentials/],
    ['a payload of another source than named', () => [FIRED, '--source', 'alertmanager'], 1, /alert\.json|fired\.json/],
    ['a wrong format', () => [FIRED, '--format', 'xml'], 2, /--format is one of text, json, markdown/],
    ['no payload', () => [], 2, /name one payload file/],
    ['two payloads', () => [FIRED, FIRED], 2, /name one payload file/],
    ['a payload beside --incident', () => [FIRED, '--incident', 'aaaaaaaa'], 2, /not both/],
    ['an unknown source', () => [FIRED, '--source', 'azur'], 2, /did you mean azure\?/],
    ['an unknown source of a missing file', () => ['/nowhere', '--source', 'x'], 2, /--source is one of/],
    ['an unknown option', () => [FIRED, '--formt', 'text'], 2, /--formt/],
  ])('%s', async (_what, args, code, told) => {
    const answered = await run(['explain', ...args()], { HEADROOM_HOME: join(folder, 'no-store') });
    expect([answered.code, answered.out]).toEqual([code, '']);
    expect(answered.err).toMatch(/^headroom explain: /);
    expect(answered.err).toMatch(told);
  });
});
