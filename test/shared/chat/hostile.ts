import fc from 'fast-check';
import type { Caller, Chart, Finding, Incident, Message, SignalState } from '../../../shared/model.ts';

/** Text as an attacker, a foreign keyboard or a runaway log would send it. */
const NASTY = [
  '<!channel> *x* [a](http://b)',
  '<!here|here> <@U123> <#C123> <https://evil.example|click>',
  '@channel @here @everyone #123 !45',
  '`code` ```fence``` ~~~ **b** __i__ ~s~ | cell |',
  '![img](http://evil.example/x.png) <img src=x onerror=alert(1)> &lt;b&gt; &amp;',
  'http://evil.example www.evil.example mailto:a@b.example user@mail.example',
  '{{DATE(2026-11-20T14:03:00Z,SHORT)}} {{ TIME(2026-11-20T14:03:00Z)}} \u0024{payload}',
  '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u009b2J \u001b[2K\u001b[1A',
  '\u202egnp.exe\u202c \u2066x\u2069 \u200b\u200e\u200f\ufeff',
  'line one\nline two\r\nline three\u2028four\u0000five\ttab',
  'مرحبا بالعالم שלום עולם',
  '漢字かな交じり文 한국어 ＦＵＬＬ',
  '👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301e\u0301 👍🏽',
  '\ud83d lone \udc00 halves \ud800',
  '- item\n# heading\n1. one\n> quote\n===\n---',
  'x'.repeat(5000),
  '&<>'.repeat(2000),
  '"\\'.repeat(3000),
  '👍'.repeat(3000),
  '漢'.repeat(4000),
  '__proto__',
  '',
  ' ',
];

export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('kv-orders-prod', 'orders-api', 'secrets/db', '10.1.2.3', 'dana@contoso.com'),
  },
);

const time = fc
  .integer({ min: Date.parse('2026-11-20T00:00:00Z'), max: Date.parse('2026-11-22T00:00:00Z') })
  .map((ms) => new Date(ms).toISOString());
const url = fc.oneof(
  fc.constantFrom(
    'https://portal.azure.com/#x',
    'http://grafana.example/d/1?x=y',
    'javascript:alert(1)',
    'https://u:p@evil.example/',
    'nonsense',
    'ftp://x',
  ),
  fc.constant(`https://long.example/${'a'.repeat(1900)}`),
  fc.webUrl(),
);
const number = fc.oneof(fc.double(), fc.integer({ min: 0, max: 1_000_000 }));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const link = fc.record({ label: text, url });
const optional = { requiredKeys: [] as [] };

const caller: fc.Arbitrary<Caller> = fc
  .record({
    id: text,
    kind: fc.constantFrom('application', 'user', 'role', 'unknown'),
    addresses: fc.nat(500),
    more: fc.record(
      { appId: fc.oneof(fc.uuid(), text), displayName: text, owner: text, client: text, arn: text },
      optional,
    ),
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));

const signal = fc
  .record({
    metric: fc.oneof(text, fc.constantFrom('ServiceApiResult', 'ServiceApiHit', 'SaturationShoebox')),
    dimensions: fc.dictionary(text, text, { maxKeys: 3 }),
    more: fc.record({ operator: text, threshold: number, value: number, windowSeconds: fc.nat(100_000) }, optional),
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));

const signalState: fc.Arbitrary<SignalState> = fc
  .record({
    instance: text,
    rule: text,
    source: fc.constant('azure'),
    category: fc.constant('metric'),
    severity: fc.constantFrom(0, 1, 2, 3, 4),
    state: fc.constantFrom('fired', 'resolved', 'no-data'),
    signals: fc.array(signal, { maxLength: 3 }),
    links: fc.array(link, { maxLength: 8 }),
    custom: fc.dictionary(text, fc.oneof(text, url), { maxKeys: 8 }),
    more: fc.record({ firedAt: time, resolvedAt: time, description: text }, optional),
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));

const fact = fc.record({
  label: text,
  value: fc.oneof(number, text),
  unit: text,
  from: fc.record({
    kind: fc.constantFrom('targets', 'callers'),
    column: fc.constantFrom('target', 'reads'),
    window: fc.constantFrom('incident', 'day-before', 'week-before'),
  }),
});

const fix: fc.Arbitrary<Finding['fixes'][number]> = fc
  .record({
    id: text,
    title: text,
    invasiveness: fc.constantFrom(1, 2, 3, 4, 5),
    more: fc.record(
      {
        snippet: fc.record({ language: text, text }),
        predicted: fc.record({
          throttledBefore: number,
          throttledAfter: number,
          peakUtilisationBefore: number,
          peakUtilisationAfter: number,
        }),
      },
      optional,
    ),
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));

const finding: fc.Arbitrary<Finding> = fc
  .record({
    kind: fc.oneof(fc.constantFrom('retry-storm', 'missing-cache'), text),
    verdict: fc.constantFrom('confirmed', 'likely', 'inconclusive', 'ruled-out'),
    role: fc.constantFrom('trigger', 'amplifier', 'condition'),
    confidence: share,
    explains: share,
    victims: fc.array(caller, { maxLength: 12 }),
    facts: fc.array(fact, { maxLength: 12 }),
    summary: text,
    fixes: fc.array(fix, { maxLength: 6 }),
    more: fc.record({ onset: time, caller }, optional),
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));

export const chart: fc.Arbitrary<Chart> = fc
  .record({
    title: text,
    unit: text,
    from: time,
    to: time,
    stepSeconds: fc.oneof(fc.constantFrom(1, 10, 60, 0), fc.double()),
    series: fc.array(
      fc.record({
        name: fc.oneof(text, fc.constant('served')),
        role: fc.constantFrom('served', 'refused', 'total', 'caller'),
        values: fc.array(fc.oneof(fc.constant(null), number), { maxLength: 130 }),
      }),
      { maxLength: 9 },
    ),
    markers: fc.array(fc.record({ at: time, label: text }), { maxLength: 4 }),
    more: fc.record({ limit: fc.record({ label: text, value: number }) }, optional),
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));

const note = fc
  .record({ text, more: fc.record({ nextStep: text }, optional) })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));

/** An incident whose every outside string is hostile and whose every list may be long. */
export const hostileIncident: fc.Arbitrary<Incident> = fc
  .record({
    v: fc.constant(1 as const),
    id: fc.oneof(fc.constant('inc-1'), text),
    revision: fc.nat(),
    fingerprint: text,
    family: fc.oneof(fc.constant('throttle'), text),
    resource: fc.record({
      cloud: fc.constantFrom('azure', 'aws', 'other'),
      id: text,
      name: text,
      type: text,
      scope: text,
      region: text,
    }),
    openedAt: time,
    severity: fc.constantFrom(0, 1, 2, 3, 4),
    verified: fc.boolean(),
    signals: fc.array(signalState, { maxLength: 8 }),
    lifecycle: fc.oneof(
      fc.constant({ state: 'open' as const }),
      fc.record({
        state: fc.constant('resolved' as const),
        at: time,
        by: fc.constantFrom('signals', 'metric', 'person'),
      }),
    ),
    flaps: fc.nat(20),
    findings: fc.array(finding, { maxLength: 7 }),
    notes: fc.array(note, { maxLength: 15 }),
    effects: fc.constant<Incident['effects']>([]),
    more: fc.record(
      {
        synthetic: fc.constantFrom('test', 'canary'),
        acknowledged: fc.record({ at: time, by: text }),
        assigned: fc.record({ at: time, by: text, to: text }),
        silencedUntil: time,
        impact: fc.record({
          callersRefused: number,
          requestsFailed: number,
          minutesOver: number,
          pattern: fc.constantFrom('intermittent', 'persistent'),
          dependents: fc.array(caller, { maxLength: 8 }),
          errorBudgetBurn: fc.option(number),
        }),
        chart,
        diagnosedAt: time,
      },
      optional,
    ),
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));

const field = fc.record({ label: text, value: text });

/** A message that did not pass `buildMessage`: renderers trust nothing. */
export const hostileMessage: fc.Arbitrary<Message> = fc
  .record({
    incidentId: text,
    revision: fc.nat(),
    state: fc.constantFrom('open', 'resolved'),
    severity: fc.constantFrom(0, 1, 2, 3, 4),
    title: text,
    lead: fc.array(text, { maxLength: 5 }),
    belowTitle: fc.array(text, { maxLength: 5 }),
    status: text,
    resource: fc.constant({ cloud: 'azure' as const, id: 'x', name: 'x', type: 'x', scope: 'x' }),
    verified: fc.boolean(),
    mention: fc.boolean(),
    facts: fc.array(field, { maxLength: 40 }),
    findings: fc.array(
      fc
        .record({
          kind: text,
          verdict: fc.constantFrom('confirmed', 'likely', 'inconclusive', 'ruled-out'),
          role: fc.constantFrom('trigger', 'amplifier', 'condition'),
          summary: text,
          victims: fc.array(text, { maxLength: 8 }),
          explainsPercent: fc.integer({ min: 0, max: 100 }),
          facts: fc.array(field, { maxLength: 15 }),
          fixes: fc.array(
            fc
              .record({
                title: text,
                more: fc.record({ effect: text, snippet: fc.record({ language: text, text }) }, optional),
              })
              .map(({ more, ...rest }) => ({ ...rest, ...more })),
            { maxLength: 8 },
          ),
          more: fc.record({ caller: text }, optional),
        })
        .map(({ more, ...rest }) => ({ ...rest, ...more })),
      { maxLength: 8 },
    ),
    notes: fc.array(note, { maxLength: 40 }),
    timeline: fc.array(fc.record({ at: time, text }), { maxLength: 60 }),
    links: fc.array(link, { maxLength: 20 }),
    actions: fc.array(fc.record({ id: fc.uuid(), label: text, value: text }), { maxLength: 30 }),
    more: fc.record(
      { synthetic: fc.constantFrom('test', 'canary'), chart, impact: fc.array(field, { maxLength: 30 }) },
      optional,
    ),
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));
