import { expect, test } from 'vitest';
import { explainFailure, isDamaged, nothingFound } from '../../../../shared/adapters/duckdb/failure.ts';
import { HeadroomError } from '../../../../shared/errors.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: cannot open`), { code });
}

test.each([
  ['a folder without permission', ['ENOENT', 'EACCES'], 'denied', 'Give this process permission to read logs'],
  ['an operation that is not permitted', ['EPERM'], 'denied', 'Give this process permission to read logs'],
  ['a path that does not exist', ['ENOENT'], 'not-configured', 'No log file matches logs: check the path'],
  ['a disk that fails', ['EIO'], 'unreachable', 'logs could not be read'],
  ['nothing at all', [], 'not-configured', 'No log file matches logs'],
])('%s is %j: %s', (_what, codes, why, nextStep) => {
  const failure = nothingFound(codes.map((code) => ({ path: 'logs', error: systemError(code) })));
  const explained = explainFailure(failure, ['logs'], undefined);
  expect(explained.why).toBe(why);
  expect(explained.nextStep).toContain(nextStep);
});

test('a missing package says how to install it', () => {
  const missing = new HeadroomError('configuration', 'missing', { nextStep: 'npm install x' });
  expect(explainFailure(missing, ['logs'], undefined)).toEqual({ why: 'not-configured', nextStep: 'npm install x' });
});

test('no next step holds the text of a file or a long list of paths', () => {
  const paths = Array.from({ length: 50 }, (_, index) => `folder/${'x'.repeat(100)}${index}`);
  const error = new Error('Invalid Input Error: malformed JSON "{\\"password\\":\\"hunter2\\"}"');
  const { nextStep } = explainFailure(error, paths, undefined);
  expect(nextStep).not.toContain('hunter2');
  expect(nextStep.length).toBeLessThan(400);
});

test.each([
  ['Invalid Input Error: Invalid UTF-8', true],
  ['IO Error: failed to decode gzip stream', true],
  ['Binder Error: column "x" not found', false],
])('a failure that says %j is one of damaged files: %s', (message, damaged) => {
  expect(isDamaged(new Error(message))).toBe(damaged);
  expect(isDamaged(new HeadroomError('bug', message))).toBe(false);
});
