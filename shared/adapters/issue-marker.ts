import * as z from 'zod/mini';
import { HeadroomError } from '../errors.ts';
import type { ControlState, ControlTarget } from '../model.ts';

/** What an issue of ours says, as the action asks for it. */
export type DesiredIssue = { title: string; text: string };

/** Where an issue stands. */
export type FoundIssue = { number: number; url: string };

const DESIRED = z.object({ title: z.string(), text: z.string() });
const TARGET = /^(?:(?:github|gitlab):)?([\w.-]+(?:\/[\w.-]+){1,8})#([a-z0-9]{4,40})$/;
const TITLE_CHARACTERS = 240;

/** By which an issue is found again, whatever becomes of its title. */
export function markerOf(incident: string): string {
  return `headroom-incident-${incident}`;
}

/** @throws HeadroomError `invalid` for whatever names no project and incident: nothing else is asked for */
export function issuePlace({ kind, id }: ControlTarget): { project: string; incident: string } {
  const [, project, incident] = (kind === 'issue' && TARGET.exec(id)) || [];
  if (project === undefined || incident === undefined || project.split('/').some((part) => /^\.+$/.test(part)))
    throw new HeadroomError('invalid', 'this is the name of no issue');
  return { project, incident };
}

/** @throws HeadroomError `bug` for what is no issue */
export function desiredIssue(desired: unknown, incident: string): DesiredIssue {
  const parsed = z.safeParse(DESIRED, desired);
  if (!parsed.success) throw new HeadroomError('bug', 'an issue needs a title and a text');
  const { title, text } = parsed.data;
  return { title: title.slice(0, TITLE_CHARACTERS), text: `${text}\n\n<!-- ${markerOf(incident)} -->\n` };
}

export function issueState(found: FoundIssue | null): ControlState {
  return found === null ? { revision: null, value: null } : { revision: String(found.number), value: found };
}
