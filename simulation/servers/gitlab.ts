import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

type KeptGitLabIssue = { iid: number; title: string; description: string };

export type GitLabServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'> & {
  token: string;
  /** By path of the project, oldest first. */
  issues: Map<string, KeptGitLabIssue[]>;
};

const TOKEN = 'glpat-simulated';
const ISSUES = /^\/api\/v4\/projects\/([^/]+)\/issues$/;

/**
 * The part of GitLab's REST API that searches and makes issues of projects that the token may see; others are 404.
 *
 * @see https://docs.gitlab.com/api/issues/
 */
export async function startGitLab(projects: readonly string[]): Promise<GitLabServer> {
  const issues = new Map<string, KeptGitLabIssue[]>(projects.map((path) => [path, []]));
  const server = await startFaultyServer((request) => answer(request, issues));
  const { origin, received, faults, weather, close } = server;
  return { origin, received, faults, weather, close, token: TOKEN, issues };
}

function answer({ method, path, headers, body }: Received, issues: GitLabServer['issues']): Answered {
  const url = new URL(path, 'http://gitlab.invalid');
  if (headers['private-token'] !== TOKEN) return json(401, { message: '401 Unauthorized' });
  const kept = issues.get(decodeURIComponent(ISSUES.exec(url.pathname)?.[1] ?? ''));
  if (!kept) return json(404, { message: '404 Project Not Found' });
  if (method === 'GET') {
    const search = url.searchParams.get('search') ?? '';
    const inTitle = url.searchParams.get('in') !== 'description';
    const found = kept.filter(({ title, description }) =>
      (inTitle ? title + description : description).includes(search),
    );
    return json(
      200,
      found
        .toReversed()
        .slice(0, Number(url.searchParams.get('per_page') ?? 20))
        .map(shown),
    );
  }
  const sent: unknown = JSON.parse(body);
  const read = (name: string): unknown => (typeof sent === 'object' && sent !== null ? Reflect.get(sent, name) : '');
  const title = read('title');
  if (method !== 'POST' || typeof title !== 'string' || title === '') return json(400, { error: 'title is missing' });
  const made: KeptGitLabIssue = { iid: kept.length + 1, title, description: String(read('description') ?? '') };
  kept.push(made);
  return json(201, shown(made));
}

function shown(issue: KeptGitLabIssue): unknown {
  return { ...issue, id: 1_000 + issue.iid, web_url: `https://gitlab.example/issues/${issue.iid}` };
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
