import type { Time } from '../model.ts';
import { covers, type Scope } from './scope.ts';

/** A window of the settings; `from` inclusive, `to` exclusive, in one time format. Without scopes it holds everywhere. */
type Maintenance = { from: Time; to: Time; scopes?: readonly Scope[] };

/** Whether a maintenance window covers the resource at this time: its alerts are kept, and not posted. */
export function inMaintenance(maintenance: readonly Maintenance[], resourceId: string, now: Time): boolean {
  return maintenance.some(
    ({ from, to, scopes }) => from <= now && now < to && (scopes?.some((scope) => covers(scope, resourceId)) ?? true),
  );
}
