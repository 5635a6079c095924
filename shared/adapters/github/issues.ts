import * as z from 'zod/mini';
import type { ControlPlane } from '../../ports.ts';
import { createIssuePlane } from '../issue-plane.ts';

export type GitHubIssues = {
  /** HEADROOM_GITHUB_ENDPOINT, or GitHub's own. */
  endpoint?: string | undefined;
  /** HEADROOM_GITHUB_TOKEN */
  token: string;
  timeoutMs?: number;
};

const PUBLIC = 'https://api.github.com';
/** @see https://docs.github.com/rest/about-the-rest-api/api-versions */
const VERSION = '2022-11-28';
const TIMEOUT_MS = 8_000;
/** Newest first; an issue of ours is looked for minutes after it was made. GitHub's search lags behind, its list does not. */
const PAGE = 100;
const PAGES = [1, 2, 3];

const ISSUE = z.pipe(
  z.object({ number: z.int(), html_url: z.string(), body: z.nullish(z.string()) }),
  z.transform(({ number, html_url, body }) => ({ number, url: html_url, text: body ?? '' })),
);

/** Issues of GitHub. @see https://docs.github.com/rest/issues/issues */
export function createGitHubIssues({ endpoint, token, timeoutMs = TIMEOUT_MS }: GitHubIssues): ControlPlane {
  const base = (endpoint ?? PUBLIC).replace(/\/+$/, '');
  return createIssuePlane({
    callOf: (project, query) => ({
      name: 'GitHub',
      url: `${base}/repos/${project}/issues${query}`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': VERSION,
      },
      timeoutMs,
      nextStep: `Give HEADROOM_GITHUB_TOKEN the permission Issues: read and write on ${project}, at https://github.com/settings/personal-access-tokens`,
    }),
    searches: () => PAGES.map((page) => `?state=all&sort=created&direction=desc&per_page=${PAGE}&page=${page}`),
    pageSize: PAGE,
    bodyOf: ({ title, text }) => ({ title, body: text }),
    schema: ISSUE,
  });
}
