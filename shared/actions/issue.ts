import * as z from 'zod/mini';
import { HeadroomError } from '../errors.ts';
import type { ActionRule } from './action.ts';

const PARAMS = z.strictObject({ project: z.string() });

/** `group/project`, `owner/repository`, with `github:` or `gitlab:` before it where both are configured. */
const PROJECT = /^(?:(?:github|gitlab):)?[\w.-]+(?:\/[\w.-]+){1,8}$/;

/** An issue with the post-incident summary, in the project that the settings name for the resource. It stands there once. */
export const issue: ActionRule = {
  needs: 'approval',
  id: 'issue',
  summary: 'open an issue with the post-incident summary',
  touches: 'issue',
  when: 'over',
  hasEffect: false,
  // What people have begun to talk in is not taken away.
  undoable: false,
  drafts({ id, resource }, { projectOf }) {
    const project = projectOf(resource.id);
    if (project === null || !PROJECT.test(project)) return [];
    return [
      {
        title: `Open an issue about ${resource.name} in ${project}`,
        params: { project },
        target: { kind: 'issue', id: `${project}#${id}`, resource: resource.id },
        risk: 'low',
      },
    ];
  },
  applies: (shown) => shown === null,
  diff: (params) => `no issue -> one in ${projectIn(params)}`,
  desired(_plan, { incident, context }) {
    const { title, text } = context.report(incident);
    return { value: { title, text } };
  },
  holds: (value) => value !== null,
};

function projectIn(params: unknown): string {
  const parsed = z.safeParse(PARAMS, params);
  if (parsed.success) return parsed.data.project;
  throw new HeadroomError('bug', 'a plan for an issue names no project');
}
