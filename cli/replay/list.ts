import { cleanLine } from '../../shared/chat/plain.ts';
import type { InboxLine } from '../../shared/pipeline/read.ts';
import type { DeadLetter } from '../../shared/ports.ts';

/** What was received, then what was laid aside: a line each, or JSON `{ payloads, work }`. */
export function describeInbox(payloads: readonly InboxLine[], letters: readonly DeadLetter[], json: boolean): string {
  if (json) {
    const work = letters.map(({ message, attempts, reason, diedAt }) => ({ message, attempts, reason, diedAt }));
    return `${JSON.stringify({ payloads, work }, null, 2)}\n`;
  }
  const lines = [...payloads.map(describePayload), ...letters.map(describeLetter)];
  return `${lines.length === 0 ? 'nothing in the last 14 days' : lines.join('\n')}\n`;
}

function describePayload(line: InboxLine): string {
  const why = `${line.error ?? ''}${line.path ? ` at ${line.path}` : ''}`;
  const size = `${line.payload.bytes} bytes${line.payload.truncated ? ' (first 64 KiB kept)' : ''}`;
  const what = cleanLine(line.state === 'dead' ? why : line.incidents.join(' '));
  const { receivedAt, source, state, payload } = line;
  return [receivedAt, source.padEnd(12), state.padEnd(8), payload.hash.slice(0, 12), size, what].join('  ');
}

function describeLetter({ message, attempts, reason, diedAt }: DeadLetter): string {
  const what = cleanLine(
    `${'chat' in message ? 'a question from chat' : message.incidentId}, ${attempts} attempts: ${reason}`,
  );
  return [diedAt, 'work'.padEnd(12), 'dead'.padEnd(8), what].join('  ');
}
