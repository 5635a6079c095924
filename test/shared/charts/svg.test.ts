import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawSvg } from '../../../shared/charts/svg.ts';
import { placeMarks, ticksOf } from '../../../shared/charts/svg-place.ts';
import type { Chart } from '../../../shared/model.ts';
import { chart as hostileChart } from '../chat/hostile.ts';
import { burstChart } from '../chat/incidents.ts';

const TAG = /^<\/?(?:svg|title|desc|defs|pattern|rect|text|path)(?: [\w:-]+="[^"<>]*")*\/?>$/;

/** What a reader of XML would refuse, and any way out of the picture. */
function problemsOf(svg: string): string[] {
  const tags = svg.match(/<[^<>]*>/g) ?? [];
  const text = svg.replace(/<[^<>]*>/g, '');
  return [
    ...tags.filter((tag) => !TAG.test(tag)),
    ...(/[<>]/.test(text) ? ['a bare angle bracket'] : []),
    ...(svg.match(/&(?!amp;|lt;|gt;|quot;|#39;)/g) ?? []),
    ...(svg.match(/NaN|Infinity|undefined|\bhref\b|url\((?!#hatch\))/g) ?? []),
    ...(svg.isWellFormed() ? [] : ['half of a surrogate pair']),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 refuses.
    ...(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(svg) ? ['a control character'] : []),
  ];
}

function drawn(more: Partial<Chart> = {}): string {
  return drawSvg({ ...burstChart(), ...more }, 'light') ?? '';
}

const CALLER = { name: '<b>orders</b> & co', role: 'caller' as const, values: [500, 500, 500] };

describe('a drawn chart', () => {
  test('names what it shows: title, unit, limit, peak, refusals, markers', () => {
    const svg = drawn();
    for (const text of ['Requests to kv-orders-prod', 'requests per 10 s', 'published limit 4,000', 'peak 6,071'])
      expect(svg).toContain(text);
    expect(svg).toContain('>burst begins</text>');
    expect(svg).toContain('url(#hatch)');
    expect(problemsOf(svg)).toEqual([]);
  });

  test('shows below it who asked, where the chart knows callers', () => {
    expect(drawn()).not.toContain('Who asked');
    const svg = drawn({ series: [...burstChart().series, CALLER] });
    expect(svg).toContain('Who asked');
    expect(svg).toContain('&lt;b&gt;orders&lt;/b&gt; &amp; co');
    expect(svg).toContain('>others</text>');
  });

  test('tells in words a limit that is far above everything', () => {
    const svg = drawn({ limit: { label: 'limit', value: 1_000_000 } });
    expect(svg).toContain('limit 1M, not in view');
    expect(svg).not.toContain('stroke-dasharray="7 4"');
  });

  test('says where nothing was measured', () => {
    expect(drawn({ series: [{ name: 'total', role: 'total', values: [5, null, 5] }] })).toContain('not measured');
    expect(drawn()).not.toContain('not measured');
  });

  test('is none where nothing was measured at all', () => {
    expect(drawSvg({ ...burstChart(), series: [] }, 'dark')).toBeNull();
  });

  test('is sound whatever the chart holds, and its peak stays inside', () => {
    fc.assert(
      fc.property(hostileChart, fc.constantFrom('light' as const, 'dark' as const), (chart, theme) => {
        expect(problemsOf(drawSvg(chart, theme) ?? '')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('markers', () => {
  const at = (seconds: number, label: string) => ({
    at: new Date(Date.parse('2026-11-20T14:00:00Z') + seconds * 1000).toISOString(),
    label,
  });

  test('stand at their time, an earlier one above a later one that its label would run into', () => {
    const markers = [at(0, 'onset'), at(10, 'alert'), at(300, 'resolved')];
    const placed = placeMarks({ ...burstChart(), markers }, 0, 600, 12);
    expect(placed.map(({ x, label, lane }) => [x, label, lane])).toEqual([
      [300, 'resolved', 0],
      [10, 'alert', 0],
      [0, 'onset', 1],
    ]);
  });

  test('outside the time of the chart are left out', () => {
    const markers = [at(-1, 'before'), at(601, 'after'), { at: 'never', label: 'x' }];
    expect(placeMarks({ ...burstChart(), markers }, 0, 600, 12)).toEqual([]);
  });

  test('have labels that never lie on one another, nor under the line of another', () => {
    const some = fc.array(fc.tuple(fc.integer({ min: 0, max: 600 }), fc.stringMatching(/^[a-z ]{1,30}$/)), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(some, (pairs) => {
        const markers = pairs.map(([seconds, label]) => at(seconds, label));
        const placed = placeMarks({ ...burstChart(), markers }, 0, 680, 12).filter(({ label }) => label !== '');
        const boxes = placed.map(({ x, label, lane, anchor }) => {
          const width = label.length * 7;
          return { lane, from: anchor === 'start' ? x : x - width, to: anchor === 'start' ? x + width : x };
        });
        const touching = boxes.filter((box, index) =>
          boxes.some(
            (other, at) => at < index && other.lane === box.lane && box.from < other.to && other.from < box.to,
          ),
        );
        expect(touching).toEqual([]);
      }),
    );
  });
});

test.each([
  [0, 5, []],
  [Number.POSITIVE_INFINITY, 5, []],
  [6071, 5, [2000, 4000, 6000]],
  [4000, 5, [1000, 2000, 3000, 4000]],
  [6071, 2, [5000]],
  [1, 5, [0.2, 0.4, 0.6, 0.8, 1]],
])('up to %d there are at most %d round numbers', (top, max, expected) => {
  expect(ticksOf(top, max).map((value) => Number(value.toPrecision(6)))).toEqual(expected);
});
