import * as z from 'zod/mini';
import { HeadroomError } from '../errors.ts';
import type { ControlState, ControlTarget } from '../model.ts';
import type { ControlPlane } from '../ports.ts';
import { callJson, type JsonCall } from './json-call.ts';

/** Where an issue stands. */
type FoundIssue = { number: number; url: string };

/** How the issues of a project are asked for. */
type IssueCall = Pick<JsonCall, 'name' | 'url' | 'headers' | 'timeoutMs' | 'nextStep'>;

/** What one service says differently from another. */
export type IssueService = {
  /** The issues of a project, with the query after its address. */
  callOf(project: string, query: string): IssueCall;
  /** Pages to look through for the mark, newest first. */
  searches(mark: string): readonly string[];
  /** Issues on a full page: what is shorter is the last. */
  pageSize: number;
  /** The body of a request that opens one. */
  bodyOf(issue: { title: string; text: string }): unknown;
  /** An issue as the service writes it. */
  schema: z.ZodMiniType<FoundIssue & { text: string }>;
};

const DESIRED = z.object({ title: z.string(), text: z.string() });
const TARGET = /^(?:(?:github|gitlab):)?([\w.-]+(?:\/[\w.-]+){1,8})#([a-z0-9]{4,40})$/;
const TITLE_CHARACTERS = 240;

/**
 * Issues of a project, each found by the mark in its text before it is made, whatever has become of its title: one that stands
 * there is left to those who talk in it.
 */
export function createIssuePlane({ callOf, searches, pageSize, bodyOf, schema }: IssueService): ControlPlane {
  async function find(project: string, mark: string, signal?: AbortSignal): Promise<FoundIssue | null> {
    for (const query of searches(mark)) {
      const call = callOf(project, query);
      const listed = z.safeParse(z.array(schema), (await callJson({ ...call, method: 'GET' }, signal)).body);
      if (!listed.success) throw new HeadroomError('invalid', `${call.name} answered with what is no list of issues`);
      const found = listed.data.find(({ text }) => text.includes(mark));
      if (found) return { number: found.number, url: found.url };
      if (listed.data.length < pageSize) return null;
    }
    return null;
  }

  return {
    kind: 'issue',
    async read(target, signal) {
      const { project, mark } = placeOf(target);
      return stateOf(await find(project, mark, signal));
    },
    async write(target, desired, expected, signal) {
      const { project, mark } = placeOf(target);
      const standing = await find(project, mark, signal);
      if (standing) return stateOf(standing);
      if (expected !== null) return 'changed';
      const call = callOf(project, '');
      const body = bodyOf(markedIssue(desired, mark));
      const made = z.safeParse(schema, (await callJson({ ...call, method: 'POST', body }, signal)).body);
      if (!made.success) throw new HeadroomError('timed-out', `${call.name} answered with what is no issue`);
      return stateOf({ number: made.data.number, url: made.data.url });
    },
  };
}

/** @throws HeadroomError `invalid` for whatever names no project and incident: nothing else is asked for */
function placeOf({ kind, id }: ControlTarget): { project: string; mark: string } {
  const [, project, incident] = (kind === 'issue' && TARGET.exec(id)) || [];
  if (project === undefined || incident === undefined || project.split('/').some((part) => /^\.+$/.test(part)))
    throw new HeadroomError('invalid', 'this is the name of no issue');
  return { project, mark: `headroom-incident-${incident}` };
}

/** @throws HeadroomError `bug` for what is no issue */
function markedIssue(desired: unknown, mark: string): { title: string; text: string } {
  const parsed = z.safeParse(DESIRED, desired);
  if (!parsed.success) throw new HeadroomError('bug', 'an issue needs a title and a text');
  const { title, text } = parsed.data;
  return { title: title.slice(0, TITLE_CHARACTERS), text: `${text}\n\n<!-- ${mark} -->\n` };
}

function stateOf(found: FoundIssue | null): ControlState {
  return found === null ? { revision: null, value: null } : { revision: String(found.number), value: found };
}
