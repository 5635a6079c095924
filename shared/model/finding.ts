import type { Time } from './alert.ts';
import type { Caller, Fact } from './evidence.ts';
import type { Predicted } from './plan.ts';

export type Verdict = 'confirmed' | 'likely' | 'inconclusive' | 'ruled-out';
export type Role = 'trigger' | 'amplifier' | 'condition';

export type Cause = {
  kind: string;
  verdict: Verdict;
  role: Role;
  /** 0..1 */
  confidence: number;
  /** 0..1: share of the refused requests that would not have been refused without this cause (field-notes 9). */
  explains: number;
  onset?: Time;
  caller?: Caller;
  victims: Caller[];
  facts: Fact[];
  /** The cause in words, one sentence, without the resource's name. */
  summary: string;
};

export type Finding = Cause & { fixes: Fix[] };

export type Impact = {
  callersRefused: number;
  requestsFailed: number;
  minutesOver: number;
  pattern: 'intermittent' | 'persistent';
  dependents: Caller[];
  errorBudgetBurn: number | null;
};

export type Fix = {
  id: string;
  title: string;
  /** 1 configuration, 2 client change, 3 cache, 4 architecture, 5 limit increase. */
  invasiveness: 1 | 2 | 3 | 4 | 5;
  snippet?: { language: string; text: string };
  /** Requests in the window, and peak use as a share of the limit (1 = at the limit; may pass 1). */
  predicted?: Predicted;
  /** What would carry it out without a deployment, where its caller obeys it. */
  action?: { id: string; params: unknown };
};
