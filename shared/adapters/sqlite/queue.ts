import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { QueueMessage } from '../../model.ts';
import type { Clock, DeadLetter, Queue, QueueDelivery } from '../../ports.ts';
import { checkDelayMs, checkLimit, checkReceive, deadReason, encodeMessage, neverAcknowledged } from '../bounds.ts';
import { sqliteFailure } from './failure.ts';
import type { GroupCommit } from './group-commit.ts';

type Options = { name: string; nextToken: () => string; clock: Clock; maxAttempts: number };
type Row = Record<string, SQLOutputValue>;

/** Delivers by the time a message became visible, then in the order it was sent. */
export function createQueue(database: DatabaseSync, commits: GroupCommit, options: Options): Queue {
  const { name, nextToken, clock, maxAttempts } = options;
  const sql = prepareStatements(database);

  function take(max: number, nowMs: number, visibleAtMs: number): QueueDelivery[] {
    const deliveries: QueueDelivery[] = [];
    for (;;) {
      const rows = sql.visible.all(nowMs, max - deliveries.length);
      const spent = rows.filter((row) => Number(row['attempts']) >= maxAttempts);
      for (const row of rows) if (!spent.includes(row)) deliveries.push(deliver(row, visibleAtMs));
      for (const { sequence } of spent) layAside(Number(sequence), null, neverAcknowledged(maxAttempts));
      if (spent.length === 0 || deliveries.length === max) return deliveries;
    }
  }

  function deliver(row: Row, visibleAtMs: number): QueueDelivery {
    const sequence = Number(row['sequence']);
    const receipt = nextToken();
    sql.hide.run(visibleAtMs, receipt, sequence);
    return {
      message: messageOf(row),
      attempts: Number(row['attempts']) + 1,
      ack: () => commits.write(() => void sql.remove.run(sequence, receipt)),
      retry: async (delayMs) => {
        const againAtMs = clock.now() + checkDelayMs(delayMs);
        return commits.write(() => void sql.giveBack.run(againAtMs, sequence, receipt));
      },
      bury: (reason) => commits.write(() => commits.atomically(() => layAside(sequence, receipt, deadReason(reason)))),
    };
  }

  /** With a receipt, only while the delivery is still its owner's. */
  function layAside(sequence: number, receipt: string | null, reason: string): void {
    const { changes } = sql.copyToDead.run(clock.now(), reason, sequence, receipt, receipt);
    if (changes > 0) sql.removeAny.run(sequence);
  }

  function read<T>(query: () => T): T {
    try {
      return query();
    } catch (error) {
      throw sqliteFailure(error, `reading the queue of ${name}`);
    }
  }

  return {
    async send(message, { delayMs = 0 } = {}) {
      const body = encodeMessage(message);
      const visibleAtMs = clock.now() + checkDelayMs(delayMs);
      return commits.write(() => void sql.insert.run(visibleAtMs, body));
    },

    async receive({ max, visibilityMs }) {
      checkReceive(max, visibilityMs);
      const nowMs = clock.now();
      if (read(() => sql.anyVisible.get(nowMs)) === undefined) return [];
      return commits.write(() => commits.atomically(() => take(max, nowMs, nowMs + visibilityMs)));
    },

    async depth() {
      const row = read(() => sql.count.get());
      return { waiting: Number(row?.['waiting']), dead: Number(row?.['dead']) };
    },

    async dead(limit) {
      checkLimit(limit);
      return read(() => sql.oldestDead.all(limit)).map(
        (row): DeadLetter => ({
          message: messageOf(row),
          attempts: Number(row['attempts']),
          reason: String(row['reason']),
          diedAt: new Date(Number(row['died_at_ms'])).toISOString(),
          remove: () => commits.write(() => void sql.removeDead.run(Number(row['sequence']))),
        }),
      );
    },
  };
}

function prepareStatements(database: DatabaseSync) {
  return {
    insert: database.prepare('INSERT INTO messages (visible_at_ms, attempts, body) VALUES (?, 0, ?)'),
    anyVisible: database.prepare('SELECT 1 FROM messages WHERE visible_at_ms <= ? LIMIT 1'),
    visible: database.prepare(
      'SELECT sequence, attempts, body FROM messages WHERE visible_at_ms <= ? ORDER BY visible_at_ms, sequence LIMIT ?',
    ),
    hide: database.prepare(
      'UPDATE messages SET visible_at_ms = ?, attempts = attempts + 1, receipt = ? WHERE sequence = ?',
    ),
    remove: database.prepare('DELETE FROM messages WHERE sequence = ? AND receipt = ?'),
    giveBack: database.prepare(
      'UPDATE messages SET visible_at_ms = ?, receipt = NULL WHERE sequence = ? AND receipt = ?',
    ),
    copyToDead: database.prepare(
      `INSERT INTO dead_letters (died_at_ms, attempts, reason, body)
       SELECT ?, attempts, ?, body FROM messages WHERE sequence = ? AND (receipt = ? OR ? IS NULL)`,
    ),
    removeAny: database.prepare('DELETE FROM messages WHERE sequence = ?'),
    count: database.prepare(
      'SELECT (SELECT count(*) FROM messages) AS waiting, (SELECT count(*) FROM dead_letters) AS dead',
    ),
    oldestDead: database.prepare(
      'SELECT sequence, died_at_ms, attempts, reason, body FROM dead_letters ORDER BY sequence LIMIT ?',
    ),
    removeDead: database.prepare('DELETE FROM dead_letters WHERE sequence = ?'),
  };
}

function messageOf(row: Row): QueueMessage {
  const message: QueueMessage = JSON.parse(String(row['body']));
  return message;
}
