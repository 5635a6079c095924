import type { IncidentRecord } from '../../shared/incidents/record.ts';
import type { InboxRecord } from '../../shared/pipeline/inbox.ts';
import { inboxPartition, incidentKey } from '../../shared/pipeline/keys.ts';
import type { Queue, Records } from '../../shared/ports.ts';
import type { Counting } from './load.ts';

export type Account = { accepted: number; incidents: number; posts: number; edits: number; problems: string[] };

const HOUR_MS = 3_600_000;
const PAGE = 1_000;

/** What became of all that was sent between the times, and what is wrong with it. */
export async function accountFor(
  stores: { records: Records; queue: Queue },
  sent: { alerts: number; fromMs: number; toMs: number },
  chat: Counting,
): Promise<Account> {
  const { records, queue } = stores;
  let untaken = 0;
  const incidents = new Set<string>();
  for (let atMs = sent.fromMs - HOUR_MS; atMs <= sent.toMs + HOUR_MS; atMs += HOUR_MS)
    for await (const inbox of rowsOf<InboxRecord>(records, inboxPartition(new Date(atMs).toISOString()))) {
      if (inbox.state !== 'taken') untaken += 1;
      else for (const { incidentId } of inbox.alerts) incidents.add(incidentId);
    }
  let accepted = 0;
  let undecided = 0;
  for (const id of incidents) {
    const record = (await records.get<IncidentRecord>(incidentKey(id)))?.value;
    accepted += record?.accepted.length ?? 0;
    for (const earlier of Object.values(record?.acceptedEarlier ?? {})) accepted += earlier;
    undecided += record?.accepted.filter(({ outcome }) => outcome === undefined).length ?? 0;
  }
  const { waiting, dead } = await queue.depth();
  const problems = [
    [sent.alerts - accepted, 'alerts are in no incident'],
    [untaken, 'payloads were not taken in'],
    [undecided, 'alerts have no outcome'],
    [dead, 'messages were laid aside'],
    [chat.repeated(), 'messages were posted twice'],
    [chat.posts() === 0 ? 1 : 0, 'chat got no message at all'],
  ] as const;
  return {
    accepted,
    incidents: incidents.size,
    posts: chat.posts(),
    edits: chat.edits(),
    problems: [
      ...problems.filter(([count]) => count !== 0).map(([count, what]) => `${count} ${what}`),
      ...(waiting > incidents.size * 8 ? [`${waiting} messages still wait`] : []),
    ],
  };
}

async function* rowsOf<T>(records: Records, partition: string): AsyncGenerator<T> {
  for (let after: string | undefined; ; ) {
    const page = await records.list<T>(partition, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { value } of page) yield value;
    after = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}
