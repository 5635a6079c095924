import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identity } from '../../../../shared/evidence/identity.ts';
import { composeSignIns } from '../../../../shared/evidence/languages/sign-ins.ts';
import { EVIDENCE_KINDS } from '../../../../shared/registry.ts';
import { execute, store } from '../../../kql/execute.ts';
import { analyze } from '../../../kql/language.ts';
import {
  BARE_SERVICE_PRINCIPAL_SIGN_INS,
  MANAGED_IDENTITY_SIGN_INS,
  SERVICE_PRINCIPAL_SIGN_INS,
} from '../../../kql/sign-in-tables.ts';
import { FROM, TO, VAULT } from '../kit.ts';

const APP = '2f56dff0-1111-2222-3333-444444444444';
const OBJECT = '9a1b77aa-1111-2222-3333-444444444444';
const KNOWN = { identities: [APP, OBJECT], resources: [] };
const REQUEST = { resource: VAULT, from: FROM, to: TO, known: KNOWN };
const BOTH = [MANAGED_IDENTITY_SIGN_INS, SERVICE_PRINCIPAL_SIGN_INS];

function composed(given: Partial<typeof REQUEST> = {}) {
  return composeSignIns(EVIDENCE_KINDS, { ...REQUEST, ...given });
}

describe('the question for sign-ins', () => {
  test('is a query over both tables, whose columns are those of a row', () => {
    for (const { text } of composed().statements) {
      const { kind, problems, columns } = analyze(text, BOTH);
      expect({ kind, problems }).toEqual({ kind: 'Query', problems: [] });
      const { shape } = identity.row as unknown as { shape: Record<string, unknown> };
      expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(shape).sort());
    }
  });

  test.each([
    ['both tables', BOTH],
    ['a table that lacks who and how', [MANAGED_IDENTITY_SIGN_INS, BARE_SERVICE_PRINCIPAL_SIGN_INS]],
  ])('is one query for all windows over %s', (_what, tables) => {
    const { kind, problems, columns } = analyze(composed().together ?? '', tables);
    expect({ kind, problems }).toEqual({ kind: 'Query', problems: [] });
    expect(columns).toEqual([
      { name: 'kind', type: 'string' },
      { name: 'window', type: 'string' },
      { name: 'row', type: 'dynamic' },
    ]);
  });

  test('is none over a table whose time was renamed', () => {
    const columns = MANAGED_IDENTITY_SIGN_INS.columns.map((each) =>
      each.name === 'TimeGenerated' ? { ...each, name: 'Time' } : each,
    );
    const tables = [{ ...MANAGED_IDENTITY_SIGN_INS, columns }, SERVICE_PRINCIPAL_SIGN_INS];
    expect(analyze(composed().together ?? '', tables).problems).not.toEqual([]);
  });

  test('is not asked where no identity is known, and of the windows that are wanted alone', () => {
    expect(composed({ known: { identities: [], resources: [] } })).toMatchObject({ statements: [] });
    expect(composed().statements.map(({ window }) => window)).toEqual([
      'incident',
      'day-before',
      'week-before',
      'hour-before',
    ]);
    const now = composeSignIns([identity], { ...REQUEST, windows: ['incident'] });
    expect(now.statements.map(({ window }) => window)).toEqual(['incident']);
  });

  test('holds whatever stands for an identity as data', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const hostile = composed({ known: { identities: [`'; drop ${text}`], resources: [] } });
        expect(analyze(hostile.statements[0]?.text ?? '', BOTH).problems).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

describe('what comes back', () => {
  const fromMs = Date.parse(FROM);
  const at = (seconds: number) => new Date(fromMs + seconds * 1000).toISOString();
  const signIn = (seconds: number, given: Record<string, string>) => ({
    TimeGenerated: at(seconds),
    ResultType: '0',
    ...given,
  });

  function rowsFrom(managed: Record<string, unknown>[], principals: Record<string, unknown>[] | null) {
    const tables = [
      store(MANAGED_IDENTITY_SIGN_INS, managed),
      ...(principals === null ? [] : [store(SERVICE_PRINCIPAL_SIGN_INS, principals)]),
    ];
    const { rows } = execute(composed().together ?? '', tables);
    return rows.map(([kind, window, row]) => ({ kind, window, ...JSON.parse(String(row)) }));
  }

  test('counts by minute, identity and outcome, from both tables, each window by itself', () => {
    const managed = [
      signIn(0, { ServicePrincipalId: OBJECT.toUpperCase() }),
      signIn(59, { ServicePrincipalId: OBJECT, ResultType: 'Success' }),
      signIn(60, { ServicePrincipalId: OBJECT, ResultType: '500011' }),
      signIn(-1, { ServicePrincipalId: OBJECT }),
      signIn(-86_400, { ServicePrincipalId: OBJECT }),
      signIn(-3_601, { ServicePrincipalId: OBJECT }),
      signIn(30, { ServicePrincipalId: 'someone-else' }),
    ];
    const principals = [signIn(0, { AppId: APP, ResultType: 'Failure' })];
    const rows = rowsFrom(managed, principals).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    const row = (window: string, minute: number, given: Record<string, unknown>) => ({
      ...{
        kind: 'identity',
        window,
        minuteMs: fromMs + minute * 60_000,
        objectId: '',
        appId: '',
        code: '0',
        signIns: 1,
      },
      ...given,
    });
    expect(rows).toEqual(
      [
        row('day-before', -1_440, { objectId: OBJECT }),
        row('hour-before', -1, { objectId: OBJECT }),
        row('incident', 0, { objectId: OBJECT, signIns: 2 }),
        row('incident', 0, { appId: APP, code: 'Failure' }),
        row('incident', 1, { objectId: OBJECT, code: '500011' }),
      ].toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    );
  });

  test('is there where a workspace holds one of the tables alone', () => {
    expect(rowsFrom([signIn(0, { ServicePrincipalId: OBJECT })], null)).toMatchObject([
      { window: 'incident', signIns: 1 },
    ]);
  });
});
