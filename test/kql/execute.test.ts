import { expect, it } from 'vitest';
import { execute, executeChecked, store } from './execute.ts';

const LOG = store(
  {
    name: 'Log',
    columns: [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'caller', type: 'string' },
      { name: 'status', type: 'int' },
      { name: 'identity', type: 'dynamic' },
    ],
  },
  [
    { TimeGenerated: '2026-01-01T10:00:00Z', caller: 'a', status: 200, identity: { claim: { appid: 'x' } } },
    { TimeGenerated: '2026-01-01T10:00:01.5Z', caller: 'a', status: 429 },
    { TimeGenerated: '2026-01-01T10:00:02.0000017Z', caller: 'b', status: 429, identity: {} },
  ],
);

it.each([
  [
    'an operator that it does not know',
    'Log | evaluate bag_unpack(identity)',
    'operator EvaluateOperator is not known',
  ],
  ['another', 'Log | parse caller with * "x"', 'operator ParseOperator is not known'],
  ['a function', 'Log | extend x = series_fft(identity)', 'function series_fft() is not known'],
  ['an aggregate', 'Log | summarize hll(caller)', 'function hll() is not known'],
  ['more arguments than it heeds', 'print indexof("a", "b", 0, 1)', 'more than 3 arguments'],
  ['a parameter of an operator', 'Log | mv-expand kind=array identity', 'MvExpandOperator with kind=array'],
  ['the time of day', 'Log | where TimeGenerated > ago(1h)', 'refused'],
  ['a text that the language service finds fault with', 'Log | where absent > 1', 'KS142'],
  ['a table that is not there', 'Absent | count', 'KS204'],
  ['an order that nobody made', 'Log | extend n = row_number()', 'needs rows in an order'],
  ['an order that an operator lost', 'Log | sort by status | mv-expand identity | extend n = prev(status)', 'an order'],
  ['nulls that meet in a join', 'let T = datatable(k:long)[long(null)]; T | join kind=inner T on k', 'null keys'],
  ['a whole number that it cannot hold', 'print 9007199254740991 + 1', 'beyond 2^53'],
  ['a datetime as a number', 'Log | extend n = tolong(TimeGenerated)', 'in ticks'],
  ['division of whole numbers by zero', 'print 1 / 0', 'whole number / 0'],
  ['more parts than the service makes', 'range a from 1 to 65 step 1 | partition by a (count)', '65 parts'],
  [
    'a join inside a native partition',
    'Log | partition hint.strategy=native by caller (join (Log) on caller)',
    'refused',
  ],
])('refuses %s', (_what, query, message) => {
  expect(() => executeChecked(query, [LOG])).toThrow(message);
});

it('reads tables by name, columns by path and times to the microsecond', () => {
  expect(
    execute('Log | where status == 429 | extend app = tostring(identity.claim.appid) | project TimeGenerated, app', [
      LOG,
    ]).rows.toSorted(),
  ).toEqual([
    ['2026-01-01T10:00:01.5Z', ''],
    ['2026-01-01T10:00:02.000001Z', ''],
  ]);
});

it('narrows every table to the timespan, its end excluded', () => {
  const timespan = { from: '2026-01-01T10:00:01Z', to: '2026-01-01T10:00:02.000001Z' };
  expect(execute('Log | project caller', [LOG], timespan).rows).toEqual([['a']]);
});

it('gives column types as the language service says them', () => {
  const query = `Log | summarize n = count(), list = make_list(status), earliest = min(TimeGenerated), share = avg(status)
    by caller`;
  expect(executeChecked(query, [LOG]).columns).toEqual([
    { name: 'caller', type: 'string' },
    { name: 'n', type: 'long' },
    { name: 'list', type: 'dynamic' },
    { name: 'earliest', type: 'datetime' },
    { name: 'share', type: 'real' },
  ]);
});

it('leaves rows in no order of their own', () => {
  const rows = Array.from({ length: 50 }, (_, status) => ({ caller: 'a', status }));
  const many = store({ name: 'Many', columns: LOG.table.columns }, rows);
  const given = rows.map(({ status }) => [status]);
  for (const query of ['Many | project status', 'Many | sort by status asc | distinct status'])
    expect(execute(query, [many]).rows).not.toEqual(given);
  expect(execute('Many | sort by status asc | project status', [many]).rows).toEqual(given);
});

it('gives a hash of either sign, of which 53 bits are kept by a mask', () => {
  const { rows } = execute(
    `range a from 1 to 200 step 1 | extend h = hash(tostring(a)) | extend kept = binary_and(h, 9007199254740991)
     | summarize below = countif(h < 0), distinctly = count_distinct(kept), least = min(kept)`,
    [],
  );
  const [below = 0, distinctly, least] = rows[0]?.map(Number) ?? [];
  expect(below).toBeGreaterThan(60);
  expect(below).toBeLessThan(140);
  expect(distinctly).toBe(200);
  expect(least).toBeGreaterThanOrEqual(0);
});

it('refuses rows with columns that the table does not have', () => {
  expect(() => store({ name: 'Log', columns: LOG.table.columns }, [{ Caller: 'a' }])).toThrow('no column Caller');
});
