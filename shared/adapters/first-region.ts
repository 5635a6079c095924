import * as z from 'zod/mini';
import { HeadroomError } from '../errors.ts';
import type { FirstRegion } from '../ports.ts';
import type { TokenCredential } from '../secrets/token.ts';
import { postJson } from './post-json.ts';

export type FirstRegionOptions = {
  /** Base URL of its function app or function URL. */
  url: string;
  /** Headers that let this installation read there, for a GET of this address. */
  sign(url: URL): Promise<Readonly<Record<string, string>>>;
};

/** Far under the time that a queue message may take; the question is asked again with the next alert. */
const TIMEOUT_MS = 5_000;

const NEXT_STEP = 'let the identity of this installation read GET /api/incidents of the first region';

const ANSWER = z.object({
  incidents: z.array(z.object({ id: z.string(), delivery: z.enum(['received', 'claimed', 'posted', 'diagnosed']) })),
});

/** Asks the first region by its own route `GET /api/incidents?alert=`: what it has claimed is its own (field-notes 25). */
export function createFirstRegion({ url, sign }: FirstRegionOptions): FirstRegion {
  const name = 'the first region';
  return {
    async findWorked(alertId, signal) {
      const asked = new URL('/api/incidents', url);
      asked.searchParams.set('alert', alertId);
      const headers = await sign(asked);
      const target = {
        name,
        url: asked.href,
        timeoutMs: TIMEOUT_MS,
        nextStep: NEXT_STEP,
        method: 'GET',
        headers,
      } as const;
      const { body } = await postJson(target, undefined, signal);
      const worked = parse(body).incidents.find(({ delivery }) => delivery !== 'received');
      return worked ? { incidentId: worked.id } : null;
    },
  };
}

/** What `WorkDeps` needs in a second region; nothing where the settings name no `peer`. */
export function firstRegionOf(
  { peer }: { peer?: { url: string; audience?: string } },
  signOf: (peer: { audience?: string }) => FirstRegionOptions['sign'],
): { firstRegion?: FirstRegion } {
  return peer ? { firstRegion: createFirstRegion({ url: peer.url, sign: signOf(peer) }) } : {};
}

/** Headers with a token that both regions know: another machine answers whoever has it. */
export function bearer(token: string | undefined): FirstRegionOptions['sign'] {
  return () => Promise.resolve(token === undefined ? {} : { authorization: `Bearer ${token}` });
}

/** Headers with a token for the audience; without one none, and the first region answers 401. */
export function entraBearer(credential: TokenCredential, audience: string | undefined): FirstRegionOptions['sign'] {
  return async () => {
    const token = audience === undefined ? null : await credential.getToken(`${audience}/.default`);
    return token ? { authorization: `Bearer ${token.token}` } : {};
  };
}

function parse(body: string): z.infer<typeof ANSWER> {
  const read = z.safeParse(ANSWER, jsonIn(body));
  if (read.success) return read.data;
  throw new HeadroomError('invalid', 'the first region answered with no list of incidents', {
    nextStep: 'check that peer.url in headroom.json is the address of a Headroom',
  });
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
