import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { createAwsCalls } from '../../../../shared/adapters/aws/calls.ts';
import { HeadroomError } from '../../../../shared/errors.ts';

test('what throws before it asks leaves nothing behind that could be late', async () => {
  const call = createAwsCalls('cloudwatch', { budgetMs: 1 });
  const late = vi.fn();
  process.once('unhandledRejection', late);
  await expect(
    call('reading metrics', () => {
      throw new HeadroomError('denied', 'not for you');
    }),
  ).rejects.toMatchObject({ kind: 'denied' });
  await once(AbortSignal.timeout(20), 'abort');
  process.off('unhandledRejection', late);
  expect(late).not.toHaveBeenCalled();
});
