import type { Reading, Row } from '../../../shared/model.ts';
import type { EvidenceReader } from '../../../shared/ports.ts';
import { azureAlert, theIncident, vaultId, type World } from './kit.ts';

export const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
const AT = '2026-11-20T14:00:00.000Z';
export const APP = '2f56dff0-0000-4000-8000-000000000001';

type Store = EvidenceReader & { asked: { from: string; to: string; kinds: string[] }[]; answer(): void };

/** A store that gives these rows by kind; `patient`: only once it is told to. */
export function store(
  name: string,
  language: EvidenceReader['language'],
  rows: (kind: string, from: string) => Row[],
  { patient = false } = {},
): Store {
  let release = (): void => undefined;
  const made: Store = {
    store: name,
    language,
    covers: () => true,
    asked: [],
    answer: () => release(),
    async read({ query, from, to }) {
      made.asked.push({
        from,
        to,
        kinds: query.statements.map(({ kind, window }) => `${kind} ${window ?? 'incident'}`),
      });
      if (patient)
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      return query.statements.map(
        ({ kind, window = 'incident' }): Reading => ({
          kind,
          store: name,
          window,
          readAt: AT,
          state: 'read',
          rows: window === 'incident' ? rows(kind, from) : [],
          truncated: false,
          completeness: null,
        }),
      );
    },
  };
  return made;
}

export function metrics(options = {}): Store {
  const fromMinute = Date.parse('2026-11-20T13:50:00Z') / 60_000;
  const series = {
    resource: vaultId('kv-contoso'),
    metric: 'ServiceApiResult',
    fromMinute,
    given: Array.from({ length: 10 }, () => 1),
  };
  const rows = [
    { ...series, split: '200', perMinute: Array.from({ length: 10 }, () => 300) },
    { ...series, split: '429', perMinute: [0, 0, 0, 0, 0, 0, 0, 40, 80, 64] },
  ];
  return store('metrics', 'azure-metrics', (kind) => (kind === 'results' ? rows : []), options);
}

export function callerRow(given: Record<string, unknown>): Row {
  return {
    caller: APP,
    kind: 'application',
    appId: APP,
    objectId: null,
    name: null,
    client: null,
    requests: 0,
    served: 0,
    forbidden: 0,
    notFound: 0,
    refused: 0,
    failed: 0,
    addresses: 1,
    targets: 1,
    perTargetAndAddress: 1,
    peak10s: 1,
    firstMs: 0,
    lastMs: 0,
    ...given,
  };
}

export const LAST_HOUR = '2026-11-20T13:00:00.000Z';

/** Knows who asked in the last complete hour, and nothing yet of the incident. */
export function log(given: { rows?: Row[]; patient?: boolean } = {}): Store {
  const {
    rows = [
      callerRow({ requests: 610 }),
      callerRow({ caller: 'ann@example.org', kind: 'user', name: 'ann@example.org', requests: 200 }),
      callerRow({ caller: 'x', requests: 40 }),
    ],
  } = given;
  const isHour = (from: string): boolean => from.endsWith(':00:00.000Z');
  const held = {
    toMs: 0,
    fromMs: 0,
    requests: 1_000,
    firstMs: 0,
    lastMs: 0,
    unattributed: 0,
    inferred: 0,
    withoutStatus: 0,
    unreadable: 0,
    duplicates: 0,
    skippedFiles: 0,
    oneAddressIn: 1,
  };
  const nothing = { ...held, requests: 0, firstMs: null, lastMs: null };
  return store(
    'logs',
    'kql',
    (kind, from) =>
      kind === 'coverage' ? [isHour(from) ? held : nothing] : kind === 'callers' && isHour(from) ? rows : [],
    given,
  );
}

export async function notesOf(world: World): Promise<string[]> {
  return (await theIncident(world)).notes.map(({ text }) => text);
}

export const HISTORY =
  'History, not this incident yet: from 13:00 UTC to 14:00 UTC most was asked by app 2f56dff0 (61 %), a user (20 %).';
