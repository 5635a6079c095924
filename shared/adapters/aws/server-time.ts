import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { HeadroomError } from '../../errors.ts';
import type { AwsCall } from './calls.ts';

/**
 * What CloudWatch's clock says, epoch ms, to the second: by the head of a small answer. An answer that refuses tells the time
 * too, and a clock that is far off is the very reason to be refused.
 */
export async function serverTime({ client, call }: { client: CloudWatchClient; call: AwsCall }): Promise<number> {
  let date: string | undefined;
  const command = new DescribeAlarmsCommand({ MaxRecords: 1 });
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = dateOf(result.response) ?? date;
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const asked = call('asking for the time', (abortSignal) => client.send(command, { abortSignal }));
  const failed = await asked.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const at = Date.parse(date ?? '');
  if (!Number.isNaN(at)) return at;
  throw failed?.error ?? new HeadroomError('invalid', 'asking for the time failed: the answer has no date');
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const headers: unknown = response.headers;
  const date: unknown = typeof headers === 'object' && headers !== null && 'date' in headers ? headers.date : undefined;
  return typeof date === 'string' ? date : undefined;
}
