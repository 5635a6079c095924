import type { Resource, Signal } from '../../model.ts';
import type { Custom } from '../custom.ts';
import type { Fields } from '../read.ts';

/** What the context of one kind of Azure alert adds to its essentials. */
export type Details = {
  category: string;
  signals: Signal[];
  /** Resources that dimensions name. */
  resources?: Resource[];
  /** Label and candidate URL, not yet checked. */
  links?: (readonly [string, unknown])[];
  /** Fields of the payload worth keeping beside the sender's own custom properties. */
  facts?: Custom;
  /** Custom properties that the kind repeats in its context. */
  properties?: unknown;
  /** Says more than the rule's description. */
  description?: string | undefined;
  /** Rule where the essentials have none. */
  rule?: string | undefined;
  /** ARM id under which the alert stands where its own id tells no subscription. */
  scopeId?: unknown;
  /** What makes two alerts one episode where their own ids do not (health events come as separate alerts). */
  episode?: string | undefined;
  /** The event says that it is over, though its alert says Fired. */
  ended?: boolean;
  /** When what ended began. */
  beganAt?: unknown;
  isTest?: boolean;
};

export type ReadDetails = (context: Fields) => Details;
