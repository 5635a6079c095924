import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { SAMPLE_FILE } from '../../../samples/make.ts';
import { makeFolder } from '../../shared/adapters/folder.ts';
import { FROM, line, VAULT } from '../../shared/evidence/kit.ts';
import { openWorkplace } from './kit.ts';

const { folder, write, analyze } = openWorkplace();

const good = (count: number): string[] => Array.from({ length: count }, (_, at) => line({ at }));
const records = (...all: unknown[]): string => all.map((each) => `${JSON.stringify(each)}\n`).join('');
const trail = { eventVersion: '1.08', eventTime: FROM, eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' };

describe('input that is not as it should be', () => {
  test.each<[string, () => string, RegExp]>([
    ['an empty file', () => write('empty.json', ''), /^No request in these files\n/],
    ['an empty gzip', () => write('empty.json.gz', gzipSync('')), /^No request in these files\n/],
    [
      'one line',
      () => write('one.json', `${good(1)[0]}\n`),
      /^kv-contoso: nothing was refused; .*\n.*100 % of 1 request\n/,
    ],
    [
      'a last line without its end',
      () => write('cut.json', good(3).join('\n').slice(0, -40)),
      /of 2 requests\n[\s\S]*1 line in the files is no audit record/,
    ],
    [
      'every third line broken',
      () =>
        write(
          'broken.json',
          `${good(90)
            .map((each, index) => (index % 3 === 0 ? each.slice(0, 99) : each))
            .join('\n')}\n`,
        ),
      /of 60 requests\n[\s\S]*! 30 lines in the files are no audit records/,
    ],
    [
      'a gzip that breaks off',
      () => write('truncated.json.gz', gzipSync(good(4000).join('\n')).subarray(0, 20_000)),
      /Nothing to mend in what could be read[\s\S]*truncated\.json\.gz: its gzip breaks off/,
    ],
    [
      'a line of many megabytes',
      () => write('huge.json', `{"x":"${'a'.repeat(20_000_000)}"}\n${good(5).join('\n')}\n`),
      /of 5 requests\n[\s\S]*1 line in/,
    ],
    [
      'another service beside the vault',
      () => write('mixed.json', `${good(5).join('\n')}\n${records(trail)}`),
      /of 5 requests\n[\s\S]*1 record of AWS CloudTrail, sts\.amazonaws\.com/,
    ],
    [
      'a path that is missing beside one that is there',
      () => write('there.json', `${good(5).join('\n')}\n`),
      /of 5 requests\n[\s\S]*nowhere\.json: it does not exist/,
    ],
  ])('%s is answered, and what was lost is said', async (what, path, told) => {
    const more = what.startsWith('a path') ? [join(folder, 'nowhere.json')] : [];
    const { code, out } = await analyze(path(), ...more);
    expect(out).toMatch(told);
    expect(code).toBe(0);
  });

  test.each<[string, () => string, RegExp]>([
    ['a path that is not there', () => join(folder, 'missing.json'), /no log file matches .*missing\.json\nnext: /],
    ['a glob that matches nothing', () => join(folder, 'nothing-*.jsonl'), /no log file matches .*nothing-\*/],
    ['an empty folder', () => makeFolder(), /no log file matches .*\nnext: .*\.ndjson/],
    ['text', () => write('plain.txt', 'hello\nworld\n'), /None of 2 lines is an audit record/],
    ['bytes', () => write('bytes.json', new Uint8Array([0, 255, 1, 254, 10, 3])), /audit record|could not be read/],
    [
      'CloudTrail',
      () => write('trail.json', JSON.stringify({ Records: [trail] })),
      /AWS CloudTrail, sts\.amazonaws\.com/,
    ],
    [
      'the activity log',
      () =>
        write(
          'activity.json',
          records({ time: FROM, resourceId: VAULT.id, category: 'Administrative', operationName: 'X' }),
        ),
      /Azure activity log, Administrative/,
    ],
    [
      'the log of an App Service',
      () =>
        write(
          'site.json',
          records({
            time: FROM,
            resourceId: VAULT.id.replace('keyvault/vaults', 'web/sites'),
            category: 'AppServiceHTTPLogs',
          }),
        ),
      /microsoft\.web\/sites, AppServiceHTTPLogs/,
    ],
  ])('%s is refused with 1 and the next step', async (_what, path, told) => {
    const { code, out, err } = await analyze(path());
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(told);
    expect(err).toMatch(/^headroom analyze: .+\n(?: .+\n)*next: .+\n$/);
  });

  test.each<[string, () => string[], RegExp]>([
    ['no path', () => [], /name log files, folders or globs/],
    ['an unknown option', () => [SAMPLE_FILE, '--valut', 'x'], /--valut/],
    ['a time that is none', () => [SAMPLE_FILE, '--from', 'yesterday'], /--from is a time as 2026/],
    ['a day that there is not', () => [SAMPLE_FILE, '--to', '2026-02-30T00:00:00Z'], /--to is a time/],
    [
      'an end before the beginning',
      () => [SAMPLE_FILE, '--from', '2026-03-02T10:00:00Z', '--to', '2026-03-02T09:00:00Z'],
      /--to is not after --from/,
    ],
    [
      'an end as far back as the beginning',
      () => [SAMPLE_FILE, '--from', '2h', '--to', '2h'],
      /--to is not after --from/,
    ],
    ['a wrong format', () => [SAMPLE_FILE, '--format', 'xml'], /--format is one of/],
    ['an unknown profile', () => [SAMPLE_FILE, '--limits', 'publishd'], /Did you mean published\?/],
    [
      'a limits file that is missing',
      () => [SAMPLE_FILE, '--limits', './nowhere.json'],
      /nowhere\.json, which cannot be read/,
    ],
    [
      'a limits file with a wrong field',
      () => [
        SAMPLE_FILE,
        '--limits',
        write(
          'wrong.json',
          '{"limits":[{"service":"key-vault","class":"secret","windowSeconds":10,"max":0,"countsRefused":true}]}',
        ),
      ],
      /limits\[0\]\.max/,
    ],
  ])('%s is a wrong command line', async (_what, args, told) => {
    const { code, out, err } = await analyze(...args());
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(told);
  });
});
