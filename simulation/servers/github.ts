import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

type KeptIssue = { number: number; title: string; body: string; state: 'open' | 'closed' };

export type GitHubServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'> & {
  token: string;
  /** By `owner/name`, oldest first. */
  issues: Map<string, KeptIssue[]>;
};

const TOKEN = 'github_pat_simulated';
const ISSUES = /^\/repos\/([\w.-]+\/[\w.-]+)\/issues$/;

/**
 * The part of GitHub's REST API that lists and makes issues of repositories that the token may see; others are 404.
 *
 * @see https://docs.github.com/rest/issues/issues
 */
export async function startGitHub(repositories: readonly string[]): Promise<GitHubServer> {
  const issues = new Map<string, KeptIssue[]>(repositories.map((name) => [name, []]));
  const server = await startFaultyServer((request) => answer(request, issues));
  const { origin, received, faults, weather, close } = server;
  return { origin, received, faults, weather, close, token: TOKEN, issues };
}

function answer({ method, path, headers, body }: Received, issues: GitHubServer['issues']): Answered {
  const url = new URL(path, 'http://github.invalid');
  if (headers.authorization !== `Bearer ${TOKEN}`) return json(401, { message: 'Bad credentials' });
  const kept = issues.get(ISSUES.exec(url.pathname)?.[1] ?? '');
  if (!kept) return json(404, { message: 'Not Found' });
  if (method === 'GET') {
    const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
    const page = Number(url.searchParams.get('page') ?? 1);
    const newestFirst = kept.toReversed();
    return json(200, newestFirst.slice((page - 1) * size, page * size).map(shown));
  }
  const sent: unknown = JSON.parse(body);
  const read = (name: string): unknown => (typeof sent === 'object' && sent !== null ? Reflect.get(sent, name) : '');
  const title = read('title');
  if (method !== 'POST' || typeof title !== 'string' || title === '')
    return json(422, { message: 'Validation Failed' });
  const made: KeptIssue = { number: kept.length + 1, title, body: String(read('body') ?? ''), state: 'open' };
  kept.push(made);
  return json(201, shown(made));
}

function shown({ number, title, body, state }: KeptIssue): unknown {
  return { number, title, body, state, html_url: `https://github.com/issues/${number}` };
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
