import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { layoutOf } from '../../../../shared/adapters/duckdb/prepare-files.ts';

const LINES = '{"time":"2026-01-05T10:00:00Z","resourceId":"/x"}\n{"time":"2026-01-05T10:00:01Z"}\n';

test.each([
  ['JSON lines', LINES, 'lines'],
  ['JSON lines whose first is broken', `{"time":"2026\n${LINES}`, 'lines'],
  ['JSON lines whose first breaks off after a colon', `{"time":\n${LINES}`, 'lines'],
  ['JSON lines whose first is only a bracket', `{\n${LINES}`, 'lines'],
  ['an envelope', `{"records":[${LINES.trim().replace('\n', ',')}]}`, 'document'],
  ['a pretty envelope', '{\n  "records": [\n    {', 'document'],
  ['an envelope a line', '{"v":1,"records":[{"a":1}]}\n', 'document'],
  ['a list', '[{"a":1}]', 'document'],
  ['a pretty record', '{\n  "time": "2026-01-05T10:00:00Z"\n}', 'document'],
  ['a byte order mark before lines', `\uFEFF${LINES}`, 'lines'],
  ['only white space', ' \n\n', 'none'],
  ['nothing', '', 'none'],
  ['no JSON at all', 'hello\nworld', 'lines'],
])('tells %s', (_what, text, records) => {
  const byteOrderMark = text.startsWith('\uFEFF');
  expect(layoutOf(Buffer.from(text))).toEqual({ gzip: false, byteOrderMark, records });
  expect(layoutOf(gzipSync(text))).toEqual({ gzip: true, byteOrderMark, records });
});

test('tells a gzip by its beginning even where it breaks off', () => {
  const whole = gzipSync(LINES.repeat(500));
  expect(layoutOf(whole.subarray(0, whole.length - 20))).toMatchObject({ gzip: true, records: 'lines' });
});
