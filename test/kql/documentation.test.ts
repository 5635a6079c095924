import { expect, it } from 'vitest';
import { executeChecked } from './execute.ts';

/** Queries and results as the pages of https://learn.microsoft.com/kusto/query/ give them, by page. */
const EXAMPLES: readonly [page: string, query: string, rows: readonly (readonly unknown[])[]][] = [
  [
    'scalar-data-types/null-values',
    `datatable(val:int)[5, int(null)]
     | extend a = val > 3, b = val > 3 or isnull(val), c = val == int(null), d = val != int(null)`,
    [
      [5, true, true, false, true],
      [null, null, true, null, null],
    ],
  ],
  [
    'scalar-data-types/null-values',
    'datatable(ival:int, sval:string)[5, "a", int(null), "b"] | where ival != 5',
    [[null, 'b']],
  ],
  [
    'numerical-operators',
    'print a = 14 % 12, b = -14 % 12, c = 14 % -12, d = -14 % -12, e = 1 / 2, f = real(1) / 2',
    [[2, 10, 2, 10, 0, 0.5]],
  ],
  [
    'bin-function',
    'print a = bin(4.5, 1), b = bin(time(16d), 7d), c = bin(datetime(1970-05-11 13:45:07), 1d)',
    [[4, '14.00:00:00', '1970-05-11T00:00:00Z']],
  ],
  [
    'bin-at-function',
    'print bin_at(datetime(2017-05-17 10:20:00.0), 7d, datetime(2017-06-04 00:00:00.0))',
    [['2017-05-14T00:00:00Z']],
  ],
  [
    'datetime-diff-function',
    `print year = datetime_diff('year',datetime(2017-01-01),datetime(2000-12-31)),
       week = datetime_diff('week',datetime(2017-10-29 00:00),datetime(2017-09-30 23:59)),
       hour = datetime_diff('hour',datetime(2017-10-31 01:00),datetime(2017-10-30 23:59)),
       second = datetime_diff('second',datetime(2017-10-30 23:00:10.100),datetime(2017-10-30 23:00:00.900)),
       us = datetime_diff('microsecond',datetime(2017-10-30 23:00:00.1009001),datetime(2017-10-30 23:00:00.1008009))`,
    [[17, 5, 2, 10, 100]],
  ],
  [
    'join-innerunique',
    `let X = datatable(Key:string, Value1:long)['a',1, 'b',2, 'b',3, 'c',4];
     let Y = datatable(Key:string, Value2:long)['b',10, 'c',20, 'c',30, 'd',40];
     X | join Y on Key | summarize n = count() by Key, Key1`,
    [
      ['b', 'b', 1],
      ['c', 'c', 2],
    ],
  ],
  [
    'join-fullouter',
    `let X = datatable(Key:string, Value1:long)['a',1, 'b',2, 'b',3, 'c',4];
     let Y = datatable(Key:string, Value2:long)['b',10, 'c',20, 'c',30, 'd',40];
     X | join kind=fullouter Y on Key`,
    [
      ['', null, 'd', 40],
      ['a', 1, '', null],
      ['b', 2, 'b', 10],
      ['b', 3, 'b', 10],
      ['c', 4, 'c', 20],
      ['c', 4, 'c', 30],
    ],
  ],
  [
    'join-leftanti',
    `let X = datatable(Key:string, Value1:long)['a',1, 'b',2, 'b',3, 'c',4];
     let Y = datatable(Key:string, Value2:long)['b',10, 'c',20, 'c',30, 'd',40];
     X | join kind=leftanti Y on Key`,
    [['a', 1]],
  ],
  [
    'join-leftsemi',
    `let X = datatable(Key:string, Value1:long)['a',1, 'b',2, 'b',3, 'c',4];
     let Y = datatable(Key:string, Value2:long)['b',10, 'c',20, 'c',30, 'd',40];
     X | join kind=leftsemi Y on Key`,
    [
      ['b', 2],
      ['b', 3],
      ['c', 4],
    ],
  ],
  [
    'union-operator',
    `let View_1 = view () { print x=1 }; let View_2 = view () { print x=toint(2) };
     union withsource=TableName View_1, View_2`,
    [
      ['View_1', 1, null],
      ['View_2', null, 2],
    ],
  ],
  [
    'union-operator',
    `let View_1 = view () { print x=1 }; let View_2 = view () { print x=1 };
     union isfuzzy=true (View_1 | where x > 0), (View_2 | where x > 0), (View_3 | where x > 0) | count`,
    [[2]],
  ],
  [
    'summarize-operator',
    'range x from 1 to 4 step 1 | extend y = iff(x == 1, real(null), real(5)) | summarize sum(y), avg(y)',
    [[15, 5]],
  ],
  [
    'summarize-operator',
    'datatable(x:long)[] | summarize count(), countif(x > 0), sum(x), max(x), make_list(x), avg(x)',
    [[0, 0, 0, null, '[]', 'NaN']],
  ],
  [
    'arg-max-aggregation-function',
    `datatable(Fruit: string, Color: string, Version: int) ["Apple", "Red", 1, "Apple", "Green", int(null),
       "Pear", "Brown", 1, "Pear", "Green", 2] | summarize arg_max(Version, *) by Fruit`,
    [
      ['Apple', 1, 'Red'],
      ['Pear', 2, 'Green'],
    ],
  ],
  [
    'row-cumsum-function',
    `datatable (name:string, month:int, salary:long)["Alice", 1, 1000, "Bob", 1, 1000, "Alice", 2, 2000, "Bob", 2, 1950]
     | order by name asc, month asc | extend total=row_cumsum(salary, name != prev(name))`,
    [
      ['Alice', 1, 1000, 1000],
      ['Alice', 2, 2000, 3000],
      ['Bob', 1, 1000, 1000],
      ['Bob', 2, 1950, 2950],
    ],
  ],
  [
    'row-number-function',
    `range a from 1 to 10 step 1 | sort by a desc
     | extend rn=row_number(7) | where a > 8`,
    [
      [10, 7],
      [9, 8],
    ],
  ],
  [
    'row-window-session-function',
    `datatable (ID:string, Timestamp:datetime) ["1", datetime(2024-04-11 10:00:00), "2", datetime(2024-04-11 10:18:00),
       "1", datetime(2024-04-11 11:00:00), "2", datetime(2024-04-11 10:16:00)]
     | sort by ID asc, Timestamp asc
     | project ID, Started = row_window_session(Timestamp, 1h, 5m, ID != prev(ID))`,
    [
      ['1', '2024-04-11T10:00:00Z'],
      ['1', '2024-04-11T11:00:00Z'],
      ['2', '2024-04-11T10:16:00Z'],
      ['2', '2024-04-11T10:16:00Z'],
    ],
  ],
  [
    'mv-expand-operator',
    `datatable (a: int, b: dynamic, c: dynamic)[1, dynamic({"prop1": "a", "prop2": "b"}), dynamic([5, 4, 3])]
     | mv-expand b, c`,
    [
      [1, '{"prop1":"a"}', '5'],
      [1, '{"prop2":"b"}', '4'],
      [1, null, '3'],
    ],
  ],
  [
    'mv-expand-operator',
    'range x from 1 to 2 step 1 | summarize x = make_list(x) | mv-expand with_itemindex=Index x to typeof(long)',
    [
      [1, 0],
      [2, 1],
    ],
  ],
  [
    'mv-apply-operator',
    `let data = datatable (index: int, Arr: dynamic)[0, dynamic([5, 1, 3]), 1, dynamic([4, 10, 8, 7])];
     data | mv-apply Arr2=Arr to typeof(long) on (top 2 by Arr2 | summarize Top2=make_list(Arr2))`,
    [
      [0, '[5,1,3]', '[5,3]'],
      [1, '[4,10,8,7]', '[10,8]'],
    ],
  ],
  [
    'make-series-operator',
    `datatable(timestamp:datetime, metric: real)[datetime(2016-12-31T06:00), 50, datetime(2017-01-01), 4,
       datetime(2017-01-02), 3, datetime(2017-01-03), 4, datetime(2017-01-03T03:00), 6, datetime(2017-01-05), 8]
     | make-series avg(metric) on timestamp from datetime(2017-01-01) to datetime(2017-01-05) step 1d
     | project avg_metric`,
    [['[4,3,5,0]']],
  ],
  [
    'lookup-operator',
    `let Fact=datatable(Row:string,Personal:string)["1", "Rowan", "2", "Ellis", "3", "Ellis", "4", "Maya"];
     let Dim=datatable(Personal:string,Alias:string)["Rowan", "rowanm", "Ellis", "ellist"];
     Fact | lookup kind=leftouter Dim on Personal`,
    [
      ['1', 'Rowan', 'rowanm'],
      ['2', 'Ellis', 'ellist'],
      ['3', 'Ellis', 'ellist'],
      ['4', 'Maya', ''],
    ],
  ],
  [
    'array-sort-asc-function',
    `print a = array_sort_asc(dynamic([null,"blue","yellow","green",null])),
       b = array_sort_asc(dynamic([null,"blue","yellow","green",null]), false)`,
    [['["blue","green","yellow",null,null]', '[null,null,"blue","green","yellow"]']],
  ],
  [
    'array-slice-function',
    'print arr=dynamic([1,2,3,4,5]) | project a = array_slice(arr, 2, -1), b = array_slice(arr, -3, -2)',
    [['[3,4,5]', '[3,4]']],
  ],
  [
    'substring-function, indexof-function, split-function',
    `print a = substring("123456", 2, 2), b = substring("ABCD", 0, 2), c = indexof("abcdefg","cde"),
       d = indexof("abcdefg","cde",3), e = split("aa_bb", "_"), f = split("aaa_bbb_ccc", "_", 1)`,
    [['34', 'AB', 2, -1, '["aa","bb"]', '["bbb"]']],
  ],
  [
    'extract-function, replace-regex-function, trim-function',
    `print a = extract("x=([0-9.]+)", 1, "hello x=45.6|wo"), b = extract("x=([0-9.]+)", 1, "x=45.6", typeof(real)),
       c = replace_regex("Number is 1", @'is (\\d+)', @'was: \\1'), d = trim("--", "--bing.com--")`,
    [['45.6', 45.6, 'Number was: 1', 'bing.com']],
  ],
  [
    'tolong-function, toint-function, parse-json-function',
    `print a = tolong("123") == 123, b = toint(2.3), c = tolong("x"), d = parse_json('{"a":[1,{"b":"c"}]}').a[1].b,
       e = tostring(dynamic({"x":1})), f = tostring(parse_json('{"a":"b"}').z)`,
    [[true, 2, null, 'c', '{"x":1}', '']],
  ],
  [
    'has-operator, datatypes-string-operators',
    `print a = "North America" has "america", b = "North America" has "meric", c = "a_b" has "b", d = "x/Y" =~ "X/y",
       e = "abc" contains_cs "B", f = "b" in~ ("A", "B"), g = 3 between (1 .. 3), h = "" in ("a")`,
    [[true, false, true, true, false, true, true, false]],
  ],
  [
    'partition-operator',
    `datatable(s:string, n:long)["a", 1, "a", 3, "b", 2] | partition hint.strategy=native by s (top 1 by n)`,
    [
      ['a', 3],
      ['b', 2],
    ],
  ],
  [
    'let-statement, materialize-function, toscalar-function',
    `let multiply = (x:long, y:long = 2) { x * y }; let T = (n:long) { range a from 1 to n step 1 };
     let total = toscalar(T(4) | summarize sum(a)); let kept = materialize(T(3));
     kept | where a > 2 | extend b = multiply(a), c = multiply(a, 10), d = total`,
    [[3, 6, 30, 10]],
  ],
  [
    'sort-operator',
    'datatable(n:real)[3.0, real(null), 1.0] | sort by n | extend at = row_number() | project n, at',
    [
      [1, 2],
      [3, 1],
      [null, 3],
    ],
  ],
];

it.each(EXAMPLES)('gives what the documentation shows on %s (%#)', (_page, query, rows) => {
  expect(inOneOrder(executeChecked(query, []).rows)).toEqual(inOneOrder(rows));
});

function inOneOrder(rows: readonly (readonly unknown[])[]): unknown[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
