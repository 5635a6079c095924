import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { ControlState, ControlTarget } from '../../model.ts';
import type { ControlPlane } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { createActorCall, jsonOf } from './actor-call.ts';
import type { CallOptions } from './calls.ts';

/** The only names that are ever written: three levers of an application. */
const LEVER = /^headroom:[\w.-]{1,100}:secrets:(?:ttlSeconds|maxRequestsPerSecond|paused)$/;

/** Of the service's 10 KB; a lever has a hundred bytes, and what is longer is none. */
const VALUE_CHARACTERS = 4_000;

/** @see https://learn.microsoft.com/azure/azure-app-configuration/rest-api-versioning */
const API_VERSION = '2023-11-01';
const KV = 'application/vnd.microsoft.appconfig.kv+json';

const KEY_VALUE = z.object({ etag: z.string(), value: z.nullish(z.string()) });

/** What the actor needs, on the lever store alone: it holds nothing else. */
export const permissions = {
  data: [
    'Microsoft.AppConfiguration/configurationStores/keyValues/read',
    'Microsoft.AppConfiguration/configurationStores/keyValues/write',
    'Microsoft.AppConfiguration/configurationStores/keyValues/delete',
  ],
} as const;

export type LeverStore = {
  /** HEADROOM_LEVERS_ENDPOINT */
  endpoint: string;
  /** What its tokens are asked for. */
  scope: string;
  /** Of the actor, never of who reads. */
  credential: TokenCredential;
  /** HEADROOM_ACTOR_CLIENT_ID, for the command that grants what is missing. */
  actor?: string | undefined;
  calls: CallOptions;
  http?: HttpClient;
};

/**
 * The lever store: key-values without label, each written on top of the etag that was read. A value that is a JSON object is
 * given as such, any other as its text.
 *
 * @see https://learn.microsoft.com/azure/azure-app-configuration/rest-api-key-value
 */
export function createLeverStore(store: LeverStore): ControlPlane {
  const ask = createActorCall({ ...store, denied: (what, status) => deniedError(store, what, status) });
  const urlOf = ({ id }: ControlTarget): string =>
    `${store.endpoint.replace(/\/+$/, '')}/kv/${encodeURIComponent(id)}?api-version=${API_VERSION}`;

  return {
    kind: 'lever',

    async read(target, signal) {
      const what = `reading the lever ${leverOf(target)}`;
      return stateOf(what, await ask(what, { method: 'GET', url: urlOf(target), headers: { accept: KV } }, signal));
    },

    async write(target, desired, expected, signal) {
      const what = `writing the lever ${leverOf(target)}`;
      const condition = expected === null ? { 'if-none-match': '*' } : { 'if-match': `"${expected}"` };
      if (desired === null) {
        if (expected === null) return NOTHING;
        const removed = await ask(what, { method: 'DELETE', url: urlOf(target), headers: condition }, signal);
        return removed.status === 412 ? 'changed' : NOTHING;
      }
      const body = JSON.stringify({ value: textOf(desired), content_type: 'application/json' });
      const headers = { ...condition, accept: KV, 'content-type': `${KV}; charset=utf-8` };
      const written = await ask(what, { method: 'PUT', url: urlOf(target), headers, body }, signal);
      return written.status === 412 ? 'changed' : stateOf(what, written);
    },
  };
}

const NOTHING: ControlState = { revision: null, value: null };

/** @throws HeadroomError `invalid` for whatever is no lever: nothing else is ever read or written here */
function leverOf({ kind, id }: ControlTarget): string {
  if (kind === 'lever' && LEVER.test(id)) return id;
  throw new HeadroomError('invalid', 'this is the name of no lever');
}

function textOf(desired: unknown): string {
  return typeof desired === 'string' ? desired : JSON.stringify(desired);
}

function stateOf(what: string, { status, bodyAsText }: PipelineResponse): ControlState {
  if (status === 404) return NOTHING;
  const found = KEY_VALUE.safeParse(jsonOf(bodyAsText ?? ''));
  if (!found.success) throw new HeadroomError('invalid', `${what} failed: the answer is no key-value`);
  const text = found.data.value ?? '';
  if (text.length > VALUE_CHARACTERS)
    throw new HeadroomError('invalid', `${what} failed: what stands there is no lever`);
  const value = jsonOf(text);
  return { revision: found.data.etag, value: typeof value === 'object' && value !== null ? value : text };
}

function deniedError({ endpoint, actor }: LeverStore, what: string, status: number): HeadroomError {
  const name = URL.parse(endpoint)?.hostname.split('.')[0] ?? '<store>';
  return new HeadroomError(
    'denied',
    `${what} failed: ${status}, the actor lacks App Configuration Data Owner on ${name}`,
    {
      nextStep:
        `Grant it: az role assignment create --assignee ${actor ?? '<client id of the actor>'} ` +
        `--role "App Configuration Data Owner" --scope "$(az appconfig show --name ${name} --query id --output tsv)"`,
    },
  );
}
