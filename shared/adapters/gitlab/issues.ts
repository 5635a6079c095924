import * as z from 'zod/mini';
import type { ControlPlane } from '../../ports.ts';
import { createIssuePlane } from '../issue-plane.ts';

export type GitLabIssues = {
  /** HEADROOM_GITLAB_URL */
  url: string;
  /** HEADROOM_GITLAB_TOKEN */
  token: string;
  timeoutMs?: number;
};

const TIMEOUT_MS = 8_000;
const PAGE = 20;

const ISSUE = z.pipe(
  z.object({ iid: z.int(), web_url: z.string(), description: z.nullish(z.string()) }),
  z.transform(({ iid, web_url, description }) => ({ number: iid, url: web_url, text: description ?? '' })),
);

/** Issues of a GitLab, whose search finds the mark. @see https://docs.gitlab.com/api/issues/ */
export function createGitLabIssues({ url, token, timeoutMs = TIMEOUT_MS }: GitLabIssues): ControlPlane {
  const base = url.replace(/\/+$/, '');
  return createIssuePlane({
    callOf: (project, query) => ({
      name: 'GitLab',
      url: `${base}/api/v4/projects/${encodeURIComponent(project)}/issues${query}`,
      headers: { 'private-token': token },
      timeoutMs,
      nextStep: `Give the owner of HEADROOM_GITLAB_TOKEN the role Reporter in ${project}, and the token the scope api`,
    }),
    searches: (mark) => [`?search=${encodeURIComponent(mark)}&in=description&scope=all&per_page=${PAGE}`],
    pageSize: PAGE,
    bodyOf: ({ title, text }) => ({ title, description: text }),
    schema: ISSUE,
  });
}
