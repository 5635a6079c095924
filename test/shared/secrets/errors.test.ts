import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { clean, isSecretsError, SecretsError } from '../../../shared/secrets/errors.ts';

describe('errors', () => {
  test('a cause keeps its name and status and loses what could hold a secret', () => {
    const rest = Object.assign(new Error('Error "x" occurred while parsing the response body - {"value":"hunter2"}'), {
      name: 'RestError',
      code: 'PARSE_ERROR',
      statusCode: 200,
      request: { headers: { authorization: 'Bearer hunter2' } },
      response: { bodyAsText: 'hunter2' },
    });
    const error = new SecretsError('unavailable', 'x', { cause: rest }).ofKey('K', 'prod');
    expect(isSecretsError(error)).toBe(true);
    expect(error.cause).toMatchObject({ name: 'RestError', statusCode: 200 });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2');
    expect(error.message).toContain("key 'K' (label 'prod')");
  });

  test('text from outside is one bounded line', () => {
    expect(clean(`a\u001b[31m\r\nb\u202e${'x'.repeat(500)}`)).toMatch(/^a \[31m b x{10,}…$/);
  });
});
