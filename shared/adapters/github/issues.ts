import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { ControlPlane } from '../../ports.ts';
import { desiredIssue, type FoundIssue, issuePlace, issueState, markerOf } from '../issue-marker.ts';
import { callJson, type JsonCall } from '../json-call.ts';

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
const PAGES = 3;

const ISSUE = z.object({ number: z.int(), html_url: z.string(), body: z.nullish(z.string()) });

/** Issues of GitHub, each found by the mark in its text before it is made. @see https://docs.github.com/rest/issues/issues */
export function createGitHubIssues({ endpoint, token, timeoutMs = TIMEOUT_MS }: GitHubIssues): ControlPlane {
  const base = (endpoint ?? PUBLIC).replace(/\/+$/, '');

  function callOf(
    project: string,
    query: string,
  ): Pick<JsonCall, 'name' | 'url' | 'headers' | 'timeoutMs' | 'nextStep'> {
    return {
      name: 'GitHub',
      url: `${base}/repos/${project}/issues${query}`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': VERSION,
      },
      timeoutMs,
      nextStep: `Give HEADROOM_GITHUB_TOKEN the permission Issues: read and write on ${project}, at https://github.com/settings/personal-access-tokens`,
    };
  }

  async function find(project: string, incident: string, signal?: AbortSignal): Promise<FoundIssue | null> {
    for (let page = 1; page <= PAGES; page += 1) {
      const query = `?state=all&sort=created&direction=desc&per_page=${PAGE}&page=${page}`;
      const { body } = await callJson({ ...callOf(project, query), method: 'GET' }, signal);
      const listed = z.safeParse(z.array(ISSUE), body);
      if (!listed.success) throw new HeadroomError('invalid', 'GitHub answered with what is no list of issues');
      const found = listed.data.find((one) => one.body?.includes(markerOf(incident)));
      if (found) return { number: found.number, url: found.html_url };
      if (listed.data.length < PAGE) return null;
    }
    return null;
  }

  return {
    kind: 'issue',
    async read(target, signal) {
      const { project, incident } = issuePlace(target);
      return issueState(await find(project, incident, signal));
    },
    async write(target, desired, expected, signal) {
      const { project, incident } = issuePlace(target);
      const standing = await find(project, incident, signal);
      if (standing) return issueState(standing);
      if (expected !== null) return 'changed';
      const { title, text } = desiredIssue(desired, incident);
      const { body } = await callJson({ ...callOf(project, ''), method: 'POST', body: { title, body: text } }, signal);
      const made = z.safeParse(ISSUE, body);
      if (!made.success) throw new HeadroomError('timed-out', 'GitHub answered with what is no issue');
      return issueState({ number: made.data.number, url: made.data.html_url });
    },
  };
}
