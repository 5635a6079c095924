import * as z from 'zod/mini';
import { HeadroomError, isHeadroomError } from '../../errors.ts';
import type { Cell, Row } from '../../model.ts';
import type { Clock } from '../../ports.ts';
import type { ArmAnswer, ArmClient } from './arm.ts';
import { createQuota } from './resource-graph-quota.ts';

/** @see https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources (read 2026-11-21) */
const PATH = '/providers/Microsoft.ResourceGraph/resources';
const API_VERSION = '2022-10-01';

/** Rows of one page, the most that the service gives, and pages of one answer: evidence is far smaller. */
const PAGE_ROWS = 1_000;
const PAGES_MAX = 5;

/** A quota is there again within 5 s; who would have to wait longer asks again later. */
const WAIT_MAX_MS = 6_000;

const ANSWER = z.object({
  data: z.array(z.record(z.string(), z.unknown())),
  resultTruncated: z.nullish(z.union([z.boolean(), z.string()])),
  $skipToken: z.nullish(z.string()),
});

type GraphQuestion = {
  /** What fails, in words: `reading changes of kv-shop`. */
  what: string;
  text: string;
  /** Ids of the subscriptions that are looked into; empty: all that the identity may read. */
  subscriptions: readonly string[];
  /** Asked in place of subscriptions: all of those below it. */
  managementGroup?: string | undefined;
};

export type GraphAnswer = {
  rows: Row[];
  /** There are more. */
  truncated: boolean;
};

export type ResourceGraph = {
  /** @throws HeadroomError as those of `ArmClient`; `denied` names the role and where it is missing */
  ask(question: GraphQuestion, signal?: AbortSignal): Promise<GraphAnswer>;
};

/** Azure Resource Graph: page by page, and never faster than its quota lets this identity. */
export function createResourceGraph({ arm, clock }: { arm: ArmClient; clock: Clock }): ResourceGraph {
  const quota = createQuota();

  async function send(question: GraphQuestion, token: string | null, signal: AbortSignal | undefined) {
    if (signal?.aborted) throw new HeadroomError('timed-out', `${question.what} was stopped`);
    const waitMs = quota.nextAt(clock.now()) - clock.now();
    if (waitMs > WAIT_MAX_MS)
      throw new HeadroomError('throttled', `${question.what} failed: the quota of Resource Graph is used up`, {
        retryAfterMs: waitMs,
      });
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    quota.sent();
    let answer: ArmAnswer | undefined;
    try {
      answer = await arm.ask(question.what, PATH, { 'api-version': API_VERSION }, bodyOf(question, token), signal);
    } catch (error) {
      quota.failed();
      throw roleNamed(error, question);
    }
    const { header } = answer;
    quota.answered(header('x-ms-user-quota-remaining'), header('x-ms-user-quota-resets-after'), clock.now());
    const page = z.safeParse(ANSWER, answer.body);
    if (page.success) return page.data;
    throw new HeadroomError('invalid', `${question.what} failed: Resource Graph gave an answer of an unknown shape`);
  }

  return {
    async ask(question, signal) {
      const rows: Row[] = [];
      let token: string | null = null;
      for (let page = 1; ; page += 1) {
        const { data, $skipToken, resultTruncated } = await send(question, token, signal);
        rows.push(...data.map(rowOf));
        token = $skipToken ?? null;
        if (token === null) return { rows, truncated: String(resultTruncated) === 'true' };
        if (page >= PAGES_MAX) return { rows, truncated: true };
      }
    },
  };
}

/** What the clock of Resource Manager says, epoch ms, to the second: by the head of a small answer. */
export async function serverTime(arm: ArmClient): Promise<number> {
  const body = { query: 'resourcecontainers | project id | take 1' };
  const { header } = await arm.ask('asking for the time', PATH, { 'api-version': API_VERSION }, body);
  const at = Date.parse(header('date') ?? '');
  if (Number.isNaN(at)) throw new HeadroomError('invalid', 'asking for the time failed: the answer has no date');
  return at;
}

function bodyOf({ text, subscriptions, managementGroup }: GraphQuestion, token: string | null): unknown {
  return {
    ...(managementGroup === undefined ? {} : { managementGroups: [managementGroup] }),
    ...(subscriptions.length === 0 ? {} : { subscriptions }),
    query: text,
    options: { resultFormat: 'objectArray', $top: PAGE_ROWS, ...(token === null ? {} : { $skipToken: token }) },
  };
}

/** Whoever may read none of the subscriptions is refused; of some, what lies in the others is silently left out. */
function roleNamed(error: unknown, { subscriptions }: GraphQuestion): unknown {
  if (!isHeadroomError(error) || error.kind !== 'denied' || error.nextStep === undefined) return error;
  const where =
    subscriptions.length === 0 ? 'the subscriptions in question' : subscriptions.map((id) => `/subscriptions/${id}`);
  const nextStep = `give this identity the role Reader on ${[where].flat().join(', ')}`;
  return new HeadroomError('denied', error.message, { cause: error, nextStep });
}

function rowOf(record: Record<string, unknown>): Row {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, cellOf(value)]));
}

/** What a row cannot hold, an object, is nothing: the kind's own schema then refuses it. */
function cellOf(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
