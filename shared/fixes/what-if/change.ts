import type { Random } from '../../ports.ts';
import type { Demand, Fleet, Member } from './fleet.ts';
import { advisedWaits } from './waits.ts';

/** The observed load, changed as a fix would change it; `random` is for what a fix leaves to chance. */
export type Change = (fleet: Fleet, random: Random) => Fleet;

/** Whose load is changed: one caller's, or with null everybody's, where the cause lies with none of them. */
export type Whose = string | null;

function changeMembers(whose: Whose, change: (member: Member) => Member): Change {
  return (fleet) => ({
    ...fleet,
    members: fleet.members.map((member) => (isOf(member, whose) ? change(member) : member)),
  });
}

export function changeDemand(whose: Whose, change: (demand: Demand, member: Member) => Demand): Change {
  return changeMembers(whose, (member) => ({ ...member, demand: change(member.demand, member) }));
}

export function isOf(member: Member, whose: Whose): boolean {
  return whose === null || member.caller === whose;
}

/** The caller waits 1, 2, 4, 8, 16 s with full jitter after a refusal. */
export function waitAsAdvised(whose: Whose): Change {
  return changeMembers(whose, (member) => ({ ...member, waits: advisedWaits }));
}

/** Each instance of the caller waits a random time up to `seconds` before its first read. */
export function spreadStarts(whose: Whose, seconds: number): Change {
  return changeDemand(whose, (demand) =>
    demand.kind === 'arrivals' ? demand : { ...demand, spreadMs: seconds * 1000 },
  );
}

/** The caller moves to a vault of its own, whose limit it shares with nobody. */
export function moveToOwnVault(whose: Whose): Change {
  return changeMembers(whose, (member) => ({ ...member, vault: 1 }));
}

/** The vault admits `factor` times as much. */
export function raiseLimit(factor: number): Change {
  return (fleet) => ({ ...fleet, limitFactor: fleet.limitFactor * factor });
}

/** What the caller asks for passes a queue that lets so many a second through; refused, it waits as advised. */
export function levelLoad(whose: Whose, perSecond: number): Change {
  return changeMembers(whose, (member) => ({ ...member, queuePerSecond: perSecond, waits: advisedWaits }));
}
