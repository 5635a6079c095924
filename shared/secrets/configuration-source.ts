import { AppConfigurationClient, type AppConfigurationClientOptions } from '@azure/app-configuration';
import { createBreaker } from '../pacing/breaker.ts';
import type { Random } from '../pacing/random.ts';
import { createAlarm, type Timing } from './clock.ts';
import { kindOf } from './reference.ts';
import type { Telemetry } from './telemetry.ts';
import type { GuardedCredential } from './token.ts';
import { retryAfterOf } from './vault-client.ts';

export type Selector = {
  /** Exact, a prefix that ends in `*`, or up to five of them with commas. */
  keyFilter: string;
  /** As `keyFilter`; '\0' is "no label". */
  labelFilter?: string;
};

export type Setting = {
  key: string;
  label: string | undefined;
  kind: 'plain' | 'reference';
  value: string;
  lastModified: number | undefined;
};

export type LoadResult =
  | { kind: 'loaded'; settings: Map<string, Setting>; changed: boolean; requests: number; endpoint: string }
  | { kind: 'throttled'; retryAfterMs: number | null; cause: unknown }
  | { kind: 'failed'; cause: unknown };

export type ConfigurationSource = { load(): Promise<LoadResult> };

/** Where a store is: an endpoint with the credential, or a connection string. */
export type Store = { endpoint: string; connectionString?: string };

type Page = { etag: string | undefined; settings: Setting[] };

/** For each page. Less than what the interval leaves of a minute: a store that hung is asked again within one. */
const PAGE_TIMEOUT_MS = 20_000;
const MAX_RETRY_AFTER_MS = 1_800_000;
const MAX_PAGES = 1_000;

/**
 * Loads key-values, replica after replica in order of preference. Pages are asked for by etag, so an unchanged store costs
 * one conditional request a page.
 */
export function createConfigurationSource(
  stores: readonly Store[],
  selectors: readonly Selector[],
  context: {
    credential: GuardedCredential | undefined;
    clientOptions: AppConfigurationClientOptions;
    timing: Timing;
    random: Random;
    telemetry: Telemetry;
  },
): ConfigurationSource {
  const { timing, random, telemetry, credential } = context;
  const options = { ...context.clientOptions, retryOptions: { maxRetries: 0 } };
  const replicas = stores.map((store) => ({
    endpoint: store.endpoint,
    client: openClient(store, credential, options),
    breaker: createBreaker({ random, failures: 2, probeAfterMs: 30_000, maxProbeAfterMs: 60_000 }),
  }));
  let pages: Page[][] = [];
  let settings = new Map<string, Setting>();
  let loadedOnce = false;

  const loadFrom = async (
    client: AppConfigurationClient,
  ): Promise<{ pages: Page[][]; changed: boolean; requests: number }> => {
    const next: Page[][] = [];
    let changed = !loadedOnce;
    let requests = 0;
    const deadline = new AbortController();
    const alarm = createAlarm(timing.now, timing.idle, () => deadline.abort());
    const expectPage = (): void => {
      alarm.cancel();
      alarm.setAtMost(timing.now() + PAGE_TIMEOUT_MS);
    };
    try {
      for (const [index, selector] of selectors.entries()) {
        const before = pages[index] ?? [];
        const etags = before.map(({ etag }) => etag);
        const known = etags.every((etag) => etag !== undefined) && etags.length > 0;
        const read: Page[] = [];
        expectPage();
        const list = client.listConfigurationSettings({
          keyFilter: selector.keyFilter,
          labelFilter: selector.labelFilter ?? '\0',
          abortSignal: deadline.signal,
          ...(known ? { pageEtags: etags } : {}),
        });
        for await (const page of list.byPage()) {
          requests++;
          expectPage();
          const old = before[read.length];
          if (page._response.status === 304 && old !== undefined) read.push(old);
          else {
            changed = true;
            read.push({ etag: page.etag, settings: page.items.flatMap(toSetting) });
          }
          if (read.length > MAX_PAGES) throw new Error(`more than ${MAX_PAGES} pages`);
        }
        if (read.length !== before.length) changed = true;
        next.push(read);
      }
    } finally {
      alarm.cancel();
    }
    return { pages: next, changed, requests };
  };

  return {
    async load() {
      let last: LoadResult = {
        kind: 'failed',
        cause: new Error('all replicas failed recently and are left alone for a while'),
      };
      // When all are left alone, the preferred one is asked all the same: refreshes are rare, and someone must find out.
      const asked = replicas.filter(({ breaker }) => breaker.state(timing.now()) !== 'open');
      for (const replica of asked.length > 0 ? asked : replicas.slice(0, 1)) {
        replica.breaker.ask(timing.now());
        try {
          const result = await loadFrom(replica.client);
          replica.breaker.succeeded(timing.now());
          pages = result.pages;
          loadedOnce = true;
          if (result.changed)
            settings = new Map(pages.flat().flatMap((page) => page.settings.map((setting) => [setting.key, setting])));
          return {
            kind: 'loaded',
            settings,
            changed: result.changed,
            requests: result.requests,
            endpoint: replica.endpoint,
          };
        } catch (error) {
          const now = timing.now();
          replica.breaker.failed(now);
          const status: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
          last =
            status === 429
              ? { kind: 'throttled', retryAfterMs: retryAfterOf(error, now, MAX_RETRY_AFTER_MS), cause: error }
              : { kind: 'failed', cause: error };
          telemetry.emit({
            type: 'configuration-failed',
            at: now,
            endpoint: replica.endpoint,
            error: summarise(error),
          });
        }
      }
      return last;
    },
  };
}

function openClient(
  store: Store,
  credential: GuardedCredential | undefined,
  options: AppConfigurationClientOptions,
): AppConfigurationClient {
  if (store.connectionString !== undefined) return new AppConfigurationClient(store.connectionString, options);
  if (credential === undefined) throw new TypeError(`credential is needed for ${store.endpoint}`);
  return new AppConfigurationClient(store.endpoint, credential, options);
}

function toSetting(item: {
  key: string;
  label?: string;
  contentType?: string;
  value?: string;
  lastModified?: Date;
}): Setting[] {
  const kind = kindOf(item.key, item.contentType);
  if (kind === 'skipped') return [];
  return [
    { key: item.key, label: item.label, kind, value: item.value ?? '', lastModified: item.lastModified?.getTime() },
  ];
}

/** Name and status alone: the client's message may quote what the store sent. */
function summarise(error: unknown): Error {
  const status: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const name = error instanceof Error ? error.name : 'Error';
  return new Error(
    [name, status, code].filter((part) => typeof part === 'string' || typeof part === 'number').join(' '),
  );
}
