/** One published limit of one service for one class of operations. */
export type Limit = {
  /** `key-vault`, `app-configuration`, `aws-sts`, `azure-imds`, `aws-link-local`. */
  service: string;
  /** Operation class as evidence names it: `secret`, `create`, `key`, `key-create`, … */
  class: string;
  windowSeconds: number;
  /** Requests admitted per window. */
  max: number;
  /** What one request of this class costs against the largest class of its family; 1 is the cheapest. */
  weight: number;
  /** Whether a request answered 429 uses the limit up as well. */
  countsRefused: boolean;
  /** What shares it: one resource, one machine, or all of a subscription or of an account in one region. */
  scope: 'resource' | 'machine' | 'subscription' | 'account';
  /** Pricing tier that it holds for; absent where it holds for all. */
  tier?: string;
  /** Where the number was read. */
  source: string;
  /** Day on which it was read there, `YYYY-MM-DD`. */
  readOn: string;
};

/** A named set of limits, of which one holds at a time. */
export type LimitProfile = { name: string; limits: readonly Limit[] };
