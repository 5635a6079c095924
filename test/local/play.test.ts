import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { start } from '../../cli/start.ts';
import { playIncident } from '../../local/play.ts';
import type { Local } from '../../local/server.ts';
import { startSlackServer } from '../../simulation/servers/slack.ts';
import { collectingLog } from '../kit.ts';
import { folderForTest } from '../shared/adapters/folder.ts';

let local: Local | undefined;
afterEach(async () => {
  await local?.close();
  local = undefined;
  vi.unstubAllEnvs();
});

type Truth = {
  resource: { name: string };
  refused: number;
  causes: { kind: string; appId: string }[];
  applications: { appId: string; part: string }[];
};

async function play(folder: string, seed: number) {
  const printed: string[] = [];
  const steps: string[] = [];
  const log = collectingLog();
  local = await playIncident({
    folder,
    host: '127.0.0.1',
    port: 0,
    seed,
    log,
    out: (text) => printed.push(text),
    progress: (text) => steps.push(text),
    colour: false,
  });
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth;
  return { printed: printed.join(''), steps, log, truth, local };
}

describe('the played incident', () => {
  test('prints one diagnosed message that names the true resource, caller and cause, and serves on', async () => {
    const { printed, steps, log, truth, local: running } = await play(folderForTest(), 3);
    const [trigger] = truth.causes;
    const [first = '', second = '', third = ''] = printed.trim().split('\n');
    expect(first).toContain(truth.resource.name);
    expect(first).toContain('startup stampede');
    expect(trigger?.kind).toBe('startup-stampede');
    expect(second).toContain(trigger?.appId.slice(0, 8));
    expect(second).toContain(truth.refused.toLocaleString('en'));
    expect(third).toMatch(/^Fix: .*→ 0 refused/);
    const victims = truth.applications.filter(({ part }) => part === 'victim').length;
    expect(second).toContain(`${victims} others hurt`);
    expect(steps.filter((step) => step.includes('-> 202 incident'))).toHaveLength(2);
    expect(log.events.filter(({ level }) => level !== 'info')).toEqual([]);
    const listed = await (await fetch(`${running.url}/api/incidents`)).json();
    expect(listed).toMatchObject({ incidents: [{ resource: truth.resource.name, delivery: 'diagnosed', alerts: 2 }] });
  });

  test('reaches nobody, and takes the place of the one played before', async () => {
    const slack = await startSlackServer();
    const before = process.cwd();
    const out: string[] = [];
    const stale = join('.headroom', 'play', 'store', 'stale.sqlite');
    try {
      process.chdir(folderForTest());
      mkdirSync(dirname(stale), { recursive: true });
      writeFileSync(stale, 'of an earlier play');
      writeFileSync('.env', `HEADROOM_SLACK_WEBHOOK_URL=${slack.webhookUrl}\n`);
      vi.stubEnv('HEADROOM_SLACK_WEBHOOK_URL', slack.webhookUrl);
      const environment = { HEADROOM_SLACK_WEBHOOK_URL: slack.webhookUrl, HEADROOM_NONSENSE: 'x' };
      const io = {
        out: (text: string) => out.push(text),
        err: () => undefined,
        environment,
        columns: null,
        errColumns: null,
        onStop: () => () => undefined,
      };
      expect(await start.run(['--once', '--port', '0'], io)).toBe(0);
      expect(out.join('')).toContain('startup stampede');
      expect(slack.messages).toEqual([]);
      expect(existsSync(stale)).toBe(false);
    } finally {
      process.chdir(before);
      await slack.close();
    }
  });
});
