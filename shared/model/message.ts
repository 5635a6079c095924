import type { Link, Resource, Severity, Time } from './alert.ts';
import type { Role, Verdict } from './finding.ts';

/** A series chart in neutral form; each platform draws it natively or as text. */
export type Chart = {
  title: string;
  /** Unit of the values: `requests per 10 s`. */
  unit: string;
  from: Time;
  /** Exclusive. */
  to: Time;
  stepSeconds: number;
  series: { name: string; role: 'served' | 'refused' | 'total' | 'caller'; values: (number | null)[] }[];
  /** Horizontal line, in the same unit. */
  limit?: { label: string; value: number };
  markers: { at: Time; label: string }[];
};

export type Note = { text: string; nextStep?: string };

export type Field = { label: string; value: string };

/** A finding as the reader sees it: sentences and numbers, nothing to compute. */
export type FindingView = {
  kind: string;
  verdict: Verdict;
  role: Role;
  summary: string;
  caller?: string;
  victims: string[];
  explainsPercent: number;
  facts: Field[];
  fixes: { title: string; effect?: string; snippet?: { language: string; text: string } }[];
};

/**
 * The whole desired content of one incident's message: a pure function of the incident, never a patch.
 * All strings are plain text as they came; each renderer escapes for its platform.
 */
export type Message = {
  incidentId: string;
  revision: number;
  state: 'open' | 'resolved';
  severity: Severity;
  /** A short line that names resource and cause, for notifications and headers. */
  title: string;
  /** At most three lines of 80 columns: resource and cause in words; caller and share explained; first fix with its predicted effect. */
  lead: string[];
  /** The same where the title stands right above it and long lines go on below: without what the title says, nothing cut. */
  belowTitle: string[];
  /** Severity, state, since when, who has it: one line. */
  status: string;
  resource: Resource;
  synthetic?: 'test' | 'canary';
  verified: boolean;
  /** Whether a person is to be mentioned (field-notes 17). */
  mention: boolean;
  facts: Field[];
  /** What stands in the place of a finding where many incidents are told together. */
  groups?: { title: string; fields: Field[] }[];
  chart?: Chart;
  findings: FindingView[];
  impact?: Field[];
  /** What could not be read, how complete the answer is, possible repeats. */
  notes: Note[];
  timeline: { at: Time; text: string }[];
  links: Link[];
  actions: { id: string; label: string; style?: 'primary' | 'danger'; value: string }[];
};

/** What a command answers with when it is not about one incident. */
export type Answer = { title: string; lines: string[]; table?: { columns: string[]; rows: string[][] }; notes: Note[] };
