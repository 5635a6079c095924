import { describe, expect, test } from 'vitest';
import { createGitHubIssues } from '../../../shared/adapters/github/issues.ts';
import { createGitLabIssues } from '../../../shared/adapters/gitlab/issues.ts';
import { type IssueChoices, issuePlanes } from '../../../shared/adapters/issues.ts';
import type { Fault, FaultyServer } from '../../../simulation/servers/faulty-server.ts';
import { startGitHub } from '../../../simulation/servers/github.ts';
import { startGitLab } from '../../../simulation/servers/gitlab.ts';
import { type ControlPlaneSubject, controlPlaneContract } from '../../contract/control-plane.ts';

const PROJECT = 'contoso/runbooks';
const RESOURCE = '/subscriptions/0/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv';
const TARGET = { kind: 'issue', id: `${PROJECT}#k3f7q2ab`, resource: RESOURCE };
const DESIRED = { title: 'Post-incident report: kv', text: '# It was over soon' };

const STRANGERS = [
  'contoso#k3f7q2ab',
  '../../user#k3f7q2ab',
  'contoso/runbooks',
  'contoso/runbooks#../x',
  'a/..#k3f7q2ab',
].map((id) => ({ kind: 'issue', id, resource: RESOURCE }));

/** From now on every request meets the same. */
function weatherOf(server: Pick<FaultyServer, 'weather'>): ControlPlaneSubject['outage'] {
  const faults: Record<string, Fault | undefined> = {
    dead: { cut: 'before' },
    denied: { status: 403, body: '{"message":"Resource not accessible by personal access token"}' },
    slow: { hang: 'before' },
    throttled: { status: 429, headers: { 'retry-after': '30' } },
  };
  return (how) => {
    server.weather.next = () => faults[how];
  };
}

controlPlaneContract('GitHub', { canUndo: false, strangers: STRANGERS }, async () => {
  const server = await startGitHub([PROJECT]);
  const issues = server.issues.get(PROJECT) ?? [];
  return {
    plane: createGitHubIssues({ endpoint: server.origin, token: server.token, timeoutMs: 2_000 }),
    target: TARGET,
    desired: DESIRED,
    standing: () => issues[0] ?? null,
    writes: () => issues.length,
    outage: weatherOf(server),
    secrets: [server.token],
    close: server.close,
  };
});

controlPlaneContract('GitLab', { canUndo: false, strangers: STRANGERS }, async () => {
  const server = await startGitLab([PROJECT]);
  const issues = server.issues.get(PROJECT) ?? [];
  return {
    plane: createGitLabIssues({ url: server.origin, token: server.token, timeoutMs: 2_000 }),
    target: TARGET,
    desired: DESIRED,
    standing: () => issues[0] ?? null,
    writes: () => issues.length,
    outage: weatherOf(server),
    secrets: [server.token],
    close: server.close,
  };
});

describe('an issue on GitHub', () => {
  test('is found among the newest three hundred, whatever was done to its title', async () => {
    const server = await startGitHub([PROJECT]);
    const plane = createGitHubIssues({ endpoint: server.origin, token: server.token });
    await plane.write(TARGET, DESIRED, null);
    const issues = server.issues.get(PROJECT) ?? [];
    for (let nth = 0; nth < 250; nth += 1) issues.push({ number: nth + 2, title: 'other', body: '', state: 'open' });
    if (issues[0]) issues[0].title = 'renamed';
    expect(await plane.read(TARGET)).toEqual({
      revision: '1',
      value: { number: 1, url: 'https://github.com/issues/1' },
    });
    await plane.write(TARGET, DESIRED, null);
    expect(issues.length).toBe(251);
    await server.close();
  });

  test('that was made though its answer was lost is not made again', async () => {
    const server = await startGitHub([PROJECT]);
    const plane = createGitHubIssues({ endpoint: server.origin, token: server.token });
    server.weather.next = ({ method }) => (method === 'POST' ? { cut: 'after' } : undefined);
    await expect(plane.write(TARGET, DESIRED, null)).rejects.toMatchObject({ kind: 'timed-out' });
    server.weather.next = () => undefined;
    expect(await plane.write(TARGET, DESIRED, null)).toMatchObject({ revision: '1' });
    expect(server.issues.get(PROJECT)?.length).toBe(1);
    await server.close();
  });

  test('waits where the rate of the token is used up, which GitHub answers with 403', async () => {
    const server = await startGitHub([PROJECT]);
    const plane = createGitHubIssues({ endpoint: server.origin, token: server.token });
    server.faults.push({ status: 403, headers: { 'x-ratelimit-remaining': '0', 'retry-after': '60' } });
    await expect(plane.read(TARGET)).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 60_000 });
    await server.close();
  });
});

describe('where issues are opened', () => {
  const hidden = (value: string) => ({ reveal: () => value });
  const NONE: IssueChoices = {
    actions: 'on',
    githubToken: undefined,
    gitlabUrl: undefined,
    gitlabToken: undefined,
    endpoints: {},
  };

  test('is nowhere without a token, and where actions are off', () => {
    expect(issuePlanes(NONE)).toEqual([]);
    expect(issuePlanes({ ...NONE, actions: 'off', githubToken: hidden('x') })).toEqual([]);
    expect(issuePlanes({ ...NONE, gitlabToken: hidden('x') })).toEqual([]);
  });

  test('is told by the word before the project, or is the one that is configured', async () => {
    const github = await startGitHub([PROJECT]);
    const gitlab = await startGitLab([PROJECT]);
    const both: IssueChoices = {
      ...NONE,
      githubToken: hidden(github.token),
      gitlabToken: hidden(gitlab.token),
      gitlabUrl: gitlab.origin,
      endpoints: { GITHUB: github.origin },
    };
    const target = (prefix: string) => ({ ...TARGET, id: `${prefix}${TARGET.id}` });
    await issuePlanes(both)[0]?.write(target('github:'), DESIRED, null);
    expect([github.issues.get(PROJECT)?.length, gitlab.issues.get(PROJECT)?.length]).toEqual([1, 0]);
    await issuePlanes(both)[0]?.write(target(''), DESIRED, null);
    await issuePlanes(both)[0]?.write(target('gitlab:'), DESIRED, null);
    expect([github.issues.get(PROJECT)?.length, gitlab.issues.get(PROJECT)?.length]).toEqual([1, 1]);
    const alone = issuePlanes({ ...both, githubToken: undefined })[0];
    await expect(alone?.read(target('github:'))).rejects.toMatchObject({ kind: 'configuration' });
    await Promise.all([github.close(), gitlab.close()]);
  });
});
