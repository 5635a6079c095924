import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { ControlPlane } from '../../ports.ts';
import { desiredIssue, type FoundIssue, issuePlace, issueState, markerOf } from '../issue-marker.ts';
import { callJson, type JsonCall } from '../json-call.ts';

export type GitLabIssues = {
  /** HEADROOM_GITLAB_URL */
  url: string;
  /** HEADROOM_GITLAB_TOKEN */
  token: string;
  timeoutMs?: number;
};

const TIMEOUT_MS = 8_000;

const ISSUE = z.object({ iid: z.int(), web_url: z.string(), description: z.nullish(z.string()) });

/**
 * Issues of a GitLab, each found by the mark in its text before it is made.
 *
 * @see https://docs.gitlab.com/api/issues/
 */
export function createGitLabIssues({ url, token, timeoutMs = TIMEOUT_MS }: GitLabIssues): ControlPlane {
  const base = url.replace(/\/+$/, '');

  function callOf(
    project: string,
    query: string,
  ): Pick<JsonCall, 'name' | 'url' | 'headers' | 'timeoutMs' | 'nextStep'> {
    return {
      name: 'GitLab',
      url: `${base}/api/v4/projects/${encodeURIComponent(project)}/issues${query}`,
      headers: { 'private-token': token },
      timeoutMs,
      nextStep: `Give the owner of HEADROOM_GITLAB_TOKEN the role Reporter in ${project}, and the token the scope api`,
    };
  }

  async function find(project: string, incident: string, signal?: AbortSignal): Promise<FoundIssue | null> {
    const marker = markerOf(incident);
    const query = `?search=${encodeURIComponent(marker)}&in=description&scope=all&per_page=20`;
    const { body } = await callJson({ ...callOf(project, query), method: 'GET' }, signal);
    const listed = z.safeParse(z.array(ISSUE), body);
    if (!listed.success) throw new HeadroomError('invalid', 'GitLab answered with what is no list of issues');
    const found = listed.data.find(({ description }) => description?.includes(marker));
    return found ? { number: found.iid, url: found.web_url } : null;
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
      const call = { ...callOf(project, ''), method: 'POST' as const, body: { title, description: text } };
      const made = z.safeParse(ISSUE, (await callJson(call, signal)).body);
      if (!made.success) throw new HeadroomError('timed-out', 'GitLab answered with what is no issue');
      return issueState({ number: made.data.iid, url: made.data.web_url });
    },
  };
}
