/** What the outside must provide. Each port has one contract suite in `test/contract/`, run against every implementation. */
export type * from './ports/alerts.ts';
export type * from './ports/callers.ts';
export type * from './ports/chat.ts';
export type * from './ports/control-plane.ts';
export type * from './ports/escalation.ts';
export type * from './ports/evidence.ts';
export type * from './ports/process.ts';
export type * from './ports/stores.ts';
