import type { Severity } from './alert.ts';
import type { Family } from './incident.ts';

/** What a destination may show: everything · user names, addresses and secret names masked (default) · none of them (field-notes 36). */
export type Privacy = 'full' | 'masked' | 'minimal';

/**
 * Whom a destination calls where people are mentioned at all: who is active in a Slack channel (what Slack's get where nothing
 * is said), all of it, a person or group by Slack's id; a person of Teams by Entra object id, address or `29:…`, with the name
 * that is shown; nobody (what Teams' get).
 */
export type Mention =
  | 'here'
  | 'channel'
  | 'none'
  | { user: string }
  | { userGroup: string }
  | { id: string; name: string };

/** Hours of a day by the clocks of a zone; `to` at or before `from` is of the next day. */
export type Hours = {
  /** `22:00`; first minute that counts. */
  from: string;
  /** First minute that does not. */
  to: string;
  /** Days on which they begin; all when absent. */
  days?: ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  /** IANA name; that of the settings when absent. */
  timeZone?: string;
};

/** Which destinations an incident goes to. Routes are read in order, the first whose `match` holds wins; an empty `to` sends it nowhere. */
export type Route = {
  match?: {
    family?: Family;
    /** Glob on the resource id: `*` any run of characters, `?` any one. */
    resource?: string;
    /** Subscription or account id. */
    scope?: string;
    /** Most severe is 0: 2 lets 0, 1 and 2 through. */
    severityAtMost?: Severity;
    /** Value of the alert's custom property or label `team`. */
    team?: string;
    /** Who owns the resource: by the settings, or by the custom property or label `owner`. */
    owner?: string;
    /** Globs on custom properties or labels, all of which must hold. */
    custom?: Record<string, string>;
    /** Whether it opened in these hours. */
    hours?: Hours;
  };
  /** Keys of destinations (`slack-bot:C123`), their kind (`slack-bot`), or `*` for all; each may have a privacy and a mention of its own. */
  to: (string | { destination: string; privacy?: Privacy; mention?: Mention })[];
  privacy?: Privacy;
  /** In quiet hours: posted, and no one mentioned (default), or held back until they end. */
  quiet?: 'unmentioned' | 'held';
};
