import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { playSample, SAMPLE_FILE } from '../../../samples/make.ts';
import type { Analysis } from '../../../shared/model.ts';
import { checkSlackPayload } from '../../shared/chat/check-slack.ts';
import { checkTeamsMessage } from '../../shared/chat/check-teams.ts';
import { expectGolden } from '../../shared/chat/golden.ts';
import { run } from '../kit.ts';
import { openWorkplace } from './kit.ts';

const { folder, home, write, answered, documentOf } = openWorkplace();
const sample = playSample();

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

  test('calls a caller by the name that the settings give it, and tells its owner', async () => {
    const appId = sample.truth.causes[0]?.appId ?? '';
    const settings = write(
      'named.json',
      JSON.stringify({ aliases: { [appId.toUpperCase()]: { displayName: 'checkout', owner: 'payments' } } }),
    );
    const environment = { HEADROOM_HOME: home, HEADROOM_SETTINGS: settings };
    const [text, json] = await Promise.all([
      run(['analyze', SAMPLE_FILE], environment),
      run(['analyze', SAMPLE_FILE, '--json'], environment),
    ]);
    expect(text.out.split('\n')[1]).toMatch(/^checkout explains 100 %/);
    expect(text.out).toMatch(/^checkout +6,525/m);
    const [told] = (JSON.parse(json.out) as Analysis).resources;
    expect([told?.findings[0]?.caller, told?.callers[0]]).toMatchObject([
      { displayName: 'checkout', owner: 'payments' },
      { displayName: 'checkout', owner: 'payments' },
    ]);
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
