import type { Alert, Time } from '../model.ts';
import type { FiringAlert } from '../ports.ts';
import type { Policy } from './deps.ts';

/** What marks a rule as one of ours: it notifies one of these. Settings `ours`; ids of action groups are lower-cased. */
export type Ours = { actionGroups: readonly string[]; alarmActions: readonly string[] };

/** A webhook is tried six times within two minutes, an asynchronous call of a lambda three times within three. */
export const GRACE_MS = 5 * 60_000;

/** Why an alert that fires is left alone. */
type LeftAlone = 'not-ours' | 'before-installation' | 'suppressed' | 'too-fresh' | 'synthetic' | 'maintenance';

export type Judged = { take: true } | { take: false; why: LeftAlone };

type Context = {
  ours: Ours;
  /** When this installation first looked: what fired before is not its own. */
  watermark: Time;
  now: Time;
  policy: Pick<Policy, 'inMaintenance'>;
};

/** Whether an alert that fires is one that should have arrived by now, as far as its rule tells (field-notes 19). */
export function judgeFiring(firing: FiringAlert, { ours, watermark, now }: Context): Judged {
  if (!isOurs(firing, ours)) return leave('not-ours');
  if (firing.firedAt <= watermark) return leave('before-installation');
  if (firing.suppressed !== undefined) return leave('suppressed');
  if (Date.parse(now) - Date.parse(firing.firedAt) < GRACE_MS) return leave('too-fresh');
  return { take: true };
}

/** The same of one of the alerts that are made of it. */
export function judgeAlert(alert: Alert, { now, policy }: Context): Judged {
  // A canary that is taken up would say that the way is free.
  if (alert.synthetic !== undefined) return leave('synthetic');
  // Told at once it would have been silenced.
  if (policy.inMaintenance(alert.resource, alert.firedAt) || policy.inMaintenance(alert.resource, now))
    return leave('maintenance');
  return { take: true };
}

function isOurs({ notifies }: FiringAlert, { actionGroups, alarmActions }: Ours): boolean {
  return notifies.some((id) => actionGroups.includes(id.toLowerCase()) || alarmActions.includes(id));
}

function leave(why: LeftAlone): Judged {
  return { take: false, why };
}
