import { describe, expect, test } from 'vitest';
import { jsonLog, prettyLog } from '../../../../shared/adapters/system/log.ts';
import type { Log } from '../../../../shared/ports.ts';
import { fakeClock } from '../../../kit.ts';

const clock = fakeClock('2026-11-20T14:00:00.123Z');

function written(make: (write: (line: string) => void) => Log, say: (log: Log) => void): string[] {
  const lines: string[] = [];
  say(make((line) => lines.push(line)));
  return lines;
}

describe('the JSON log', () => {
  const json = (say: (log: Log) => void): string[] => written((write) => jsonLog(write, clock), say);

  test('writes one object a line: time, level, event, then the fields', () => {
    const lines = json((log) => {
      log.info('received', { incident: 'a2b3c4d5', ms: 12 });
      log.warn('quiet');
      log.error('work-failed', { kind: 'bug', cause: null });
    });
    expect(lines).toEqual([
      '{"time":"2026-11-20T14:00:00.123Z","level":"info","event":"received","incident":"a2b3c4d5","ms":12}\n',
      '{"time":"2026-11-20T14:00:00.123Z","level":"warn","event":"quiet"}\n',
      '{"time":"2026-11-20T14:00:00.123Z","level":"error","event":"work-failed","kind":"bug","cause":null}\n',
    ]);
  });

  test('hides secrets', () => {
    const [line] = json((log) => log.info('sent', { url: 'https://hooks.slack.com/services/T0/B0/abc', token: 'abc' }));
    expect(JSON.parse(line ?? '')).toMatchObject({ url: 'https://hooks.slack.com/[secret]', token: '[secret]' });
  });

  test('a field cannot pose as time, level or event, nor make a second line', () => {
    const lines = json((log) =>
      log.info('real', { time: 'never', level: 'error', event: 'fake', text: 'a\n{"event":"b"}' }),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]?.split('\n')).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      time: '2026-11-20T14:00:00.123Z',
      level: 'info',
      event: 'real',
    });
  });

  test('a field without value is left out', () => {
    expect(json((log) => log.info('a', { incident: undefined }))[0]).not.toContain('incident');
  });
});

describe('the pretty log', () => {
  test('writes time, level, event and fields in plain text', () => {
    const [line] = written(
      (write) => prettyLog(write, false, clock),
      (log) => log.warn('queue-full', { waiting: 12, resource: 'kv payments', empty: '', last: null, gone: undefined }),
    );
    const time = new Date(clock.now()).toTimeString().slice(0, 8);
    expect(line).toBe(`${time} warn  queue-full waiting=12 resource="kv payments" empty="" last=null\n`);
  });

  test('colours the level when asked to, and lets no other sequence through', () => {
    const [line] = written(
      (write) => prettyLog(write, true, clock),
      (log) => log.error('failed', { text: '\u001b[2Jcleared' }),
    );
    expect(line).toContain('\u001b[31merror\u001b[0m');
    expect(line).toContain('text=cleared');
    expect(line).not.toContain('\u001b[2J');
  });

  test('hides secrets', () => {
    const [line] = written(
      (write) => prettyLog(write, false, clock),
      (log) => log.info('sent', { password: 'hunter2', note: 'Bearer abcdefgh' }),
    );
    expect(line).toMatch(/password=\[secret\] note=\[secret\]\n$/);
  });
});
