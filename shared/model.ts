/**
 * The stages' types: what flows from a payload to a message.
 *
 * Kinds of sources, evidence and findings are plain strings; `registry.ts` derives the exact unions.
 * Everything here is data: no functions, no classes, nothing that cannot be written as JSON.
 */
export type * from './model/alert.ts';
export type * from './model/analysis.ts';
export type * from './model/digest.ts';
export type * from './model/evidence.ts';
export type * from './model/finding.ts';
export type * from './model/incident.ts';
export type * from './model/message.ts';
export type * from './model/plan.ts';
export type * from './model/queue.ts';
export type * from './model/route.ts';
export type * from './model/storm.ts';
