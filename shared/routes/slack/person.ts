import type { SlackPerson } from '../../chat/slack/request.ts';
import type { Person } from '../../pipeline/audit.ts';

/** As approvers and the audit name them: by the workspace that they belong to, not the one that they are in. */
export function personOf({ team, user, name }: SlackPerson): Person {
  return { id: `slack:${team}/${user}`, name };
}
