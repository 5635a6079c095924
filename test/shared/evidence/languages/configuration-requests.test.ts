import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeConfigurationRequests } from '../../../../shared/evidence/languages/configuration-requests.ts';
import { storeRequests } from '../../../../shared/evidence/store-requests.ts';
import { EVIDENCE_KINDS } from '../../../../shared/registry.ts';
import { AAC_HTTP_REQUEST, OLDER_AAC_HTTP_REQUEST } from '../../../kql/configuration-tables.ts';
import { execute, store } from '../../../kql/execute.ts';
import { analyze } from '../../../kql/language.ts';
import { FROM, TO, VAULT } from '../kit.ts';

const STORE = {
  ...VAULT,
  id: '/subscriptions/1/resourcegroups/rg/providers/microsoft.appconfiguration/configurationstores/shop',
  type: 'microsoft.appconfiguration/configurationstores',
};
const OBJECT = '9a1b77aa-1111-2222-3333-444444444444';

function composed(id = STORE.id) {
  return composeConfigurationRequests(EVIDENCE_KINDS, { resource: { ...STORE, id }, from: FROM, to: TO });
}

describe('the question for the log of a store', () => {
  test.each([
    ['the table as it is documented', AAC_HTTP_REQUEST],
    ['one that does not know who asked', OLDER_AAC_HTTP_REQUEST],
  ])('is a query over %s, whose columns are those of a row', (_what, table) => {
    const { statements, together } = composed();
    expect(statements.map(({ kind, window }) => [kind, window])).toEqual([['store-requests', 'incident']]);
    const { kind, problems, columns } = analyze(statements[0]?.text ?? '', [table]);
    expect({ kind, problems }).toEqual({ kind: 'Query', problems: [] });
    const { shape } = storeRequests.row as unknown as { shape: Record<string, unknown> };
    expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(shape).sort());
    expect(analyze(together ?? '', [table])).toMatchObject({ kind: 'Query', problems: [] });
  });

  test.each(['TimeGenerated', 'HitCount', 'StatusCode', 'UserAgent', 'ClientIPAddress'])(
    'is none over a table whose %s was renamed',
    (column) => {
      const columns = AAC_HTTP_REQUEST.columns.map((each) =>
        each.name === column ? { ...each, name: 'Other' } : each,
      );
      expect(analyze(composed().together ?? '', [{ ...AAC_HTTP_REQUEST, columns }]).problems).not.toEqual([]);
    },
  );

  test('holds whatever stands for a resource as data', () => {
    const nasty = fc.constantFrom('"', '\\', "'; drop", '*/', '\n', '|', '𝄞');
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { maxLength: 6 }), (parts) => {
        expect(analyze(composed(`/x/${parts.join('')}`).together ?? '', [AAC_HTTP_REQUEST]).problems).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});

describe('what comes back', () => {
  const at = (seconds: number) => new Date(Date.parse(FROM) + seconds * 1000).toISOString();
  const record = (given: Record<string, unknown>) => ({
    TimeGenerated: at(0),
    _ResourceId: STORE.id.toUpperCase(),
    ClientIPAddress: '10.0.0.1',
    UserAgent: 'azsdk-net-Data.AppConfiguration/1.4.1',
    StatusCode: 200,
    HitCount: 1,
    ...given,
  });

  function rowsFrom(table: typeof AAC_HTTP_REQUEST, records: Record<string, unknown>[]) {
    const { rows } = execute(composed().together ?? '', [store(table, records)]);
    return rows.map(([, , row]) => storeRequests.row.parse(JSON.parse(String(row))));
  }

  test('sums what each record stands for, by caller and client, most requests first', () => {
    const records = [
      record({ ClientObjectId: OBJECT.toUpperCase(), HitCount: 40 }),
      record({
        ClientObjectId: OBJECT,
        HitCount: 25,
        StatusCode: 304,
        ClientIPAddress: '10.0.0.2',
        TimeGenerated: at(60),
      }),
      record({ ClientObjectId: OBJECT, HitCount: 300, StatusCode: 429, TimeGenerated: at(120) }),
      record({ AccessKeyId: 'Key-1', HitCount: 500, StatusCode: 403 }),
      record({ ClientObjectId: OBJECT, HitCount: 7, TimeGenerated: at(-1) }),
      record({ ClientObjectId: OBJECT, HitCount: 7, _ResourceId: `${STORE.id}-2` }),
    ];
    const fromMs = Date.parse(FROM);
    const client = 'azsdk-net-Data.AppConfiguration/1.4.1';
    expect(rowsFrom(AAC_HTTP_REQUEST, records)).toEqual([
      {
        caller: 'key-1',
        client,
        requests: 500,
        served: 0,
        unchanged: 0,
        refused: 0,
        addresses: 1,
        firstMs: fromMs,
        lastMs: fromMs,
      },
      {
        ...{ caller: OBJECT, client, requests: 365, served: 65, unchanged: 25, refused: 300, addresses: 2 },
        ...{ firstMs: fromMs, lastMs: fromMs + 120_000 },
      },
    ]);
  });

  test('has nobody by name where the workspace does not know who asked', () => {
    expect(rowsFrom(OLDER_AAC_HTTP_REQUEST, [record({ HitCount: 3 })])).toMatchObject([{ caller: '', requests: 3 }]);
  });
});
